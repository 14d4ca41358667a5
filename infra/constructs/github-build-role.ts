import { Stack } from 'aws-cdk-lib';
import { Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

const ISSUER = 'token.actions.githubusercontent.com';

export interface GitHubBuildRoleProps {
  /**
   * `owner/name`, or with the numbers that GitHub has for both, `owner@123456/name@456789`: a role that knows them trusts this
   * very repository, and none that takes over its name later.
   */
  readonly repository: string;
  /** Whose workflow runs may use the role: those of this branch. Default `main`. */
  readonly branch?: string;
  /** Whose workflow runs may use the role instead: those of jobs that run in this environment of GitHub. */
  readonly environment?: string;
}

const PART = String.raw`([A-Za-z0-9_.-]{1,100})(?:@(\d{1,20}))?`;
const REPOSITORY = new RegExp(`^${PART}/${PART}$`);
/** What git and GitHub allow, less what IAM would take for a wildcard or a variable. */
const NAME = /^[^\s:*?$\\~^[\]]{1,255}$/;

/**
 * GitHub signs two shapes of the subject: repositories made since July 2026, and those that asked for it, have the numbers of
 * owner and repository in it; older ones have not. Without the numbers at hand, any will do.
 * @throws RangeError for what is not a repository, a branch or an environment
 * @internal
 */
export function subjectsOf({ repository, branch = 'main', environment }: GitHubBuildRoleProps): readonly string[] {
  const [, owner, ownerId, name, id] = REPOSITORY.exec(repository) ?? [];
  if (!owner || !name) throw new RangeError(`"${repository}" is not a repository: owner/name, or owner@123/name@456`);
  if ((ownerId === undefined) !== (id === undefined))
    throw new RangeError(
      `"${repository}" has one number of two: give those of the owner and of the repository, or none`,
    );
  const what = environment ?? branch;
  if (!NAME.test(what))
    throw new RangeError(`"${what}" is not the name of ${environment ? 'an environment' : 'a branch'}`);
  const run = environment === undefined ? `ref:refs/heads/${branch}` : `environment:${environment}`;
  return [`repo:${owner}/${name}:${run}`, `repo:${owner}@${ownerId ?? '*'}/${name}@${id ?? '*'}:${run}`];
}

/**
 * For a GitHub workflow that builds with the current token and reports: `paddlewheel.grantReport(role)`. The account must have
 * GitHub's OIDC provider already, of which there can be only one.
 */
export class GitHubBuildRole extends Role {
  constructor(scope: Construct, id: string, props: GitHubBuildRoleProps) {
    const provider = Stack.of(scope).formatArn({
      ...{ service: 'iam', region: '', resource: 'oidc-provider', resourceName: ISSUER },
    });
    super(scope, id, {
      description: `For the builds of ${props.repository}`,
      assumedBy: new WebIdentityPrincipal(provider, {
        StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${ISSUER}:sub`]: subjectsOf(props) },
      }),
    });
  }
}
