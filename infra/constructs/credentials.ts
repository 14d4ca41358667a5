import { Annotations, Stack, Validations } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { CredentialSource, Target } from '../../lambdas/contract.ts';
import type { NodeFunction } from './node-function.ts';
import { COPIES, type Kind, namesOrFolders, type Rooms } from './resource-names.ts';

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
  name.startsWith('arn:')
    ? name
    : Stack.of(fn).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });

/** What a function needs of customer-managed keys, and only by way of the service that stores. Default keys need no permission. */
function allowKeys(
  fn: NodeFunction,
  actions: string[],
  service: 'secretsmanager' | 'ssm',
  keys: readonly (string | undefined)[],
) {
  const arns = [...new Set(keys)].filter((key) => key !== undefined).sort();
  for (const via of new Set(arns.map((arn) => viaService(service, arn)))) {
    const here = arns.filter((arn) => viaService(service, arn) === via);
    fn.allow(
      actions.map((action) => `kms:${action}`),
      here,
      { StringEquals: { 'kms:ViaService': via } },
    );
  }
}

/** As KMS sees a service: `secretsmanager.eu-west-1.amazonaws.com`. A key serves its own region only. */
function viaService(service: string, key: string): string {
  const region = String(key.split(':')[3]);
  return `${service}.${region}.${RegionInfo.get(region).domainSuffix ?? 'amazonaws.com'}`;
}

/** Lets a function read credentials. */
export function grantReadCredentials(fn: NodeFunction, sources: readonly CredentialSource[], rooms: Rooms): void {
  const secrets = sources.flatMap((source) => ('secret' in source ? [source.secret] : []));
  const parameters = sources.flatMap((source) => ('ssmParameter' in source ? [source.ssmParameter] : []));
  allowOn(fn, ['secretsmanager:GetSecretValue'], named('secret', secrets, rooms));
  allowOn(fn, ['ssm:GetParameter'], named('ssm', parameters, rooms));
  const keys = (kind: 'secret' | 'ssmParameter') =>
    sources.flatMap((source) => (kind in source ? [source.kmsKey] : []));
  allowKeys(fn, ['Decrypt'], 'secretsmanager', keys('secret'));
  allowKeys(fn, ['Decrypt'], 'ssm', keys('ssmParameter'));
}

const KEEP = ['CreateSecret', 'GetSecretValue', 'PutSecretValue'].map((action) => `secretsmanager:${action}`);

/** Lets a function keep credentials in Secrets Manager: create, read and overwrite, and never delete. */
export function grantKeepCredentials(fn: NodeFunction, sources: readonly CredentialSource[], rooms: Rooms): void {
  const secrets = sources.flatMap((source) => ('secret' in source ? [source.secret] : []));
  allowOn(fn, KEEP, named('secret', secrets, rooms));
  const keys = sources.map(({ kmsKey }) => kmsKey);
  allowKeys(fn, ['Decrypt', 'GenerateDataKey'], 'secretsmanager', keys);
}

/**
 * Lets a function write tokens to the configured targets, and read them back. It may create them, and never delete.
 */
export function grantPublish(fn: NodeFunction, targets: readonly Target[], rooms: Rooms): void {
  const parameters = named('ssm', namesOf('ssm', targets), rooms, COPIES.written);
  const secrets = named('secret', namesOf('secret', targets), rooms, COPIES.written);
  const onSecrets = (actions: string[]) => actions.map((action) => `secretsmanager:${action}`);
  allowOn(fn, ['ssm:GetParameter', 'ssm:PutParameter'], parameters);
  if (parameters.names.length > 0) allowDescribingParameters(fn);
  allowOn(fn, onSecrets(['CreateSecret', 'DescribeSecret', 'GetSecretValue']), secrets);
  // Nothing is put into a secret that has not been described, so its whole ARN is there to be judged.
  const isWhole = (arn: string) => /[*?]$/.test(arn);
  allowOn(fn, onSecrets(['PutSecretValue', 'UpdateSecretVersionStage']), secrets, isWhole);
  allowKeys(fn, ['Decrypt', 'GenerateDataKey'], 'secretsmanager', keysOf('secret', targets));
  // A standard parameter is encrypted by the key itself, an advanced one by a data key.
  allowKeys(fn, ['Decrypt', 'Encrypt', 'GenerateDataKey'], 'ssm', keysOf('ssm', targets));
}

/** Lets a function read what former targets hold. */
export function grantReadTargets(fn: NodeFunction, targets: readonly Target[], rooms: Rooms): void {
  allowOn(fn, ['ssm:GetParameter'], named('ssm', namesOf('ssm', targets), rooms));
  allowOn(fn, ['secretsmanager:GetSecretValue'], named('secret', namesOf('secret', targets), rooms));
  allowKeys(fn, ['Decrypt'], 'secretsmanager', keysOf('secret', targets));
  allowKeys(fn, ['Decrypt'], 'ssm', keysOf('ssm', targets));
}

const namesOf = (kind: Kind, of: readonly Target[]) =>
  of.filter((target) => target.kind === kind).map(({ name }) => name);
const keysOf = (kind: Kind, of: readonly Target[]) =>
  of.filter((target) => target.kind === kind).map(({ kmsKey }) => kmsKey);

/** A parameter's key and tier are told by this action alone, and IAM knows no resource for it. */
export function allowDescribingParameters(fn: NodeFunction): void {
  fn.allow(['ssm:DescribeParameters'], ['*']);
  Validations.of(fn.role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'ssm:DescribeParameters takes no resource. It tells names, keys and tiers of parameters, never their values.',
  });
}

/** Three statements of this size fill a managed policy, and only whole statements can move to the next one. */
const STATEMENT = 1_900;

interface Named {
  readonly kind: Kind;
  /** Names, ARNs or folders. */
  readonly names: readonly string[];
}

const named = (kind: Kind, names: readonly string[], rooms: Rooms, copies: Rooms = COPIES.read): Named => ({
  kind,
  names: namesOrFolders(names, copies[kind], rooms[kind]),
});

/** @param wanted of a name's ARNs, which ones; default all */
function allowOn(fn: NodeFunction, actions: string[], { kind, names }: Named, wanted = (_: string) => true): void {
  if (names.length === 0) return;
  const arns = names.map((name) =>
    (kind === 'secret' ? secretArns(fn, name) : [parameterArn(fn, name)]).filter(wanted),
  );
  acknowledgeFolders(fn, arns.flat());
  let part: string[] = [];
  for (const some of arns) {
    if (part.length > 0 && length([...part, ...some]) > STATEMENT) {
      fn.allow(actions, part);
      part = [];
    }
    part.push(...some);
  }
  fn.allow(actions, part);
}

const length = (arns: readonly string[]) => arns.reduce((sum, arn) => sum + arn.length + 3, 0);

/** Folders stand in only where the names themselves are too many for a role. */
function acknowledgeFolders(fn: NodeFunction, arns: readonly string[]): void {
  for (const arn of arns.map((arn) => readable(Stack.of(fn).resolve(arn))).filter((arn) => arn.endsWith('*'))) {
    Validations.of(fn.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason: 'More names than a role has room for are configured; this is the narrowest folder that holds them.',
    });
    Annotations.of(fn).addInfoV2(
      `paddlewheel:folder:${arn}`,
      `More names are configured than a role has room for: instead of each, ${fn.node.id} is allowed everything in ${arn}`,
    );
  }
}

/** A resolved ARN as cdk-nag writes it: `arn:aws:ssm:<AWS::Region>:…`. */
export function readable(arn: string | { 'Fn::Join': [string, (string | { Ref: string })[]] }): string {
  if (typeof arn === 'string') return arn;
  const [separator, parts] = arn['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join(separator);
}
