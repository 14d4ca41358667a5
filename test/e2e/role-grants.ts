/** What the roles of a deployed template allow, one grant each, and what calls make of it. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { LOCAL_ACCOUNT } from '../../local/aws.ts';
import { physicalName, type Template } from '../../local/complete.ts';
import type { Deployed } from '../../local/deploy.ts';
import type { Json } from './aws-calls.ts';
import type { RecordedCall } from './recording-proxy.ts';

/** One action on one resource, under the condition of its statement. */
export interface Grant {
  readonly caller: string;
  readonly action: string;
  /** An ARN, perhaps with wildcards. */
  readonly resource: string;
  readonly condition?: Json;
}

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

/** Every grant of every function of the template. */
export function grantsOf({ template, outputs }: Pick<Deployed, 'template' | 'outputs'>, region: string): Grant[] {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return functions.flatMap(({ Properties }: Json) => {
    const role = Properties.Role['Fn::GetAtt'][0];
    return statementsOf(template, role).flatMap((statement: Json) => {
      if (statement.Effect !== 'Allow') throw new RangeError('a statement that denies is not known here');
      return listOf(statement.Action).flatMap((action: string) =>
        listOf(statement.Resource).map((resource) => ({
          caller: Properties.FunctionName,
          action,
          resource: resolved({ template, outputs }, resource, region),
          condition: statement.Condition,
        })),
      );
    });
  });
}

const statementsOf = (template: Template, role: string): Json[] =>
  Object.values(template.Resources).flatMap(({ Type, Properties }: Json) => {
    const attached = Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy';
    if (!attached || !Properties.Roles?.some(({ Ref }: Json) => Ref === role)) return [];
    return Properties.PolicyDocument.Statement;
  });

/** The ARN that CloudFormation makes of it. @throws RangeError for what is not known here */
function resolved(deployed: Pick<Deployed, 'template' | 'outputs'>, value: Json, region: string): string {
  const { template } = deployed;
  const again = (part: Json) => resolved(deployed, part, region);
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(again).join(value['Fn::Join'][0]);
  const pseudo = { 'AWS::Partition': 'aws', 'AWS::Region': region, 'AWS::AccountId': LOCAL_ACCOUNT }[
    value.Ref as string
  ];
  if (pseudo !== undefined) return pseudo;
  const [id, attribute] = value['Fn::GetAtt'] ?? [];
  const { Type, Properties: p = {} }: Json = template.Resources[id] ?? {};
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${LOCAL_ACCOUNT}:${rest}`;
  const tables = Type === 'AWS::DynamoDB::GlobalTable' ? arn('dynamodb', `table/${physicalName(id, deployed)}`) : '';
  const known: Record<string, string> = {
    'AWS::DynamoDB::GlobalTable Arn': tables,
    // Its last part is the moment in which it was made.
    'AWS::DynamoDB::GlobalTable StreamArn': `${tables}/stream/latest`,
    'AWS::SQS::Queue Arn': arn('sqs', p.QueueName),
    'AWS::Lambda::Function Arn': arn('lambda', `function:${p.FunctionName}`),
    'AWS::Events::EventBus Arn': arn('events', `event-bus/${p.Name}`),
    'AWS::Logs::LogGroup Arn': arn('logs', `log-group:${p.LogGroupName}:*`),
  };
  const found = known[`${Type} ${attribute}`];
  if (found === undefined) throw new RangeError(`cannot resolve ${JSON.stringify(value)}`);
  return found;
}

/** What was judged before: the same grants and the same call are judged the same. */
const judged = new Map<string, Promise<boolean>>();

function allows(grants: readonly Grant[], call: RecordedCall): Promise<boolean> {
  const { status: _, ...asked } = call;
  const key = JSON.stringify([grants, asked]);
  const verdict = judged.get(key) ?? judge(grants, call);
  judged.set(key, verdict);
  return verdict;
}

/** As IAM judges it: does any of these grants allow the call? @throws Error when the call is none that AWS knows */
async function judge(grants: readonly Grant[], call: RecordedCall): Promise<boolean> {
  const statements = grants.map(({ action, resource, condition }) => ({
    Effect: 'Allow',
    Action: action,
    Resource: resource,
    ...(condition && { Condition: condition }),
  }));
  const { action, resource, context } = call;
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${call.caller}`,
        action,
        resource: { resource, accountId: LOCAL_ACCOUNT },
        contextVariables: { ...context },
      },
      identityPolicies: [{ name: call.caller, policy: { Version: '2012-10-17', Statement: statements } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${answer.errors.message}`);
  return answer.overallResult === 'Allowed';
}

/** The same permission many times over says no more than once. */
function distinct(calls: readonly RecordedCall[]): RecordedCall[] {
  const key = ({ status: _, ...call }: RecordedCall) => JSON.stringify(call);
  return [...new Map(calls.map((call) => [key(call), call])).values()];
}

export const describe = ({ caller, action, resource }: { caller: string; action: string; resource: string }) =>
  `${caller}: ${action} on ${resource}`;

/** Calls that their function's role does not allow. */
export async function deniedCalls(grants: readonly Grant[], calls: readonly RecordedCall[]): Promise<string[]> {
  const denied = [];
  for (const call of distinct(calls)) {
    const own = grants.filter(({ caller, action }) => caller === call.caller && action === call.action);
    if (own.length === 0 || !(await allows(own, call))) denied.push(describe(call));
  }
  return [...new Set(denied)].sort();
}

/** Grants that no call needed. */
export async function unusedGrants(grants: readonly Grant[], calls: readonly RecordedCall[]): Promise<Grant[]> {
  const unused = [];
  const different = distinct(calls);
  for (const grant of grants) {
    const candidates = different.filter(({ caller, action }) => caller === grant.caller && action === grant.action);
    let used = false;
    for (const call of candidates) used ||= await allows([grant], call);
    if (!used) unused.push(grant);
  }
  return unused;
}
