/** AWS's documented limits, held against a template: what goes beyond, a sentence each. Sizes are those of resolved values. */
import { type Json, resolvedTemplate, type Template } from './resolved-template.ts';

/** https://docs.aws.amazon.com/…: AWSCloudFormation cloudformation-limits, IAM reference_iam-quotas, Lambda gettingstarted-limits, SQS
 * quotas-policies, SNS quotas, eventbridge-quota, EventBridge Scheduler scheduler-quotas, CloudWatch cloudwatch_limits. */
const LIMITS = {
  resources: 500,
  outputs: 200,
  parameters: 200,
  templateBytes: 1_000_000,
  inlinePolicy: 10_240,
  managedPolicy: 6_144,
  managedPoliciesPerRole: 10,
  trustPolicy: 2_048,
  queuePolicyBytes: 8_192,
  queuePolicyStatements: 20,
  topicPolicyBytes: 30_720,
  functionPolicyBytes: 20_480,
  environmentBytes: 4_096,
  patternChars: 2_048,
  rulesPerBus: 300,
  targetsPerRule: 5,
  scheduleInputBytes: 262_144,
  parameterBytes: 4_096,
  alarmDescription: 1_024,
  /** One asynchronous invocation of 1 MB holds old and new properties. */
  customResourceBytes: 450_000,
} as const;

/** As IAM counts: without white space. */
const size = (value: unknown): number => JSON.stringify(value ?? {}).replace(/\s/g, '').length;
const count = (value: Json): number => (value === undefined ? 0 : Array.isArray(value) ? value.length : 1);

export function beyondLimits(template: Template): string[] {
  const { Resources } = resolvedTemplate(template);
  const all = Object.entries(Resources);
  const found: string[] = [];
  const check = (what: string, value: number, limit: keyof typeof LIMITS) => {
    if (value > LIMITS[limit]) found.push(`${what}: ${limit} ${value} of ${LIMITS[limit]}`);
  };
  check('template', all.length, 'resources');
  check('template', Object.keys((template as Json).Outputs ?? {}).length, 'outputs');
  check('template', Object.keys((template as Json).Parameters ?? {}).length, 'parameters');
  check('template', JSON.stringify(template).length, 'templateBytes');
  const inline = new Map<string, number>();
  const managed = new Map<string, number>();
  const permissions = new Map<string, number>();
  const rules = new Map<string, number>();
  const add = (sums: Map<string, number>, key: string, value: number) => sums.set(key, (sums.get(key) ?? 0) + value);
  for (const [id, { Type, Properties: p }] of all) {
    const perType: Readonly<Record<string, () => void>> = {
      'AWS::IAM::Policy': () => {
        for (const role of p.Roles) add(inline, role, size(p.PolicyDocument));
      },
      'AWS::IAM::ManagedPolicy': () => {
        check(id, size(p.PolicyDocument), 'managedPolicy');
        for (const role of p.Roles ?? []) add(managed, role, 1);
      },
      'AWS::IAM::Role': () => {
        check(id, size(p.AssumeRolePolicyDocument), 'trustPolicy');
        add(managed, id, count(p.ManagedPolicyArns));
      },
      'AWS::SQS::QueuePolicy': () => {
        check(id, size(p.PolicyDocument), 'queuePolicyBytes');
        check(id, count(p.PolicyDocument.Statement), 'queuePolicyStatements');
      },
      'AWS::SNS::TopicPolicy': () => check(id, size(p.PolicyDocument), 'topicPolicyBytes'),
      'AWS::Lambda::Permission': () => add(permissions, p.FunctionName, size(p) + 200),
      'AWS::Lambda::Function': () => check(id, size(p.Environment?.Variables), 'environmentBytes'),
      'AWS::Events::Rule': () => {
        check(id, size(p.EventPattern), 'patternChars');
        check(id, count(p.Targets), 'targetsPerRule');
        add(rules, p.EventBusName ?? 'default', 1);
      },
      'AWS::Scheduler::Schedule': () => check(id, size(p.Target.Input), 'scheduleInputBytes'),
      'AWS::SSM::Parameter': () => check(id, size(p.Value), 'parameterBytes'),
      'AWS::CloudWatch::Alarm': () => check(id, p.AlarmDescription.length, 'alarmDescription'),
      'Custom::PaddlewheelConfiguration': () => check(id, size(p), 'customResourceBytes'),
    };
    perType[Type]?.();
  }
  for (const [role, sum] of inline) check(role, sum, 'inlinePolicy');
  for (const [role, sum] of managed) check(role, sum, 'managedPoliciesPerRole');
  for (const [fn, sum] of permissions) check(fn, sum, 'functionPolicyBytes');
  for (const [bus, sum] of rules) check(bus, sum, 'rulesPerBus');
  return found;
}
