import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { permissionsOf, statementsOf } from './policies.ts';
import { buildStack, ofType, synthesize } from './synth.ts';

const { resources } = synthesize();
const FUNCTIONS = ['heartbeat', 'rotate', 'status', 'webhook', 'observe', 'usage', 'registrar', 'backfill'] as const;

/** What each role may do besides writing its log and handing on what failed. */
const MAY: Record<(typeof FUNCTIONS)[number], string[]> = {
  heartbeat: [
    'dynamodb:Query on Ledger/index/due',
    'sqs:SendMessage on paddlewheel-reconcile.fifo',
    'sqs:GetQueueAttributes on paddlewheel-reconcile.fifo',
    'dynamodb:BatchGetItem on Ledger',
  ],
  rotate: [
    'dynamodb:DeleteItem on Ledger',
    'dynamodb:GetItem on Ledger',
    'dynamodb:PutItem on AuditTrail',
    'dynamodb:PutItem on Ledger',
    'dynamodb:Query on AuditTrail',
    'dynamodb:Query on Ledger',
    'dynamodb:UpdateItem on Ledger',
    ...['checkout', 'pricing-page'].flatMap((integration) => [
      ...['CreateSecret', 'DescribeSecret', 'GetSecretValue'].flatMap((action) =>
        ['', '-??????'].map(
          (end) => `secretsmanager:${action} on secretsmanager:secret:paddle/${integration}/client-token${end}`,
        ),
      ),
      ...['PutSecretValue', 'UpdateSecretVersionStage'].map(
        (action) => `secretsmanager:${action} on secretsmanager:secret:paddle/${integration}/client-token-??????`,
      ),
    ]),
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/api-key',
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/api-key-??????',
    'sqs:ChangeMessageVisibility on paddlewheel-reconcile.fifo',
    'sqs:DeleteMessage on paddlewheel-reconcile.fifo',
    'sqs:GetQueueAttributes on paddlewheel-reconcile.fifo',
    'sqs:ReceiveMessage on paddlewheel-reconcile.fifo',
    'ssm:DescribeParameters on *',
    'ssm:GetParameter on ssm:parameter/paddlewheel/live-eu/api-key',
    ...['GetParameter', 'PutParameter'].flatMap((action) =>
      [
        'paddle/billing-portal/client-token',
        'paddle/demo/client-token',
        'paddle/pricing-page/client-token',
        'status-page-client-token',
      ].map((name) => `ssm:${action} on ssm:parameter/${name}`),
    ),
  ],
  // No credential, and nothing of the ledger to be written.
  status: ['dynamodb:GetItem on Ledger', 'dynamodb:Query on Ledger', 'sqs:SendMessage on paddlewheel-reconcile.fifo'],
  webhook: [
    'dynamodb:PutItem on AuditTrail',
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/webhook-secret',
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/webhook-secret-??????',
    'ssm:GetParameter on ssm:parameter/paddlewheel/live-eu/webhook-secret',
  ],
  observe: [
    'lambda:InvokeFunction on paddlewheel-rotate:operate',
    'dynamodb:BatchGetItem on AuditTrail',
    'dynamodb:DescribeStream on AuditTrail StreamArn',
    'dynamodb:GetItem on AuditTrail',
    'dynamodb:GetItem on Ledger',
    'dynamodb:GetRecords on AuditTrail StreamArn',
    'dynamodb:GetShardIterator on AuditTrail StreamArn',
    'dynamodb:ListStreams on AuditTrail/stream/*',
    'dynamodb:PutItem on AuditTrail',
    'dynamodb:PutItem on AuditTrail',
    'dynamodb:PutItem on Ledger',
    'dynamodb:PutItem on Ledger',
    'dynamodb:Query on AuditTrail',
    'dynamodb:Query on AuditTrail/index/by-hour-written',
    'events:PutEvents on paddlewheel',
    'sqs:SendMessage on paddlewheel-reconcile.fifo',
  ],
  usage: [
    'dynamodb:GetItem on Ledger',
    'dynamodb:UpdateItem on Ledger',
    'sqs:SendMessage on paddlewheel-reconcile.fifo',
  ],
  registrar: [
    'dynamodb:GetItem on Ledger',
    'dynamodb:PutItem on Ledger',
    'dynamodb:Query on AuditTrail',
    'dynamodb:Query on Ledger',
    'dynamodb:UpdateItem on Ledger',
    ...['CreateSecret', 'GetSecretValue', 'PutSecretValue'].flatMap((action) =>
      ['', '-??????'].map(
        (end) => `secretsmanager:${action} on secretsmanager:secret:paddlewheel/sandbox/webhook-secret${end}`,
      ),
    ),
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/api-key',
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/api-key-??????',
    'sqs:SendMessage on paddlewheel-reconcile.fifo',
    'dynamodb:GetItem on Ledger',
    'dynamodb:UpdateItem on Ledger',
  ],
  backfill: [
    'dynamodb:BatchGetItem on Ledger',
    'dynamodb:GetItem on Ledger',
    'dynamodb:PutItem on AuditTrail',
    'dynamodb:PutItem on Ledger',
    'dynamodb:PutItem on Ledger',
    'dynamodb:Query on AuditTrail',
    'dynamodb:Query on Ledger',
    'dynamodb:UpdateItem on Ledger',
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/api-key',
    'secretsmanager:GetSecretValue on secretsmanager:secret:paddlewheel/sandbox/api-key-??????',
    'sqs:SendMessage on paddlewheel-reconcile.fifo',
    'ssm:GetParameter on ssm:parameter/paddlewheel/live-eu/api-key',
    'dynamodb:GetItem on Ledger',
    'dynamodb:UpdateItem on Ledger',
  ],
};

test.each(FUNCTIONS)('%s may do what it needs, and nothing else', (handler) => {
  const name = NAMES[handler];
  const common = [`logs:CreateLogStream on /aws/lambda/${name}`, `logs:PutLogEvents on /aws/lambda/${name}`];
  // The webhook is only ever called synchronously.
  if (handler !== 'webhook') common.push(`sqs:SendMessage on ${NAMES.failures}`);
  expect(permissionsOf(resources, name)).toEqual([...common, ...MAY[handler]].sort());
});

test('usage writes reports of integrations only, and the registrar what is configuration', () => {
  const keys = (name: string) =>
    statementsOf(resources, name).find(({ actions }) => actions.includes('dynamodb:GetItem'))?.condition;
  expect(keys(NAMES.usage)).toEqual({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTEGRATION#*'] } });
  expect(keys(NAMES.registrar)).toEqual({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['ACCOUNT#*', 'INTEGRATION#*', 'REGISTRY', 'TARGET#*'] },
  });
});

test('whoever calls Paddle may book its turns, and the heartbeat see whose an integration is', () => {
  const conditionsOf = (name: string, action: string) =>
    statementsOf(resources, name)
      .filter(({ actions, resources: on }) => actions.includes(action) && on.includes('Ledger'))
      .map(({ condition }) => JSON.stringify(condition ?? 'any'));
  const pace = JSON.stringify({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['PACE#*'] } });
  expect(conditionsOf(NAMES.rotate, 'dynamodb:UpdateItem')).toEqual(['"any"']);
  for (const name of [NAMES.registrar, NAMES.backfill])
    expect(conditionsOf(name, 'dynamodb:UpdateItem')).toContain(pace);
  expect(conditionsOf(NAMES.heartbeat, 'dynamodb:BatchGetItem')).toEqual([
    JSON.stringify({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTEGRATION#*'] } }),
  ]);
});

test('no role has a managed policy of AWS, and no statement a wildcard for its action or resource', () => {
  for (const role of ofType(resources, 'AWS::IAM::Role')) expect(role.Properties.ManagedPolicyArns).toBeUndefined();
  const all = FUNCTIONS.flatMap((handler) => permissionsOf(resources, NAMES[handler]));
  // Two actions for which IAM knows nothing narrower: one that names no single stream, on the streams of one table, and one
  // that tells names, keys and tiers of parameters, without their values.
  expect(all.filter((line) => line.includes('*'))).toEqual([
    'ssm:DescribeParameters on *',
    'dynamodb:ListStreams on AuditTrail/stream/*',
  ]);
});

test('nobody may delete anything but messages and answered reports, nor change what is in the audit trail', () => {
  const all = FUNCTIONS.flatMap((handler) => permissionsOf(resources, NAMES[handler]));
  expect(all.filter((line) => /Delete|Remove/.test(line))).toEqual([
    'dynamodb:DeleteItem on Ledger',
    'sqs:DeleteMessage on paddlewheel-reconcile.fifo',
  ]);
  const under = (...keys: string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } });
  const conditionsOf = (name: string, action: string, table = 'Ledger') =>
    statementsOf(resources, name)
      .filter(({ actions, resources: on }) => actions.includes(action) && on.includes(table))
      .map(({ condition }) => condition);
  expect(conditionsOf(NAMES.rotate, 'dynamodb:DeleteItem')).toEqual([under('REPORTS#*')]);
  expect(conditionsOf(NAMES.observe, 'dynamodb:PutItem')).toEqual([under('REPORTS#*'), under('CHAINS')]);
  const onTrail = all.filter((line) => line.endsWith(` on AuditTrail`)).map((line) => line.split(' ')[0]);
  const readingOrAdding = ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:BatchGetItem'];
  expect(new Set(onTrail)).toEqual(new Set(readingOrAdding));
  const onChains = FUNCTIONS.flatMap((handler) => statementsOf(resources, NAMES[handler]))
    .filter((statement) => JSON.stringify(statement.condition ?? '').includes('CHAIN#'))
    .flatMap(({ actions }) => actions);
  // Chains are written only by the one that is not told what to write.
  expect(onChains.sort()).toEqual(['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query']);
  expect(conditionsOf(NAMES.observe, 'dynamodb:GetItem', 'AuditTrail')).toEqual([
    under('TOKEN#*', 'INTEGRATION#*', 'ACCOUNT#*', 'SIMULATION#*'),
  ]);
});

test('of the trail, the registrar sees simulated events only', () => {
  const reading = statementsOf(resources, NAMES.registrar).filter(({ resources: on }) => on.includes('AuditTrail'));
  expect(reading.map(({ actions, condition }) => [actions, condition])).toEqual([
    [['dynamodb:Query'], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['SIMULATION#*'] } }],
  ]);
});

test('API keys are read by whoever calls Paddle, webhook secrets by the webhook and by the registrar that keeps them', () => {
  const readersOf = (what: string) =>
    FUNCTIONS.filter((handler) => permissionsOf(resources, NAMES[handler]).some((line) => line.includes(what)));
  expect(readersOf('api-key')).toEqual(['rotate', 'registrar', 'backfill']);
  expect(readersOf('webhook-secret')).toEqual(['webhook', 'registrar']);
});

test('hundreds of targets are covered by their common folder, and synth says so', () => {
  const integrations = Array.from({ length: 600 }, (_, index) => ({
    name: `shop-${index}`,
    account: 'main',
    rotate: { every: '30 days' },
    publishTo: [{ ssmParameter: `/paddle/eu/shop-${index}` }],
  }));
  const accounts = { main: { environment: 'live', apiKey: { secret: 'api-key' } } };
  const { stack } = buildStack({ configuration: parseConfig({ accounts, integrations }, {}) });
  const { Resources } = Template.fromStack(stack).toJSON();
  expect(permissionsOf(Resources, NAMES.rotate).filter((line) => line.startsWith('ssm:'))).toEqual([
    'ssm:DescribeParameters on *',
    'ssm:GetParameter on ssm:parameter/paddle/eu/*',
    'ssm:PutParameter on ssm:parameter/paddle/eu/*',
  ]);
  const [told, ...others] = Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('instead of each'));
  expect(told?.entry.data).toMatch(/Rotate is allowed everything in .*:parameter\/paddle\/eu\/\*/);
  expect(others).toEqual([]);
});

test('former targets are read, and never written', () => {
  const accounts = { main: { environment: 'live', apiKey: { secret: 'api-key' } } };
  const integration = {
    ...{ name: 'shop', account: 'main', rotate: { every: '30 days' } },
    publishTo: [
      { secret: 'web', jsonKey: 'A' },
      { secret: 'web', jsonKey: 'B' },
    ],
    formerTargets: [{ ssmParameter: '/old' }, { secret: 'old' }],
  };
  const { resources: shop } = synthesize({ configuration: parseConfig({ accounts, integrations: [integration] }, {}) });
  const all = permissionsOf(shop, NAMES.rotate);
  expect(all.filter((line) => /\bold/.test(line))).toEqual([
    'secretsmanager:GetSecretValue on secretsmanager:secret:old',
    'secretsmanager:GetSecretValue on secretsmanager:secret:old-??????',
    'ssm:GetParameter on ssm:parameter/old',
  ]);
  expect(all.filter((line) => line.startsWith('secretsmanager:Put'))).toHaveLength(1);
  expect(all.filter((line) => line.endsWith(' on *'))).toEqual([]);
});

test('the largest configuration stays within what IAM takes: 10,240 characters inline, 6,144 a managed policy', () => {
  const names = Array.from({ length: 40 }, (_, index) => `account-${index}`);
  const accounts = Object.fromEntries(
    names.map((name) => [name, { environment: 'live', apiKey: { secret: `paddlewheel/${name}/api-key` } }]),
  );
  const integrations = Array.from({ length: 40 }, (_, index) => ({
    name: `shop-${index}`,
    account: 'account-0',
    rotate: { every: '30 days' },
    publishTo: [{ ssmParameter: `/paddle/shop-${index}` }, { secret: `paddle/shop-${index}` }],
  }));
  const { resources: large } = synthesize({ configuration: parseConfig({ accounts, integrations }, {}) });
  const inline = new Map<string, number>();
  for (const { Type, Properties } of Object.values(large)) {
    const size = JSON.stringify(Properties?.PolicyDocument ?? {}).length;
    if (Type === 'AWS::IAM::ManagedPolicy') expect(size).toBeLessThanOrEqual(6_144);
    if (Type !== 'AWS::IAM::Policy') continue;
    const role = Properties.Roles[0].Ref;
    inline.set(role, (inline.get(role) ?? 0) + size);
  }
  expect(inline.size).toBeGreaterThan(6);
  for (const size of inline.values()) expect(size).toBeLessThanOrEqual(10_240);
});
