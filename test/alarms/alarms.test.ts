/**
 * What raises each alarm: the code that does it runs here with the real metrics and the real logger, and what it writes to
 * its log must be the very metric that the template's alarm watches. That alarms reach people is in test/e2e/alarms.test.ts.
 */

import { createBackfill } from '../../lambdas/backfill/backfill.ts';
import { freshWatermark } from '../../lambdas/backfill/watermark.ts';
import { createHistory } from '../../lambdas/composition/paddle-history.ts';
import { ALARMS, METRIC_NAMESPACE, NAMES } from '../../lambdas/contract.ts';
import { AlertError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { createHeartbeat } from '../../lambdas/heartbeat/heartbeat.ts';
import { createPaddleClient } from '../../lambdas/paddle/client.ts';
import { createLocalThrottle } from '../../lambdas/paddle/throttle.ts';
import { watchCredentials } from '../../lambdas/paddle/watch-credentials.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { createLogger } from '../../lambdas/runtime/log.ts';
import { createMetrics } from '../../lambdas/runtime/metrics.ts';
import { type Permission, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { anAccount, START } from '../builders/integration.ts';
import { FakeDeliveries, FakeReconcileQueue, FakeReports, StillClock } from '../fakes/runtime.ts';
import { ofType, synthesize } from '../infra/synth.ts';
import { inserted, observing, webhookLine } from '../observe/fakes.ts';
import { functionsOf } from '../rotation/functions.ts';
import { Harness } from '../rotation/harness.ts';
import { capturedOutput } from '../runtime/captured-output.ts';
import { ingestion, revoked } from '../webhook/fakes.ts';

const alarms = ofType(synthesize().resources, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
const alarmNamed = (name: string) => alarms.find(({ AlarmName }) => AlarmName === name);

type Line = Record<string, unknown> & {
  _aws?: {
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
  };
};
type Instruments = { log: ReturnType<typeof createLogger>; metrics: ReturnType<typeof createMetrics> };

/** Every line that `run` leaves in the log, the metrics included, as the handler would write them. */
async function logOf(run: (instruments: Instruments) => Promise<unknown>): Promise<Line[]> {
  // Made while the output is captured: a logger keeps the stream that it found.
  const lines = await capturedOutput(async () => {
    const instruments = { log: createLogger('test'), metrics: createMetrics() };
    await run(instruments);
    instruments.metrics.flush();
  });
  return lines.map((line) => JSON.parse(line));
}

/** The alarm's own metric, under its own dimensions: all values that were written. */
function valuesFor(name: string, lines: readonly Line[]): number[] {
  const { MetricName, Dimensions = [] } = alarmNamed(name) ?? {};
  const wanted = Dimensions.map((dimension: { Name: string }) => dimension.Name);
  return lines.flatMap((line) => {
    const written = (line._aws?.CloudWatchMetrics ?? []).some(
      (set) =>
        set.Namespace === METRIC_NAMESPACE &&
        set.Metrics.some((metric) => metric.Name === MetricName) &&
        JSON.stringify(set.Dimensions.flat()) === JSON.stringify(wanted) &&
        Dimensions.every((dimension: { Name: string; Value: string }) => line[dimension.Name] === dimension.Value),
    );
    return written ? [line[MetricName]].flat().map(Number) : [];
  });
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const SITE = 'https://example.com/pricing';

/** The client for Paddle as `rotate` composes it. */
const watched = ({ world, paddle, account }: Harness, instruments: Instruments) => ({
  ...world,
  paddle: () => watchCredentials(paddle, account, instruments),
});

/** One reconcile, as the queue asks for it. */
async function reconcileOne(harness: Harness, instruments: Instruments, reported?: string): Promise<void> {
  if (reported) await harness.report(reported);
  const world = watched(harness, instruments);
  const body = JSON.stringify({ integration: harness.config.name, cause: 'due' });
  const handle = functionsOf({ world, deliveries: new FakeDeliveries(), ...instruments }).ask;
  await handle({ Records: [{ messageId: 'm', receiptHandle: 'h', body }] }, 'invocation');
}

async function atWork(config: ConstructorParameters<typeof Harness>[0] = {}): Promise<Harness> {
  const harness = new Harness(config);
  await harness.until(later(START, MINUTE));
  return harness;
}

/** A site that is never deployed again: it serves the first token for ever. */
async function neverRedeployed(graceFrom: 'published' | 'deployed'): Promise<Harness> {
  const harness = await atWork({ config: { sites: [SITE].map((url) => ({ url, extraOrigins: [] })), graceFrom } });
  harness.sites.deploy(SITE, harness.current?.value ?? '');
  return harness;
}

async function refusingToRevoke(): Promise<Harness> {
  const harness = await atWork();
  for (let refusals = 0; refusals < 5; refusals += 1) harness.paddle.failNext('revoke', 'before');
  await harness.until(later(START, 32 * DAY + 30 * MINUTE));
  return harness;
}

/** A run of the backfill, and another one `later` that Paddle does not let in: it must fail, and say how old its knowledge is. */
async function backfillOver(
  { log, metrics }: Instruments,
  permissions: Permission[],
  later: number,
  isRevoked = false,
): Promise<void> {
  const simulator = await startPaddleSimulator({ apiKeys: [{ permissions }], quirks: { rateLimit: null } });
  if (isRevoked) simulator.control.apiKeys.revoke(`apikey_${simulator.apiKey.split('_')[3]}`);
  const clock = { now: () => simulator.control.clock.now() };
  const client = createPaddleClient({
    apiUrl: simulator.url,
    environment: 'sandbox',
    apiKey: { get: async () => simulator.apiKey },
    throttle: createLocalThrottle(),
    clock,
  });
  let mark = freshWatermark('sandbox');
  const backfill = createBackfill({
    ledger: {
      account: async () => anAccount({ apiUrl: simulator.url }),
      sellers: async () => [],
      states: async () => [],
      watermark: async () => mark,
      save: async (previous, next) => {
        mark = { ...next, version: previous.version + 1 };
      },
    },
    trail: { append: async () => 'stored', reportForeign: async () => 'stored' },
    reports: new FakeReports(),
    queue: new FakeReconcileQueue(),
    paddle: (account) => createHistory(client, account),
    ...{ clock, log, metrics },
  });
  const run = () => backfill({ accounts: ['sandbox'] });
  try {
    if (later > 0) await run().catch(() => {});
    simulator.control.clock.advance(later);
    if (permissions.includes('notification.read'))
      for (const { id } of simulator.control.state().api_keys) simulator.control.apiKeys.revoke(id);
    await expect(run()).rejects.toThrow('sandbox: ');
  } finally {
    client.close();
    await simulator.stop();
  }
}

/** Alarm -> ways to raise it. Each writes, in all, as much as the alarm needs within one period. */
const RAISED: readonly (readonly [
  alarm: string,
  how: string,
  raise: (instruments: Instruments) => Promise<unknown>,
])[] = [
  [
    ALARMS.overdue,
    'a reconcile that nobody has had for three hours',
    ({ log, metrics }) =>
      createHeartbeat({
        due: { findDue: async () => [{ integration: 'pricing-page', dueAt: '2026-11-22T00:00:00.000Z' }] },
        ...{ accounts: { accountsOf: async () => new Map() }, rest: async () => {} },
        ...{ queue: new FakeReconcileQueue(), clock: new StillClock('2026-11-22T03:00:00.000Z'), log, metrics },
      })(),
  ],
  [
    ALARMS.overdue,
    'a rotation that has been failing for three hours, punctually reconciled',
    async (instruments) => {
      const harness = await atWork();
      const end = later(START, 30 * DAY + 3 * HOUR);
      for (let refusals = 0; refusals < 50; refusals += 1) harness.paddle.failNext('create', 'before');
      await harness.until(end);
      harness.clock.set(harness.dueAt ?? end);
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.rotationFailure,
    'Paddle does not mint',
    async (instruments) => {
      const harness = await atWork();
      harness.clock.set(later(START, 30 * DAY));
      harness.paddle.failNext('create', 'before');
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.rotationFailure,
    'a reconcile ends in a defect, again and again',
    async (instruments) => {
      const harness = await atWork();
      harness.ledger.load = () => Promise.reject(new Error('the ledger is away'));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.revokedTokenServed,
    'a page serves a token that an emergency has ended',
    async (instruments) => {
      const harness = await neverRedeployed('published');
      await harness.reconcile({ command: commands.emergency({ reason: 'leaked' }) });
      harness.clock.set(harness.dueAt ?? '');
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.deploymentOverdue,
    'a deploy hook took the call, and no page shows the new token for an hour',
    async (instruments) => {
      const harness = await neverRedeployed('published');
      harness.configure({ deployHooks: [{ kind: 'webhook', url: { secret: 'hooks/shop' } }] });
      await harness.reconcile({ command: commands.rotate({ requestId: 'r1' }) });
      const call = { integration: harness.config.name, hook: 'h', label: 'a hook', publication: 'p' };
      const tokenId = harness.current?.id ?? '';
      harness.ledger.calls.set(harness.config.name, [{ ...call, tokenId, at: harness.clock.iso() }]);
      await harness.until(later(harness.clock.iso(), HOUR));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.holdOverdue,
    'a page serves the superseded token, a week after its deadline',
    async (instruments) => {
      const harness = await neverRedeployed('published');
      await harness.until(later(START, 39 * DAY + HOUR));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.holdOverdue,
    'a grace window that starts at the deployment waits for one, a week long',
    async (instruments) => {
      const harness = await neverRedeployed('deployed');
      await harness.until(later(START, 37 * DAY + HOUR));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.holdOverdue,
    'a pause lasts for more than a week',
    async (instruments) => {
      const harness = await atWork();
      await harness.reconcile({ command: commands.pause({}) });
      await harness.until(later(START, 8 * DAY));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.revocationStuck,
    'Paddle has refused five times to revoke',
    async (instruments) => reconcileOne(await refusingToRevoke(), instruments),
  ],
  [
    ALARMS.outOfBandChange,
    'somebody revokes the current token, seen by rotate',
    async (instruments) => {
      const harness = await atWork();
      const lost = harness.current?.id ?? '';
      harness.paddle.revokeOutside(lost);
      await reconcileOne(harness, instruments, lost);
    },
  ],
  [
    ALARMS.outOfBandChange,
    'nothing is minted in the place of a lost token, because of a pause',
    async (instruments) => {
      const harness = await atWork();
      await harness.reconcile({ command: commands.pause({}) });
      const lost = harness.current?.id ?? '';
      harness.paddle.revokeOutside(lost);
      await harness.report(lost);
      await harness.reconcile();
      harness.clock.set(later(harness.clock.iso(), HOUR));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.outOfBandChange,
    'somebody changes the current token, seen by its webhook',
    async (instruments) => {
      const world = observing(instruments);
      const current = { id: 'ctkn_b', name: 'pricing-page · r2', rotationId: 'r2' };
      const state = { tokens: [{ ...current, origin: 'minted' as const, status: 'current' as const }] };
      world.owners.set('ctkn_b', 'pricing-page');
      world.states.set('pricing-page', { config: { account: 'live' }, state });
      await world.run(inserted(webhookLine({ id: 'evt_1', type: 'client_token.updated', tokenId: 'ctkn_b' })));
    },
  ],
  [
    ALARMS.signatureFailures,
    'Paddle delivers an event three times, and none is signed with the secret that is stored here',
    async (instruments) => {
      const { send } = ingestion(undefined, instruments);
      for (let deliveries = 0; deliveries < 3; deliveries += 1) await send(revoked, { secret: 'another' });
    },
  ],
  [
    ALARMS.apiKeyProblem,
    'Paddle says that our key expires',
    async (instruments) => {
      const { run, keyIds } = observing(instruments);
      const id = `apikey_${'a'.repeat(26)}`;
      keyIds.set('live', id);
      await run(inserted(webhookLine({ id: 'evt_1', type: 'api_key.expiring', data: { id } })));
    },
  ],
  [
    ALARMS.apiKeyProblem,
    'Paddle does not accept the key',
    async (instruments) => {
      const harness = await atWork();
      harness.paddle.failNext('create', 'before', { error: new AlertError('invalid_token', 'not accepted') });
      harness.clock.set(later(START, 30 * DAY));
      await reconcileOne(harness, instruments);
    },
  ],
  [
    ALARMS.apiKeyProblem,
    'the backfill is not let in with the key',
    (instruments) => backfillOver(instruments, [], 0, true),
  ],
  [
    ALARMS.auditStale,
    'the API key has not been allowed to read events for six hours',
    (instruments) => backfillOver(instruments, ['client_token.read'], 6 * HOUR),
  ],
  [
    ALARMS.auditStale,
    'Paddle has not been read from for six hours',
    (instruments) => backfillOver(instruments, ['notification.read', 'client_token.read'], 6 * HOUR),
  ],
];

/** Their line names an account; that of the others, an integration. */
const OF_ACCOUNTS: readonly string[] = [ALARMS.apiKeyProblem, ALARMS.auditStale, ALARMS.signatureFailures];

test('every alarm on a metric of ours is raised here', () => {
  const ownAlarms = alarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE).map(({ AlarmName }) => AlarmName);
  expect([...new Set(RAISED.map(([alarm]) => alarm))].sort()).toEqual(ownAlarms.sort());
});

test.each(RAISED)('%s is raised when %s', async (alarm, _, raise) => {
  const lines = await logOf(raise);
  const { Statistic, Threshold } = alarmNamed(alarm) ?? {};
  const values = valuesFor(alarm, lines);
  expect(Statistic === 'Maximum' ? Math.max(...values) : sum(values)).toBeGreaterThanOrEqual(Threshold);
});

test.each(RAISED)('%s has a line beside it that says where, when %s', async (alarm, _, raise) => {
  const named = (await logOf(raise)).filter((line) => line.alarm === alarm);
  expect(named).toContainEqual(
    OF_ACCOUNTS.includes(alarm)
      ? expect.objectContaining({ account: expect.stringMatching(/^(live|sandbox)$/) })
      : expect.objectContaining({ integration: 'pricing-page' }),
  );
});

test.each([
  [ALARMS.reconcileDeadLetters, NAMES.reconcileDeadLetters],
  [ALARMS.failures, NAMES.failures],
])('%s watches the depth of %s, which SQS measures itself', (alarm, queue) => {
  const { resources } = synthesize();
  const { Namespace, MetricName, Dimensions, Threshold } = alarmNamed(alarm) ?? {};
  const [{ Name, Value }] = Dimensions;
  const watched = resources[Value['Fn::GetAtt'][0]];
  expect({ Namespace, MetricName, Threshold, Name }).toEqual({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Threshold: 1,
    Name: 'QueueName',
  });
  expect(watched?.Properties.QueueName).toBe(queue);
});

describe('what is no reason to ring', () => {
  const quiet = async (raise: (instruments: Instruments) => Promise<unknown>) =>
    (await logOf(raise)).filter((line) => line.alarm !== undefined);

  test('a hold that is not yet as old as the configuration allows', async () => {
    const lines = await logOf(async (instruments) => {
      const harness = await neverRedeployed('published');
      await harness.until(later(START, 38 * DAY));
      expect(harness.state.tokens.some(({ hold }) => hold)).toBe(true);
      await reconcileOne(harness, instruments);
    });
    expect(valuesFor(ALARMS.holdOverdue, lines)).toEqual([]);
  });

  test('a hold that a person placed, however old', async () => {
    const lines = await logOf(async (instruments) => {
      const harness = await neverRedeployed('published');
      await harness.until(later(START, 33 * DAY));
      const handle = functionsOf({ world: harness.world, deliveries: new FakeDeliveries(), ...instruments }).ask;
      const tokenId = harness.state.tokens.find(({ hold }) => hold)?.id;
      await handle({ integration: 'pricing-page', action: 'hold', tokenId, reason: 'an audit' }, 'i1');
      harness.clock.set(later(START, 50 * DAY));
      await reconcileOne(harness, instruments);
    });
    expect(valuesFor(ALARMS.holdOverdue, lines)).toEqual([]);
  });

  test('a quiet rotation', async () => {
    expect(
      await quiet(async (instruments) => {
        const harness = await atWork();
        harness.clock.set(later(START, 30 * DAY));
        await reconcileOne(harness, instruments);
        harness.clock.set(later(START, 32 * DAY));
        await reconcileOne(harness, instruments);
        expect(harness.active).toHaveLength(1);
      }),
    ).toEqual([]);
  });
});
