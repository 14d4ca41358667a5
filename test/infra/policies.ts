/** Reads what a role may do out of a template, in words: `dynamodb:PutItem on AuditTrail`. */
import { ofType, type Resource, type Resources } from './synth.ts';

interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: intrinsic functions of a template
type Value = any;

const listOf = (value: Value): Value[] => (Array.isArray(value) ? value : [value]);

const nameOf = (id: string, { Type, Properties: p }: Resource): string =>
  /^Paddlewheel(Ledger|AuditTrail)Table/.exec(id)?.[1] ??
  p.TableName ??
  p.QueueName ??
  p.FunctionName ??
  p.LogGroupName ??
  p.Name ??
  Type;

/** Resources are called by their names; ARNs lose what is the same everywhere. */
function words(resources: Resources, value: Value): string {
  if (typeof value === 'string') return value.replace(/^arn:aws:([a-z]+):[^:]*:[^:]*:/, '$1:');
  if (value['Fn::Join']) return value['Fn::Join'][1].map((part: Value) => words(resources, part)).join('');
  const [id, attribute] = value['Fn::GetAtt'];
  const resource = resources[id];
  if (!resource) throw new Error(`the template has no ${id}`);
  return attribute === 'Arn' ? nameOf(id, resource) : `${nameOf(id, resource)} ${attribute}`;
}

/** Every statement of the function's role. */
export function statementsOf(resources: Resources, functionName: string): Statement[] {
  const fn = ofType(resources, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.FunctionName === functionName,
  );
  const role = fn?.Properties.Role['Fn::GetAtt'][0];
  const attached = Object.values(resources).filter(
    ({ Type, Properties }) =>
      (Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy') &&
      Properties.Roles?.some(({ Ref }: Value) => Ref === role),
  );
  return attached.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.map((statement: Value) => ({
      actions: listOf(statement.Action),
      resources: listOf(statement.Resource).map((resource) => words(resources, resource)),
      condition: statement.Condition,
    })),
  );
}

/** Sorted, one line per action and resource. */
export const permissionsOf = (resources: Resources, functionName: string): string[] =>
  statementsOf(resources, functionName)
    .flatMap(({ actions, resources: on }) =>
      actions.flatMap((action) => on.map((resource) => `${action} on ${resource}`)),
    )
    .sort();
