import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Backfilled, createBackfill } from '../../lambdas/backfill/backfill.ts';
import { freshWatermark, type Watermark } from '../../lambdas/backfill/watermark.ts';
import { createHistory } from '../../lambdas/composition/paddle-history.ts';
import { AUDIT_STALE_SECONDS } from '../../lambdas/contract.ts';
import { ConflictError } from '../../lambdas/domain/errors.ts';
import type { IntegrationState, PaddleToken, Token } from '../../lambdas/domain/model.ts';
import type { QueuedReconcile } from '../../lambdas/domain/ports.ts';
import { createPaddleClient } from '../../lambdas/paddle/client.ts';
import { AUDITED_EVENTS } from '../../lambdas/paddle/notification-settings.ts';
import { createLocalThrottle } from '../../lambdas/paddle/throttle.ts';
import { createIngest } from '../../lambdas/webhook/ingest.ts';
import { verifySignature } from '../../lambdas/webhook/verify-signature.ts';
import { WebhookSecrets } from '../../lambdas/webhook/webhook-secrets.ts';
import { type QuirksChange, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { anAccount } from '../builders/integration.ts';
import { FakeReports, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { FakeReader, FakeWebhookTrail } from '../webhook/fakes.ts';

const HOUR = 3_600_000;
const ROTATION = '01KAAAAAAAAAAAAAAAAAAAAAAA';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Paddle over HTTP, the real webhook function behind its destination, and the real backfill beside it; one trail. */
async function world(webhooks: QuirksChange['webhooks'] = {}) {
  const simulator = await startPaddleSimulator({ seed: 7, quirks: { rateLimit: null, webhooks } });
  const { control } = simulator;
  const account = anAccount({ apiUrl: simulator.url });
  const trail = new FakeWebhookTrail();
  const [log, metrics, clock] = [new RecordingLog(), new RecordingMetrics(), { now: () => control.clock.now() }];
  const reader = new FakeReader('');
  const sources = new Map([[account.name, account.webhookSecret]]);
  const machine = { now: () => Date.now() };
  const secrets = new WebhookSecrets(sources, reader, machine);
  const ingest = createIngest({ secrets, verify: verifySignature, trail, clock: machine, log, metrics });
  const endpoint = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await ingest(asEvent(account.name, request.headers, Buffer.concat(chunks)));
    response.writeHead(answer.statusCode).end(answer.body);
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));

  const client = createPaddleClient({
    apiUrl: simulator.url,
    environment: 'sandbox',
    apiKey: { get: async () => simulator.apiKey },
    throttle: createLocalThrottle(),
    clock,
  });
  const created = await fetch(`${simulator.url}/notification-settings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      description: 'audit trail',
      type: 'url',
      destination: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`,
      subscribed_events: AUDITED_EVENTS,
    }),
  });
  reader.text = ((await created.json()) as { data: { endpoint_secret_key: string } }).data.endpoint_secret_key;
  closing.push(async () => {
    client.close();
    await simulator.stop();
    await new Promise((resolve) => endpoint.close(resolve));
  });

  const marks = new Map<string, Watermark>();
  const states: IntegrationState[] = [];
  const asked: QueuedReconcile[] = [];
  const reports = new FakeReports();
  const foreign = new Map<string, string>();
  const backfill = createBackfill({
    ledger: {
      account: async () => account,
      sellers: async () => [],
      states: async () => states,
      watermark: async (name) => marks.get(name) ?? freshWatermark(name),
      async save(previous, next) {
        if ((marks.get(next.account)?.version ?? 0) !== previous.version) throw new ConflictError('overtaken');
        marks.set(next.account, { ...next, version: previous.version + 1 });
      },
    },
    trail: {
      append: (item) => trail.append(item),
      async reportForeign(_: string, token: PaddleToken) {
        if (foreign.has(token.id)) return 'duplicate';
        foreign.set(token.id, token.name);
        return 'stored';
      },
    },
    reports,
    queue: { send: async (requests) => void asked.push(...requests) },
    paddle: (each) => createHistory(client, each),
    clock,
    log,
    metrics,
  });
  const run = async (): Promise<Backfilled> => {
    const [result] = await backfill({ accounts: [account.name] });
    if (!result) throw new Error('nothing was backfilled');
    return result;
  };
  const difference = () => {
    const paddles = control.state().events.map(({ id }) => id);
    const ours = [...trail.items.values()].map(({ id }) => id);
    const [theirIds, ourIds] = [new Set(paddles), new Set(ours)];
    return {
      events: paddles.length,
      missing: paddles.filter((id) => !ourIds.has(id)).length,
      extra: ours.filter((id) => !theirIds.has(id)).length,
      twice: ours.length - ourIds.size,
    };
  };
  return { simulator, control, trail, run, difference, states, reports, asked, foreign, marks, log, metrics };
}

const asEvent = (account: string, headers: IncomingHttpHeaders, body: Buffer) =>
  ({
    pathParameters: { account },
    headers: { 'paddle-signature': headers['paddle-signature'] },
    body: body.toString('utf8'),
    isBase64Encoded: false,
  }) as unknown as APIGatewayProxyEventV2;

/** Each token brings three events: created, updated, revoked. */
function lives(control: Awaited<ReturnType<typeof world>>['control'], tokens: number): void {
  for (let n = 0; n < tokens; n += 1) control.dashboard.revoke(control.dashboard.create({ name: `token ${n}` }).id);
}

test('with 20 % dropped, 20 % doubled, all shuffled and an hour of outage, 10,000 events are in the trail once each', async () => {
  const shuffled = { dropShare: 0.2, duplicateShare: 0.2, maxDelayMs: 400, revokedBeforeUpdated: true };
  const { control, run, difference } = await world({ ...shuffled, concurrency: 64, maxAttempts: 3, retryFirstMs: 100 });
  lives(control, 1_500);
  await control.deliveries.idle(170_000);
  control.setQuirks({ webhooks: { unreachable: true } });
  lives(control, 500);
  control.clock.advance(HOUR);
  await control.deliveries.idle(170_000);
  control.setQuirks({ webhooks: { unreachable: false } });
  // These are on their way while the backfill runs: each side must find what the other has stored.
  lives(control, 1_334);
  expect(difference().missing).toBeGreaterThan(2_000);
  let runs = 0;
  do {
    await run();
    runs += 1;
  } while (difference().missing > 0 && runs < 5);
  await control.deliveries.idle(170_000);
  expect(difference()).toEqual({ events: 10_002, missing: 0, extra: 0, twice: 0 });
  expect(runs).toBe(2);
}, 600_000);

test('a webhook that comes after the backfill finds its event there', async () => {
  const { control, run, difference, trail } = await world({ paused: true });
  lives(control, 1);
  expect(await run()).toMatchObject({ filled: 3 });
  control.deliveries.resume();
  await control.deliveries.idle();
  expect(difference()).toEqual({ events: 3, missing: 0, extra: 0, twice: 0 });
  expect([...trail.items.values()].map(({ source }) => source)).toEqual(['backfill', 'backfill', 'backfill']);
});

test('no token’s value comes into the trail this way either', async () => {
  const { control, run, trail } = await world({ paused: true });
  const { token } = control.dashboard.create({ name: 'a token' });
  await run();
  expect(JSON.stringify([...trail.items.values()])).not.toContain(token);
});

test('an event that Paddle lists late is found by a later run', async () => {
  const { control, run, difference } = await world({ dropShare: 1 });
  control.setQuirks({ eventsLagMs: HOUR });
  lives(control, 1);
  control.setQuirks({ eventsLagMs: 0 });
  lives(control, 1);
  await run();
  expect(difference().missing).toBe(3);
  control.clock.advance(HOUR);
  await run();
  expect(difference().missing).toBe(0);
});

test('says how old the knowledge is, also when a run fails', async () => {
  const { control, run, metrics } = await world();
  const ages = () => metrics.counted.flatMap((line) => /^AuditAgeSeconds (\S+)$/.exec(line)?.[1] ?? []).map(Number);
  await run();
  expect(ages()).toHaveLength(1);
  control.clock.advance(3 * HOUR);
  for (const { id } of control.state().api_keys) control.apiKeys.revoke(id);
  await expect(run()).rejects.toThrow('sandbox: Paddle does not accept the account');
  expect(ages()).toHaveLength(2);
  expect(ages()[1]).toBeGreaterThan(3 * 3_600);
});

test('a new installation knows nothing yet, and is not late for that; one that never gets to know anything is', async () => {
  const { control, run, metrics } = await world();
  const ages = () => metrics.counted.flatMap((line) => /^AuditAgeSeconds (\S+)$/.exec(line)?.[1] ?? []).map(Number);
  for (const { id } of control.state().api_keys) control.apiKeys.revoke(id);
  await expect(run()).rejects.toThrow('sandbox');
  expect(ages().at(-1)).toBeLessThan(60);
  control.clock.advance(6 * HOUR);
  await expect(run()).rejects.toThrow('sandbox');
  expect(ages().at(-1)).toBeGreaterThanOrEqual(AUDIT_STALE_SECONDS);
});

const aToken = (changes: Partial<Token> & { id: string }): Token => ({
  value: 'test_000000000000000000000000001',
  name: `pricing-page · ${ROTATION}`,
  origin: 'minted',
  rotationId: ROTATION,
  status: 'current',
  createdAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});
const aState = (changes: Partial<IntegrationState> = {}): IntegrationState => ({
  integration: 'pricing-page',
  version: 1,
  tokens: [],
  sweeps: [],
  requests: [],
  ...changes,
});

describe('the list of tokens', () => {
  test('shows a current token that somebody revoked without a webhook: it is reconciled now', async () => {
    const { control, run, states, reports, asked } = await world();
    const { id } = control.dashboard.create({ name: `pricing-page · ${ROTATION}` });
    states.push(aState({ tokens: [aToken({ id })] }));
    expect(await run()).toMatchObject({ lost: 0 });
    control.dashboard.revoke(id);
    expect(await run()).toMatchObject({ lost: 1 });
    expect(reports.taken).toMatchObject([{ integration: 'pricing-page', tokenId: id, source: 'backfill' }]);
    expect(asked).toMatchObject([{ integration: 'pricing-page', cause: 'backfill' }]);
  });

  test('shows a token with our name that nobody knows: `rotate` is asked whether it is a twin', async () => {
    const { control, run, states, reports, asked } = await world();
    states.push(aState());
    const { id } = control.dashboard.create({ name: `pricing-page · ${ROTATION}` });
    expect(await run()).toMatchObject({ unclaimed: 0 });
    control.clock.advance(HOUR);
    expect(await run()).toMatchObject({ unclaimed: 1, foreign: 0 });
    expect(reports.taken).toMatchObject([{ integration: 'pricing-page', tokenId: id, source: 'backfill' }]);
    expect(asked).toMatchObject([{ integration: 'pricing-page', cause: 'backfill' }]);
  });

  test('asks for one reconcile of an integration, however many of its tokens are strange, and for none it could not report', async () => {
    const { control, run, states, reports, asked } = await world();
    states.push(aState());
    for (const end of ['A', 'B', 'C'])
      control.dashboard.create({ name: `pricing-page · ${ROTATION.slice(0, -1)}${end}` });
    control.clock.advance(HOUR);
    reports.failure = new Error('the ledger is away');
    await expect(run()).rejects.toThrow('the ledger is away');
    expect(asked).toEqual([]);
    reports.failure = undefined;
    expect(await run()).toMatchObject({ unclaimed: 3 });
    expect(reports.taken).toHaveLength(3);
    expect(asked).toHaveLength(1);
  });

  test('is read although the list of events fails: a lost token is not hidden by it', async () => {
    const { control, run, states, reports } = await world();
    const { id } = control.dashboard.create({ name: `pricing-page · ${ROTATION}` });
    states.push(aState({ tokens: [aToken({ id })] }));
    control.dashboard.revoke(id);
    control.faults.add({ method: 'GET', path: '/events', answer: 'internal-error', times: null });
    await expect(run()).rejects.toThrow();
    expect(reports.taken).toMatchObject([{ tokenId: id }]);
  });

  test('leaves a token alone for which a rotation is under way', async () => {
    const { control, run, states } = await world();
    const name = `pricing-page · ${ROTATION}`;
    const { id } = control.dashboard.create({ name });
    const adopted = control.dashboard.create({ name: 'pricing-page · 01KBBBBBBBBBBBBBBBBBBBBBBB' });
    const rotation = {
      rotationId: ROTATION,
      trigger: 'schedule',
      source: { kind: 'mint' },
      tokenName: name,
      intendedAt: '2026-01-01T00:00:00.000Z',
      emergency: false,
      phase: 'intended',
      mayHavePosted: true,
      emptyLists: 0,
      doubted: false,
    } as const;
    control.clock.advance(HOUR);
    states.push(aState({ rotation }));
    expect(await run()).toMatchObject({ unclaimed: 1 });
    states[0] = aState({ rotation: { ...rotation, source: { kind: 'adopt', tokenId: adopted.id } } });
    expect(await run()).toMatchObject({ unclaimed: 0 });
    expect(id).not.toBe(adopted.id);
  });

  test('shows foreign tokens, which are reported once and never touched', async () => {
    const { control, run, states, asked, foreign } = await world();
    states.push(aState());
    const names = ['made by hand', `other-page · ${ROTATION}`, 'pricing-page · not-a-rotation'];
    for (const name of names) control.dashboard.create({ name });
    control.clock.advance(HOUR);
    expect(await run()).toMatchObject({ foreign: 3, unclaimed: 0 });
    expect(await run()).toMatchObject({ foreign: 0 });
    expect([...foreign.values()]).toEqual(names);
    expect(asked).toEqual([]);
  });
});

test.each([
  [1_000, 5],
  [10_000, 50],
])(
  '%i tokens are reconciled by %i pages of two hundred, and none is asked about alone',
  async (tokens, pages) => {
    const { control, run, states, asked } = await world({ paused: true });
    for (let n = 0; n < tokens; n += 1) {
      const integration = `page-${n}`;
      const { id } = control.dashboard.create({ name: `${integration} · ${ROTATION}` });
      states.push(aState({ integration, tokens: [aToken({ id })] }));
    }
    control.clock.advance(HOUR);
    const before = control.state().requests.length;
    expect(await run()).toMatchObject({ filled: tokens, lost: 0, unclaimed: 0, foreign: 0 });
    const asks = control.state().requests.slice(before);
    const lists = (path: string) => asks.filter((request) => request.path === path).length;
    expect([lists('/client-tokens'), lists('/events'), asks.length]).toEqual([pages, pages, 2 * pages]);
    expect(asked).toEqual([]);
  },
  60_000,
);
