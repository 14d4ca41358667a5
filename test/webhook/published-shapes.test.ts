/**
 * Events of the shapes that the fixtures of Paddle's PHP and Python SDKs have, through the functions as Lambda gets them: the webhook,
 * then its line in the trail through the stream's consumer.
 * @own-modules
 */
import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { loopbackAws } from '../fakes/loopback-aws.ts';
import { inserted } from '../observe/fakes.ts';
import { capturedOutput } from '../runtime/captured-output.ts';
import { SECRET } from './fakes.ts';

const context = { functionName: 'test', awsRequestId: 'request-1' } as Context;
const VALUE = 'live_3b9e0c55d1a84f6e92f0a7b6c41';
const OURS = 'ctkn_01k4w2m7x9q3e8r5t6y1u0b2v4';
const THEIRS = 'ctkn_01k4w2m7x9q3e8r5t6y1u0b2v5';
const KEY = 'apikey_01k4w3aa7bq2w9e4r8t5y6u1b0';

const token = (id: string, changes: object) => ({
  id,
  token: VALUE,
  name: 'Shop, second floor',
  description: 'Opens the checkout on the page with the big picture.',
  status: 'active',
  created_at: '2025-09-10T08:15:42.118000Z',
  updated_at: '2025-09-10T08:15:42.118000Z',
  revoked_at: null,
  ...changes,
});
const ended = {
  status: 'revoked',
  updated_at: '2025-09-12T17:01:09.540000Z',
  revoked_at: '2025-09-12T17:01:09.540000Z',
};
const apiKey = (changes: object = {}) => ({
  id: KEY,
  name: 'Warehouse robot',
  description: 'Reads orders and packs them.',
  status: 'active',
  key: 'pdl_live_apikey_01k4w3aa7b****',
  permissions: ['client_token.write', 'notification.read'],
  expires_at: '2025-12-09T08:15:42.118231Z',
  last_used_at: null,
  created_at: '2025-09-10T08:15:42.118231Z',
  updated_at: '2025-09-10T08:15:42.118231Z',
  ...changes,
});
const exposure = (changes: object = {}) => ({
  id: 'apkexp_01k4w4bb8cr3x0f5s9u6z7v2c1',
  api_key_id: KEY,
  risk_level: 'high',
  action_taken: 'revoked',
  source: 'github',
  reference: 'https://github.com/example/shop/blob/0123456789abcdef0123456789abcdef01234567/.env',
  description: 'Found in a commit of the shop',
  created_at: '2025-09-11T10:00:00.000001Z',
  ...changes,
});
const rotation = (changes: object) => ({
  id: 'apkrot_01k4w5cc9ds4y1g6t0v7a8w3d2',
  api_key_id: KEY,
  status: 'pending',
  grace_period_seconds: 300,
  created_at: '2025-09-11T10:00:00.000001Z',
  ...changes,
});

type Attributed = { actor: string; reason: string } | undefined;
const external = (reason: string): Attributed => ({ actor: 'external', reason });

describe('the functions, given what Paddle publishes as examples', () => {
  const before = { ...process.env };
  let aws: Awaited<ReturnType<typeof loopbackAws>>;
  let webhook: typeof import('../../lambdas/webhook.ts').handler;
  let observe: typeof import('../../lambdas/observe.ts').handler;
  beforeAll(async () => {
    aws = await loopbackAws();
    aws.secrets.set('webhook-secret', SECRET);
    Object.assign(process.env, aws.environment, {
      LEDGER_TABLE: 'ledger',
      AUDIT_TABLE: 'trail',
      BUS_NAME: 'bus',
      ROTATE_FUNCTION: 'paddlewheel-rotate',
      WEBHOOK_SECRETS: '{"live":{"secret":"webhook-secret"}}',
      RECONCILE_QUEUE_URL: `${aws.settings.endpoint}/000000000000/reconcile.fifo`,
    });
    const current = {
      id: OURS,
      value: VALUE,
      name: 'shop · r1',
      origin: 'minted',
      rotationId: 'r1',
      status: 'current',
    };
    const state = { integration: 'shop', version: 1, tokens: [current] };
    aws.put('ledger', { pk: 'INTEGRATION#shop', sk: 'STATE', ...state });
    aws.put('ledger', { pk: 'INTEGRATION#shop', sk: 'CONFIG', account: 'live', environment: 'live' });
    aws.put('ledger', { pk: `TOKEN#${OURS}`, sk: 'OWNER', integration: 'shop', rotationId: 'r1', tokenId: OURS });
    ({ handler: webhook } = await import('../../lambdas/webhook.ts'));
    ({ handler: observe } = await import('../../lambdas/observe.ts'));
  });
  afterAll(async () => {
    await aws.close();
    process.env = before;
  });
  beforeEach(() => {
    aws.sent.length = 0;
  });

  let sent = 0;
  /** @returns the answer, the line in the trail, and who did it, by the attribution behind that */
  async function deliver(type: string, data: object) {
    sent += 1;
    const event_id = `evt_01k4w6dd0et5z2h7v1w8b9x4${String(sent).padStart(2, '0')}`;
    const notification_id = 'ntf_01k4w6dd0et5z2h7v1w8b9x4e3';
    const body = JSON.stringify({
      event_id,
      event_type: type,
      occurred_at: '2025-09-12T17:01:09.540000Z',
      notification_id,
      data,
    });
    const ts = Math.floor(Date.now() / 1000);
    const h1 = createHmac('sha256', SECRET).update(`${ts}:${body}`).digest('hex');
    const headers = { 'paddle-signature': `ts=${ts};h1=${h1}` };
    const event = { pathParameters: { account: 'live' }, headers, body, isBase64Encoded: false };
    const answer = await webhook(event as unknown as APIGatewayProxyEventV2, context);
    const lines = () => aws.items('trail').filter(({ id, eventId }) => id === event_id || eventId === event_id);
    const [line = {}] = lines();
    // The stream brings it twice.
    const batches = [
      await observe({ Records: [inserted(line)] }, context),
      await observe({ Records: [inserted(line)] }, context),
    ];
    expect(batches).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    const chained = aws.items('trail').filter(({ of }) => of === line.sk);
    return { answer, line, chained, attributions: lines().filter(({ kind }) => kind === 'attribution') };
  }

  test.each<[what: string, type: string, data: object, attributed: Attributed, reconciles: number]>([
    ['of ours', 'client_token.created', token(OURS, {}), { actor: 'paddlewheel', reason: 'minted-by-us' }, 0],
    ['of somebody else', 'client_token.created', token(THEIRS, {}), external('no-integration'), 0],
    ['of ours', 'client_token.updated', token(OURS, ended), external('not-revoked-by-us'), 1],
    ['of somebody else', 'client_token.updated', token(THEIRS, ended), external('no-integration'), 0],
    ['of ours', 'client_token.revoked', token(OURS, ended), external('not-revoked-by-us'), 1],
    ['of somebody else', 'client_token.revoked', token(THEIRS, ended), external('no-integration'), 0],
    [
      'without a description',
      'client_token.revoked',
      token(OURS, { ...ended, description: null }),
      external('not-revoked-by-us'),
      1,
    ],
    ['as of PHP', 'api_key.created', apiKey(), undefined, 0],
    ['as of Python', 'api_key.created', apiKey({ rotatable: true }), undefined, 0],
    ['of before permissions', 'api_key.created', apiKey({ permissions: null, expires_at: null }), undefined, 0],
    ['as of PHP', 'api_key.updated', apiKey({ permissions: [] }), undefined, 0],
    ['as of Python', 'api_key.updated', apiKey({ rotatable: null }), undefined, 0],
    [
      'as of PHP',
      'api_key.expiring',
      apiKey({ last_used_at: '2025-09-12T16:00:00.000001Z' }),
      external('api-key-unknown'),
      0,
    ],
    ['as of Python', 'api_key.expiring', apiKey({ rotatable: true }), external('api-key-unknown'), 0],
    ['as of PHP', 'api_key.expired', apiKey({ status: 'expired' }), external('api-key-unknown'), 0],
    ['as of Python', 'api_key.expired', apiKey({ status: 'expired', rotatable: null }), external('api-key-unknown'), 0],
    ['as of PHP', 'api_key.revoked', apiKey({ status: 'revoked' }), external('api-key-unknown'), 0],
    [
      'as of Python',
      'api_key.revoked',
      apiKey({ status: 'revoked', exposed_at: null }),
      external('api-key-unknown'),
      0,
    ],
    ['as of PHP and Python', 'api_key_exposure.created', exposure(), external('api-key-unknown'), 0],
    [
      'as of Node',
      'api_key_exposure.created',
      exposure({ id: 'apikeyexp_1', action_taken: 'none' }),
      external('api-key-unknown'),
      0,
    ],
    ['begun', 'api_key_rotation.created', rotation({}), undefined, 0],
    ['ended', 'api_key_rotation.updated', rotation({ status: 'completed' }), undefined, 0],
  ])(
    '%s: %s is kept, attributed, and asks for one reconcile at most',
    async (_, type, data, attributed, reconciles) => {
      let outcome: Awaited<ReturnType<typeof deliver>> | undefined;
      const output = await capturedOutput(async () => {
        outcome = await deliver(type, data);
      });
      expect(outcome?.answer).toMatchObject({ statusCode: 200 });
      expect(outcome?.line).toMatchObject({ kind: 'webhook', type, account: 'live', day: '2025-09-12' });
      expect(Object.keys(JSON.parse(String(outcome?.line.data)))).toEqual(Object.keys(data));
      expect(outcome?.attributions).toEqual(attributed ? [expect.objectContaining(attributed)] : []);
      expect(outcome?.chained).toHaveLength(1);
      // A message that comes twice has one deduplication id, so that the queue takes it once.
      expect(new Set(aws.sent.map((message) => JSON.stringify(message))).size).toBe(reconciles);
      expect(JSON.stringify([aws.items('trail'), output])).not.toContain(VALUE.slice(5, -4));
    },
  );

  test.each<[what: string, data: unknown]>([
    ['null', null],
    ['a list', [1]],
    ['a text', 'x'],
    ['nothing', undefined],
    ['a token whose name and status are objects', { ...token(OURS, {}), name: {}, status: [] }],
    ['a key whose dates are numbers', { ...apiKey(), expires_at: 7, id: null }],
  ])('with the data %s stops neither the webhook nor the stream', async (_, data) => {
    await capturedOutput(async () => {
      for (const type of ['client_token.revoked', 'api_key.revoked', 'api_key.expiring', 'api_key_exposure.created']) {
        const { answer, line, chained } = await deliver(type, data as object);
        expect(answer).toMatchObject({ statusCode: 200 });
        expect(line).toMatchObject({ kind: 'webhook', type });
        expect(chained).toHaveLength(1);
      }
    });
  });
});
