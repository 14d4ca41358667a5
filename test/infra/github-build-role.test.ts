/** Whose workflow runs may use the role: both shapes in which GitHub signs who asks. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { GitHubBuildRole, type GitHubBuildRoleProps, subjectsOf } from '../../infra/constructs/github-build-role.ts';

const ISSUER = 'token.actions.githubusercontent.com';

/** The trust policy, read as IAM reads it. */
function trusts(props: GitHubBuildRoleProps) {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Shop', {
    env: { account: '123456789012', region: 'eu-west-1' },
  });
  new GitHubBuildRole(stack, 'Builder', props);
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  const [statement, ...others] = role?.Properties.AssumeRolePolicyDocument.Statement ?? [];
  expect(others).toEqual([]);
  expect(statement).toMatchObject({ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' });
  expect(stack.resolve(statement.Principal.Federated)['Fn::Join'][1].join('')).toContain(
    `:iam::123456789012:oidc-provider/${ISSUER}`,
  );
  const { StringEquals, StringLike, ...none } = statement.Condition;
  expect(none).toEqual({});
  expect(StringEquals).toEqual({ [`${ISSUER}:aud`]: 'sts.amazonaws.com' });
  const patterns: string[] = [StringLike[`${ISSUER}:sub`]].flat();
  const like = (pattern: string) =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
  return (subject: string) => patterns.some((pattern) => like(pattern).test(subject));
}

const NAMED = { repository: 'octocat/my-repo' };
const NUMBERED = { repository: 'octocat@123456/my-repo@456789' };
const [OLD, NEW] = ['repo:octocat/my-repo', 'repo:octocat@123456/my-repo@456789'];
const MAIN = 'ref:refs/heads/main';

test.each<[string, GitHubBuildRoleProps, string, boolean]>([
  ['an older repository', NAMED, `${OLD}:${MAIN}`, true],
  ['a newer repository, whose numbers are not known', NAMED, `${NEW}:${MAIN}`, true],
  ['an older repository, whose numbers are known', NUMBERED, `${OLD}:${MAIN}`, true],
  ['a newer repository, whose numbers are known', NUMBERED, `${NEW}:${MAIN}`, true],
  ['another branch', NAMED, `${NEW}:ref:refs/heads/feature`, false],
  ['a branch whose name goes on', NAMED, `${OLD}:ref:refs/heads/main-2`, false],
  ['a tag of the name', NAMED, `${OLD}:ref:refs/tags/main`, false],
  ['a pull request', NAMED, `${OLD}:pull_request`, false],
  ['a pull request of a newer repository', NAMED, `${NEW}:pull_request`, false],
  ['another repository of the owner', NAMED, `repo:octocat/other:${MAIN}`, false],
  ['a repository whose name goes on', NAMED, `repo:octocat/my-repo-2:${MAIN}`, false],
  ['a newer repository whose name goes on', NAMED, `repo:octocat@1/my-repo-2@2:${MAIN}`, false],
  ['an owner whose name goes on', NAMED, `repo:octocat2@1/my-repo@2:${MAIN}`, false],
  ['whoever has the name now', NUMBERED, `repo:octocat@999/my-repo@456789:${MAIN}`, false],
  ['a repository made anew under the name', NUMBERED, `repo:octocat@123456/my-repo@999:${MAIN}`, false],
  ['a job in the environment', { ...NAMED, environment: 'production' }, `${NEW}:environment:production`, true],
  ['a job outside the environment', { ...NAMED, environment: 'production' }, `${NEW}:${MAIN}`, false],
  ['the branch that is named', { ...NAMED, branch: 'release/1.x' }, `${OLD}:ref:refs/heads/release/1.x`, true],
])('%s', (_, props, subject, trusted) => {
  expect(trusts(props)(subject)).toBe(trusted);
});

test.each<[string, GitHubBuildRoleProps]>([
  ['everything', { repository: '*' }],
  ['every repository of an owner', { repository: 'octocat/*' }],
  ['no owner', { repository: '/my-repo' }],
  ['an address', { repository: 'https://github.com/octocat/my-repo' }],
  ['one number of two', { repository: 'octocat@1/my-repo' }],
  ['every branch', { ...NAMED, branch: '*' }],
  ['no branch', { ...NAMED, branch: '' }],
  ['a branch that would end the subject', { ...NAMED, branch: 'main:x' }],
  ['a variable of IAM', { ...NAMED, environment: '$' + '{aws:username}' }],
])('refuses %s', (_, props) => {
  expect(() => subjectsOf(props)).toThrow(RangeError);
});
