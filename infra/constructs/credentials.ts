import { Stack, Validations } from 'aws-cdk-lib';
import type { CredentialSource, Target } from '../../lambdas/contract.ts';
import type { NodeFunction } from './node-function.ts';
import { namesOrFolders } from './resource-names.ts';

/**
 * ARNs of a secret that may not exist yet. AWS adds a hyphen and six characters of its own to the name; question marks
 * match just those, where `*` would also match other secrets with longer names. While there is no such secret, AWS
 * judges a call by the bare name: without it, the answer were "access denied" instead of "not found".
 */
function secretArns(fn: NodeFunction, name: string): string[] {
  if (name.startsWith('arn:')) return [name];
  const ids = name.endsWith('*') ? [name] : [name, `${name}-??????`];
  return ids.map((id) => Stack.of(fn).formatArn({ service: 'secretsmanager', resource: `secret:${id}` }));
}

const parameterArn = (fn: NodeFunction, name: string): string =>
  Stack.of(fn).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });

/**
 * Lets a function read credentials. Secrets and SecureStrings under the account's default keys need no KMS permission;
 * for a key of your own, allow the function's role in that key's policy.
 */
export function grantReadCredentials(fn: NodeFunction, sources: readonly CredentialSource[]): void {
  const secrets = sources.flatMap((source) => ('secret' in source ? secretArns(fn, source.secret) : []));
  const parameters = sources.flatMap((source) =>
    'ssmParameter' in source ? [parameterArn(fn, source.ssmParameter)] : [],
  );
  allowInParts(fn, ['secretsmanager:GetSecretValue'], secrets);
  allowInParts(fn, ['ssm:GetParameter'], parameters);
}

/** A policy takes 6,144 characters, and only whole statements can move to the next one. */
function allowInParts(fn: NodeFunction, actions: string[], arns: readonly string[]): void {
  for (let start = 0; start < arns.length; start += 20) fn.allow(actions, arns.slice(start, start + 20));
}

/** Lets a function keep credentials in Secrets Manager: create, read and overwrite, and never delete. */
export function grantKeepCredentials(fn: NodeFunction, sources: readonly CredentialSource[]): void {
  const secrets = sources.flatMap((source) => ('secret' in source ? secretArns(fn, source.secret) : []));
  const actions = ['CreateSecret', 'GetSecretValue', 'PutSecretValue'];
  allowInParts(
    fn,
    actions.map((action) => `secretsmanager:${action}`),
    secrets,
  );
}

/**
 * Lets a function write tokens to the configured targets, and read them back. It may create them, and never delete. Former
 * targets it may only read.
 */
export function grantPublish(fn: NodeFunction, targets: readonly Target[], former: readonly Target[]): void {
  const [written, read] = [arnsOf(fn, targets), arnsOf(fn, former, FORMER_ROOM)];
  acknowledgeFolders(fn, [...written.parameters, ...written.secrets, ...read.parameters, ...read.secrets]);
  if (written.parameters.length > 0) {
    fn.allow(['ssm:GetParameter', 'ssm:PutParameter'], written.parameters);
    // A parameter's key and tier are told by this action alone, and IAM knows no resource for it.
    fn.allow(['ssm:DescribeParameters'], ['*']);
    Validations.of(fn.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'ssm:DescribeParameters takes no resource. It tells names, keys and tiers of parameters, never their values.',
    });
  }
  allowInParts(fn, ['ssm:GetParameter'], read.parameters);
  allowInParts(fn, ['secretsmanager:GetSecretValue'], read.secrets);
  if (written.secrets.length === 0) return;
  const onSecrets = (actions: string[]) => actions.map((action) => `secretsmanager:${action}`);
  fn.allow(onSecrets(['CreateSecret', 'DescribeSecret', 'GetSecretValue']), written.secrets);
  // Nothing is put into a secret that has not been described, so its whole ARN is there to be judged.
  const existing = written.secrets.filter((secret) => /[*?]$/.test(secret));
  fn.allow(onSecrets(['PutSecretValue', 'UpdateSecretVersionStage']), existing);
}

/** Former targets are few: this room is theirs in a policy, besides that of the others. */
const FORMER_ROOM = 700;

function arnsOf(fn: NodeFunction, targets: readonly Target[], room?: number) {
  const named = (kind: Target['kind']) =>
    namesOrFolders(
      targets.filter((target) => target.kind === kind).map(({ name }) => name),
      kind === 'secret' ? 2 : 1,
      room,
    );
  return {
    parameters: named('ssm').map((name) => parameterArn(fn, name)),
    secrets: named('secret').flatMap((name) => secretArns(fn, name)),
  };
}

/** Folders stand in only where the names themselves are too many for a role. */
function acknowledgeFolders(fn: NodeFunction, arns: readonly string[]): void {
  for (const arn of arns.map((arn) => readable(Stack.of(fn).resolve(arn))).filter((arn) => arn.endsWith('*'))) {
    Validations.of(fn.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason: 'More targets than a policy has room for are configured; this is the narrowest folder that holds them.',
    });
  }
}

/** A resolved ARN as cdk-nag writes it: `arn:aws:ssm:<AWS::Region>:…`. */
function readable(arn: string | { 'Fn::Join': [string, (string | { Ref: string })[]] }): string {
  if (typeof arn === 'string') return arn;
  const [separator, parts] = arn['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join(separator);
}
