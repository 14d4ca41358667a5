/**
 * Walks a template from every sender (alarm, rule, schedule, subscription, destination, event source) to whom it sends to, and asks IAM's
 * rules whether the role or the resource policy in between allows it. A receiver that nothing allows is one that never hears.
 */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { arnIn, type Json, PLACE, resolvedTemplate, type Template } from './resolved-template.ts';

/** One thing that is sent from here to there. */
export interface Delivery {
  /** `PaddlewheelOverdue -> sns:Publish`. */
  readonly from: string;
  readonly action: string;
  /** ARN. */
  readonly to: string;
  /** A service that speaks for itself, or a role (its logical id) that a service takes on. */
  readonly by: { readonly service: string } | { readonly role: string; readonly service: string };
  /** What the service says that it acts for. */
  readonly sourceArn: string;
}

const listOf = (value: Json): Json[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const serviceOf = (arn: string) => String(arn.split(':')[2]);

/** How each kind of receiver is reached. */
const ACTION: Readonly<Record<string, string>> = {
  sns: 'sns:Publish',
  sqs: 'sqs:SendMessage',
  lambda: 'lambda:InvokeFunction',
  events: 'events:PutEvents',
};
function actionOn(arn: string): string {
  const universal = /:aws-sdk:(\w+):(\w+)$/.exec(arn);
  if (universal) return `${universal[1]}:${universal[2]?.charAt(0).toUpperCase()}${universal[2]?.slice(1)}`;
  const action = ACTION[serviceOf(arn)];
  if (!action) throw new RangeError(`nothing is known here about sending to ${arn}`);
  return action;
}

/** What Lambda's poller needs of a source, in the function's name. */
const POLLING: Readonly<Record<string, readonly string[]>> = {
  sqs: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  dynamodb: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
};

type Walk = (template: Template, id: string, properties: Json) => readonly Delivery[];

const WALKS: Readonly<Record<string, Walk>> = {
  'AWS::CloudWatch::Alarm': (template, id, p) =>
    ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((key) =>
      listOf(p[key]).map((to) => direct(template, id, to, 'cloudwatch.amazonaws.com')),
    ),
  'AWS::Events::Rule': (template, id, p) =>
    listOf(p.Targets).flatMap(({ Arn, RoleArn, DeadLetterConfig }) => [
      RoleArn
        ? byRole(template, id, Arn, RoleArn, 'events.amazonaws.com')
        : direct(template, id, Arn, 'events.amazonaws.com'),
      ...listOf(DeadLetterConfig?.Arn).map((to) => direct(template, id, to, 'events.amazonaws.com')),
    ]),
  'AWS::Scheduler::Schedule': (template, id, { Target: { Arn, RoleArn, DeadLetterConfig, Input } }) => [
    { ...byRole(template, id, Arn, RoleArn, 'scheduler.amazonaws.com'), to: universalResource(Input) ?? Arn },
    ...listOf(DeadLetterConfig?.Arn).map((to) => byRole(template, id, to, RoleArn, 'scheduler.amazonaws.com')),
  ],
  'AWS::SNS::Subscription': (template, id, { Protocol, Endpoint, TopicArn }) =>
    ['lambda', 'sqs'].includes(Protocol)
      ? [{ ...direct(template, id, Endpoint, 'sns.amazonaws.com'), sourceArn: TopicArn }]
      : [],
  'AWS::Lambda::EventInvokeConfig': (template, id, p) =>
    [p.DestinationConfig?.OnFailure, p.DestinationConfig?.OnSuccess].flatMap((destination) =>
      listOf(destination?.Destination).map((to) => byFunction(template, id, to, p.FunctionName, actionOn(to))),
    ),
  'AWS::Lambda::EventSourceMapping': (template, id, p) => [
    ...(POLLING[serviceOf(p.EventSourceArn)] ?? []).map((action) =>
      byFunction(template, id, p.EventSourceArn, p.FunctionName, action),
    ),
    ...listOf(p.DestinationConfig?.OnFailure?.Destination).map((to) =>
      byFunction(template, id, to, p.FunctionName, actionOn(to)),
    ),
  ],
  'AWS::Lambda::Function': (template, id, p) =>
    listOf(p.DeadLetterConfig?.TargetArn).map((to) => byFunction(template, id, to, p.FunctionName, actionOn(to))),
  'AWS::ApiGatewayV2::Integration': (template, id, { IntegrationUri, ApiId }) => [
    {
      ...direct(template, id, IntegrationUri, 'apigateway.amazonaws.com'),
      // An API has one route here.
      sourceArn: `arn:aws:execute-api:${PLACE.region}:${PLACE.account}:${ApiId}/$default/${routeOf(template, ApiId)}`,
    },
  ],
};

/** `POST/webhooks/paddle/{account}` */
const routeOf = ({ Resources }: Template, apiId: string): string =>
  Object.values(Resources)
    .find(({ Type, Properties: p }) => Type === 'AWS::ApiGatewayV2::Route' && p.ApiId === apiId)
    ?.Properties.RouteKey.replace(' ', '');

const direct = (template: Template, id: string, to: string, service: string): Delivery => ({
  ...{ from: `${id} -> ${actionOn(to)}`, action: actionOn(to), to, by: { service } },
  sourceArn: arnIn(template, id),
});

const roleNamed = (template: Template, arn: string): string => {
  const role = Object.keys(template.Resources).find(
    (id) => template.Resources[id].Type === 'AWS::IAM::Role' && arnIn(template, id) === arn,
  );
  if (!role) throw new RangeError(`the template has no role ${arn}`);
  return role;
};

const byRole = (template: Template, id: string, to: string, roleArn: string, service: string): Delivery => ({
  ...direct(template, id, to, service),
  by: { role: roleNamed(template, roleArn), service },
});

function byFunction(template: Template, id: string, to: string, functionName: string, action: string): Delivery {
  const fn = Object.values(template.Resources).find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.FunctionName === functionName,
  );
  const by = { role: roleNamed(template, fn?.Properties.Role), service: 'lambda.amazonaws.com' };
  return { from: `${id} -> ${action}`, action, to, by, sourceArn: arnIn(template, id) };
}

/** The scheduler's own calls name their resource in the input. */
function universalResource(input: string | undefined): string | undefined {
  return input?.startsWith('{') ? JSON.parse(input).TableArn : undefined;
}

/** Everything that the template sends from one resource to another. */
export function deliveriesOf(template: Template): readonly Delivery[] {
  const resolved = resolvedTemplate(template);
  return Object.entries(resolved.Resources).flatMap(([id, { Type, Properties }]) =>
    (WALKS[Type]?.(resolved, id, Properties) ?? []).map((delivery) => delivery),
  );
}

/** Deliveries that nothing allows, or that something forbids: `<from> on <to>`. */
export async function undeliverable(template: Template): Promise<string[]> {
  const resolved = resolvedTemplate(template);
  const refused = await Promise.all(
    deliveriesOf(template).map(async (delivery) =>
      (await isAllowed(resolved, delivery)) ? [] : [`${delivery.from} on ${delivery.to}`],
    ),
  );
  return refused.flat();
}

async function isAllowed(template: Template, { action, to, by, sourceArn }: Delivery): Promise<boolean> {
  const context = { 'aws:SourceAccount': PLACE.account, 'aws:SourceArn': sourceArn, 'aws:SecureTransport': 'true' };
  const resourcePolicy = resourcePolicyOf(template, to);
  if (!('role' in by)) return simulated(by.service, action, to, context, [], resourcePolicy ?? defaultPolicy(to));
  const role = template.Resources[by.role].Properties;
  const arn = arnIn(template, by.role);
  const trusts = await simulated(by.service, 'sts:AssumeRole', arn, context, [], role.AssumeRolePolicyDocument);
  return (
    trusts &&
    simulated(arn, action, to, { 'aws:SecureTransport': 'true' }, policiesOf(template, by.role), resourcePolicy)
  );
}

const policiesOf = ({ Resources }: Template, role: string): Json[] =>
  Object.values(Resources)
    .filter(({ Type, Properties }) => /::(?:Managed)?Policy$/.test(Type) && Properties.Roles?.includes(role))
    .map(({ Properties }) => Properties.PolicyDocument);

/** The statements of all policies that are attached to the receiver; `undefined` when there is none. */
function resourcePolicyOf({ Resources }: Template, to: string): Json | undefined {
  const all = Object.values(Resources);
  const attached = all.filter(
    ({ Type, Properties: p }) =>
      (Type === 'AWS::SNS::TopicPolicy' && p.Topics.includes(to)) ||
      (Type === 'AWS::SQS::QueuePolicy' && p.Queues.some((queue: string) => to.endsWith(`:${queue}`))),
  );
  const statements = attached.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const permissions = all.filter(
    ({ Type, Properties: p }) => Type === 'AWS::Lambda::Permission' && p.FunctionName === to,
  );
  statements.push(
    ...permissions.map(({ Properties: p }) => ({
      ...{ Effect: 'Allow', Principal: { Service: p.Principal }, Action: p.Action, Resource: to },
      Condition: {
        ...(p.SourceArn ? { ArnLike: { 'aws:SourceArn': p.SourceArn } } : {}),
        ...(p.SourceAccount ? { StringEquals: { 'aws:SourceAccount': p.SourceAccount } } : {}),
      },
    })),
  );
  return statements.length > 0 ? { Version: '2012-10-17', Statement: statements } : undefined;
}

/** A topic without a policy of its own takes whatever its own account sends; nothing else does. */
const defaultPolicy = (to: string): Json | undefined =>
  serviceOf(to) === 'sns'
    ? { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: to }] }
    : undefined;

async function simulated(
  principal: string,
  action: string,
  resource: string,
  contextVariables: Record<string, string>,
  policies: readonly Json[],
  resourcePolicy: Json | undefined,
): Promise<boolean> {
  const request = { principal, action, resource: { resource, accountId: PLACE.account }, contextVariables };
  const identityPolicies = policies.map((policy, index) => ({ name: `policy-${index}`, policy }));
  const answer = await runSimulation(
    { request, identityPolicies, serviceControlPolicies: [], resourceControlPolicies: [], resourcePolicy },
    {},
  );
  if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${answer.errors.message}`);
  return answer.overallResult === 'Allowed';
}
