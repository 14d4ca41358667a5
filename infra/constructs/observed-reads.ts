import { Stack } from 'aws-cdk-lib';
import { CfnRule, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Target } from '../../lambdas/contract.ts';
import { ENV } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { NodeFunction } from './node-function.ts';
import { namesOrFolders } from './resource-names.ts';

export interface ObservedReadsProps {
  readonly usage: NodeFunction;
  /** The one function that reads the targets itself. */
  readonly rotate: NodeFunction;
  readonly targets: readonly Target[];
  readonly failures: IQueue;
}

/** A pattern may have 2,048 characters; this leaves room for the role's ARN and the rest. */
const PATTERN_ROOM = 1_500;
/** Above it, folders stand for the names; the function knows the names exactly. 20 rules of each kind at most. */
export const PATTERNS_ROOM = 10_000;

/**
 * Tells `usage` who reads a target, without any change to a build. CloudTrail delivers management events to the default
 * bus only where a trail logs them, and reads only to rules in this very state.
 */
export class ObservedReads extends Construct {
  constructor(scope: Construct, id: string, { usage, rotate, targets, failures }: ObservedReadsProps) {
    super(scope, id);
    usage.env(ENV.ownRoles, rotate.role.roleArn);
    this.#allowRules(usage, failures);
    const sources = {
      ssm: (names: readonly string[]) => ({
        source: ['aws.ssm'],
        detail: {
          eventSource: ['ssm.amazonaws.com'],
          eventName: ['GetParameter', 'GetParameters', 'GetParametersByPath'],
          $or: [
            { requestParameters: { name: names.flatMap(parameter) } },
            { requestParameters: { names: names.flatMap(parameter) } },
            // No list may be empty: names without a folder cannot be asked for by one.
            ...foldersOf(names)
              .slice(0, 1)
              .map(() => ({ requestParameters: { path: foldersOf(names) } })),
          ],
        },
      }),
      secret: (names: readonly string[]) => ({
        source: ['aws.secretsmanager'],
        detail: {
          eventSource: ['secretsmanager.amazonaws.com'],
          eventName: ['GetSecretValue', 'BatchGetSecretValue'],
          $or: [
            { requestParameters: { secretId: names.flatMap(secret) } },
            { requestParameters: { secretIdList: names.flatMap(secret) } },
          ],
        },
      }),
    };
    for (const kind of ['ssm', 'secret'] as const) {
      const names = targets.filter((target) => target.kind === kind).map(({ name }) => name);
      if (names.length === 0) continue;
      const detailOf = sources[kind];
      for (const [index, some] of inGroups(namesOrFolders(names, 1, PATTERNS_ROOM), detailOf).entries()) {
        const { source, detail } = detailOf(some);
        const rule = new Rule(this, `${kind === 'ssm' ? 'Parameters' : 'Secrets'}${index}`, {
          ruleName: namesOf(this).readsRule(`${kind}-${index}`),
          description: 'Who reads a published client-side token',
          eventPattern: {
            source,
            detailType: ['AWS API Call via CloudTrail'],
            detail: { ...detail, userIdentity: notOurs(rotate) },
          },
          targets: [{ bind: () => ({ arn: usage.lambda.functionArn, deadLetterConfig: { arn: failures.queueArn } }) }],
        });
        // "ENABLED" leaves out exactly the events whose names begin with Get.
        if (rule.node.defaultChild instanceof CfnRule)
          rule.node.defaultChild.state = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
      }
    }
  }

  /** One statement for all rules: a queue's policy takes 20, and a function's 20 KB. */
  #allowRules(usage: NodeFunction, failures: IQueue): void {
    const { account } = Stack.of(this);
    const rules = Stack.of(this).formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: namesOf(this).readsRule('*'),
    });
    const events = new ServicePrincipal('events.amazonaws.com');
    usage.lambda.addPermission('Rules', { principal: events, sourceArn: rules, sourceAccount: account });
    failures.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Rules',
        principals: [events],
        actions: ['sqs:SendMessage'],
        resources: [failures.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': rules } },
      }),
    );
  }
}

/** As many names together as a pattern has room for. */
function inGroups(names: readonly string[], patternOf: (names: readonly string[]) => object): readonly string[][] {
  const size = (some: readonly string[]) => JSON.stringify(patternOf(some)).length;
  const groups: string[][] = [];
  for (const name of names) {
    if (size([name]) > PATTERN_ROOM)
      throw new RangeError(`usageFromCloudTrail: the name ${name} is too long for a pattern of EventBridge`);
    const last = groups.at(-1);
    if (last && size([...last, name]) <= PATTERN_ROOM) last.push(name);
    else groups.push([name]);
  }
  return groups;
}

/** An IAM user has no session at all. */
const notOurs = ({ role }: NodeFunction) => ({
  sessionContext: { sessionIssuer: { arn: [{ 'anything-but': [role.roleArn] }, { exists: false }] } },
});

const isFolder = (name: string) => name.endsWith('/*');

/** The name or its ARN, without and with a version; or anything in the folder. */
const parameter = (name: string): object[] =>
  isFolder(name) ? [{ wildcard: `*${name}` }] : [{ suffix: name }, { wildcard: `*${name}:*` }];

/** The name, or its ARN with the six characters that AWS adds. */
const secret = (name: string): object[] =>
  isFolder(name)
    ? [{ prefix: name.slice(0, -1) }, { wildcard: `*:secret:${name}` }]
    : [{ suffix: name }, { wildcard: `*:secret:${name}-*` }];

/** Every folder that a name lies in, as `GetParametersByPath` may be asked for it. */
function foldersOf(names: readonly string[]): (string | object)[] {
  const folders = names
    .filter((name) => name.startsWith('/'))
    .flatMap((name) => {
      const levels = name.split('/').slice(1, -1);
      return ['/', ...levels.map((_, depth) => `/${levels.slice(0, depth + 1).join('/')}`)];
    });
  const exact = [...new Set(folders)].flatMap((folder) => (folder === '/' ? [folder] : [folder, `${folder}/`]));
  return [...exact, ...names.filter(isFolder).map((name) => ({ prefix: name.slice(0, -1) }))];
}
