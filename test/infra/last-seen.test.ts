/** The way in for beacons: there when an account asks for it, apart from that of the webhooks, and with little that it may do. */
import { AwsSolutionsChecks } from 'cdk-nag';
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { permissionsOf, statementsOf } from './policies.ts';
import { buildStack, ofType, synthesize } from './synth.ts';

const integration = (name: string, more: object = {}) => ({
  ...{ name, account: 'main', rotate: { every: '30 days' }, publishTo: [{ ssmParameter: `/paddle/${name}` }] },
  ...more,
});
const configured = (seen: unknown, ...integrations: readonly object[]) =>
  parseConfig({ accounts: { main: { environment: 'live', apiKey: { secret: 'api-key' }, seen } }, integrations }, {});
const configuration = configured(true, integration('shop'), integration('app', { seen: false }));

test.each([
  ['nobody asks for beacons', configured(undefined, integration('shop'))],
  ['every integration leaves them out', configured(true, integration('app', { seen: false }))],
  ['there is no integration', configured(true)],
])('when %s, there is no part of it in the template', (_, without) => {
  const { template, resources } = synthesize({ configuration: without });
  expect(ofType(resources, 'AWS::ApiGatewayV2::Api')).toHaveLength(1);
  expect(JSON.stringify(resources)).not.toContain(NAMES.seen);
  expect(Object.keys(template.toJSON().Outputs)).not.toContain('PaddlewheelSeenBaseUrl');
});

describe('with beacons', () => {
  const { template, resources } = synthesize({ configuration });
  const idOf = (type: string, key: string, name: string) =>
    Object.entries(resources).find(([, { Type, Properties: p }]) => Type === type && p[key] === name)?.[0];
  const api = { Ref: idOf('AWS::ApiGatewayV2::Api', 'Name', NAMES.seen) };

  test('they have an API of their own, which lets in so many a second and logs nobody', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      ApiId: api,
      RouteKey: 'POST /seen/{integration}',
      AuthorizationType: 'NONE',
    });
    const stage = ofType(resources, 'AWS::ApiGatewayV2::Stage').find(({ Properties: p }) => p.ApiId.Ref === api.Ref);
    expect(stage?.Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
      StageName: '$default',
    });
    const { Format } = stage?.Properties.AccessLogSettings ?? {};
    expect(Object.keys(JSON.parse(Format))).toEqual([
      ...['requestId', 'requestTime', 'path', 'status', 'responseLatency', 'integrationStatus', 'integrationError'],
    ]);
    expect(Format).not.toMatch(/identity|sourceIp|userAgent|header/i);
  });

  test('the webhooks have theirs as before', () => {
    const webhooks = idOf('AWS::ApiGatewayV2::Api', 'Name', NAMES.api);
    const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').filter(
      ({ Properties: p }) => p.ApiId.Ref === webhooks,
    );
    expect(routes.map(({ Properties: p }) => p.RouteKey)).toEqual(['POST /webhooks/paddle/{account}']);
  });

  test('their function may read which tokens there are, count, and have `rotate` look', () => {
    expect(permissionsOf(resources, NAMES.seen)).toEqual([
      'dynamodb:GetItem on Ledger',
      'dynamodb:UpdateItem on Ledger',
      `logs:CreateLogStream on /aws/lambda/${NAMES.seen}`,
      `logs:PutLogEvents on /aws/lambda/${NAMES.seen}`,
      `sqs:SendMessage on ${NAMES.reconcileQueue}`,
    ]);
    const keysOf = (action: string) =>
      statementsOf(resources, NAMES.seen).find(({ actions }) => actions.includes(action))?.condition;
    const leading = (keys: string) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [keys] } });
    expect(keysOf('dynamodb:GetItem')).toEqual(leading('INTEGRATION#*'));
    expect(keysOf('dynamodb:UpdateItem')).toEqual(leading('SEEN#*'));
  });

  test('their function gets the ledger and the queue, and nothing that is reserved for it', () => {
    const fn = resources[String(idOf('AWS::Lambda::Function', 'FunctionName', NAMES.seen))];
    expect(fn?.Properties.Environment.Variables).toEqual({
      LEDGER_TABLE: expect.anything(),
      RECONCILE_QUEUE_URL: expect.anything(),
    });
    expect(fn?.Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('the address is told', () => {
    const { Outputs } = template.toJSON();
    expect(JSON.stringify(Outputs.PaddlewheelSeenBaseUrl.Value)).toContain('/seen/');
    const { paddlewheel } = buildStack({ configuration });
    expect(paddlewheel.seenBaseUrl).toMatch(/\/seen\/$/);
    expect(paddlewheel.functions.seen).toBeDefined();
  });

  test('on the local AWS, the address is below its own', () => {
    const { Outputs } = synthesize({ configuration, emulator: true }).template.toJSON();
    expect(JSON.stringify(Outputs.PaddlewheelSeenBaseUrl.Value)).toContain('http://127.0.0.1:4566/_aws/execute-api/');
  });

  test('no alarm hears of what a stranger can send', () => {
    expect(ofType(resources, 'AWS::CloudWatch::Alarm')).toHaveLength(
      ofType(
        synthesize({ configuration: configured(undefined, integration('shop')) }).resources,
        'AWS::CloudWatch::Alarm',
      ).length,
    );
  });

  test('cdk-nag finds nothing', () => {
    const { app } = buildStack({ configuration });
    expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});
