import { AwsSolutionsChecks } from 'cdk-nag';
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import twoAccounts from '../resources/two-accounts.config.ts';
import * as samples from '../usage/cloudtrail-samples.ts';
import { permissionsOf, statementsOf } from './policies.ts';
import { buildStack, ofType, type Resources, synthesize } from './synth.ts';

const on = (integrations = twoAccounts.integrations) =>
  synthesize({ configuration: parseConfig({ ...twoAccounts, integrations, usageFromCloudTrail: true }, {}) }).resources;
const resources = on();
const rulesOf = (all: Resources) => ofType(all, 'AWS::Events::Rule').map(({ Properties }) => Properties);

type Json = unknown;
const object = (value: Json) => (typeof value === 'object' && value !== null ? (value as Record<string, Json>) : {});

/** The operators that our patterns use, as the EventBridge user guide describes them. */
function fits(matcher: Json, value: Json): boolean {
  if (typeof matcher === 'string') return matcher === value;
  const [[operator, operand] = []] = Object.entries(object(matcher));
  if (operator === 'exists') return (value !== undefined) === operand;
  if (typeof value !== 'string') return false;
  if (operator === 'prefix') return value.startsWith(String(operand));
  if (operator === 'suffix') return value.endsWith(String(operand));
  if (operator === 'anything-but') return !(operand as string[]).includes(value);
  if (operator !== 'wildcard') throw new Error(`an operator that EventBridge does not know: ${operator}`);
  const parts = String(operand)
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
}

function matches(pattern: Json, event: Json): boolean {
  return Object.entries(object(pattern)).every(([key, wanted]) => {
    if (key === '$or') return (wanted as Json[]).some((branch) => matches(branch, event));
    const found = object(event)[key];
    if (!Array.isArray(wanted)) return matches(wanted, found);
    const values = Array.isArray(found) ? found : [found];
    return wanted.some((matcher) => values.some((value) => fits(matcher, value)));
  });
}

/** The role's ARN is only known to CloudFormation. */
const deployed = (all: Resources) =>
  rulesOf(all).map(({ EventPattern }) =>
    JSON.parse(
      JSON.stringify(EventPattern).replace(
        /\{"Fn::GetAtt":\["PaddlewheelRotateRole\w+","Arn"\]\}/g,
        JSON.stringify(samples.ROTATE_ROLE),
      ),
    ),
  );
const reach = (event: object, all = resources) => deployed(all).some((pattern) => matches(pattern, event));

test('by default there is no rule, and usage may read no targets', () => {
  const { resources: plain } = synthesize();
  expect(rulesOf(plain)).toEqual([]);
  expect(JSON.stringify(statementsOf(plain, NAMES.usage))).not.toContain('TARGET#');
});

test('the rules receive reads, which EventBridge otherwise keeps back, and lose none', () => {
  const rules = rulesOf(resources);
  expect(rules.length).toBeGreaterThan(1);
  for (const { State, EventBusName, Targets } of rules) {
    expect(State).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
    expect(EventBusName).toBeUndefined();
    expect(Targets).toMatchObject([
      { DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^PaddlewheelFailures/), 'Arn'] } } },
    ]);
  }
  expect(
    ofType(resources, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties.MaximumRetryAttempts),
  ).toContain(2);
});

test('usage may look up targets, and writes reports of integrations only', () => {
  const statements = statementsOf(resources, NAMES.usage).filter(({ actions }) => actions[0]?.startsWith('dynamodb:'));
  expect(statements.map(({ actions, condition }) => [actions, condition])).toEqual([
    [
      ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTEGRATION#*'] } },
    ],
    [['dynamodb:Query'], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['TARGET#*'] } }],
  ]);
  expect(permissionsOf(resources, NAMES.usage).filter((line) => /ssm|secretsmanager/.test(line))).toEqual([]);
});

describe('the patterns let through', () => {
  test.each<[string, object]>([
    ['a parameter by name', samples.getParameter()],
    ['a parameter without folders', samples.getParameter('status-page-client-token')],
    ['a parameter by ARN', samples.getParameter(samples.PARAMETER_ARN)],
    ['a version of a parameter', samples.getParameter(`${samples.PARAMETER}:3`)],
    ['several parameters', samples.getParameters(['/x', samples.PARAMETER])],
    ['a path', samples.getParametersByPath('/paddle/', true)],
    ['a secret by name', samples.getSecretValue()],
    ['a secret by ARN', samples.getSecretValue(samples.SECRET_ARN)],
    ['a batch of secrets', samples.batchGetSecretValue({ secretIdList: [samples.SECRET_ARN] })],
    ['a user, who has no session', samples.getParameter(samples.PARAMETER, { who: samples.iamUser('ada') })],
  ])('%s', (_, event) => expect(reach(event)).toBe(true));
});

describe('the patterns keep back', () => {
  test.each<[string, object]>([
    [
      'what rotate itself reads',
      samples.getParameter(samples.PARAMETER, { who: samples.assumedRole('r', samples.ROTATE_ROLE) }),
    ],
    ['other parameters', samples.getParameter('/paddle/pricing-page/api-key')],
    ['other secrets', samples.getSecretValue('paddlewheel/sandbox/api-key')],
    ['other paths', samples.getParametersByPath('/database')],
  ])('%s', (_, event) => expect(reach(event)).toBe(false));
});

test('cdk-nag finds nothing that is not acknowledged with a reason', () => {
  const configuration = parseConfig({ ...twoAccounts, usageFromCloudTrail: true }, {});
  const { app } = buildStack({ configuration });
  expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

test('a name for which no pattern has room is refused at once', () => {
  const publishTo = [{ ssmParameter: `/paddle/${'x'.repeat(800)}` }];
  expect(() => on([{ name: 'shop', account: 'sandbox', rotate: { every: '30 days' }, publishTo }])).toThrow(/too long/);
});

test('every pattern is within the 2,048 characters that EventBridge takes, also for many and long names', () => {
  const many = on(
    Array.from({ length: 300 }, (_, index) => ({
      name: `shop-${index}`,
      account: 'sandbox',
      rotate: { every: '30 days' },
      publishTo: [{ ssmParameter: `/paddle/eu/shop-${index}/client-token` }, { secret: `paddle/eu/shop-${index}` }],
    })),
  );
  const rules = [...rulesOf(many), ...rulesOf(resources)];
  for (const { EventPattern } of rules) expect(JSON.stringify(EventPattern).length).toBeLessThanOrEqual(2_048);
  expect(rules.length).toBeLessThan(60);
  expect(reach(samples.getParameter('/paddle/eu/shop-7/client-token'), many)).toBe(true);
  expect(reach(samples.getSecretValue('paddle/eu/shop-299'), many)).toBe(true);
});
