/** Of a thousand sellers, one key or another is always dead: it is written down, rings no alarm, and fails no run. */
import { createBackfill, SELLERS_PER_RUN, turnOf } from '../../lambdas/backfill/backfill.ts';
import { freshWatermark } from '../../lambdas/backfill/watermark.ts';
import { AlertError } from '../../lambdas/domain/errors.ts';
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import type { Paddle } from '../../lambdas/paddle/client-tokens.ts';
import { watchCredentials } from '../../lambdas/paddle/watch-credentials.ts';
import { measure } from '../../lambdas/rotation/measure.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';
import { FakeReconcileQueue, FakeReports, RecordingLog, RecordingMetrics, StillClock } from '../fakes/runtime.ts';

const tools = () => ({ log: new RecordingLog(), metrics: new RecordingMetrics() });
const dead = () => Promise.reject(new AlertError('invalid_token', 'the key is dead'));
const OWNERS = [
  ['api', []],
  [undefined, ['ApiKeyProblem']],
] as const;

test.each(OWNERS)('a refused key of an account that is owned by %s counts %j', async (owner, counted) => {
  const { log, metrics } = tools();
  const paddle = { create: dead, list: dead, active: dead, get: dead, revoke: dead } as unknown as Paddle;
  const watched = watchCredentials(paddle, { name: 'acme', owner }, { log, metrics });
  await expect(watched.get('ctkn_1')).rejects.toThrow('the key is dead');
  expect(metrics.counted).toEqual(counted);
  expect(log.lines).toHaveLength(1);
});

const LATE = '2026-03-01T05:00:00.000Z';
function measured(owner: 'api' | undefined, retry: Partial<NonNullable<IntegrationState['retry']>>) {
  const { log, metrics } = tools();
  const state: IntegrationState = {
    ...{ integration: 'shop', version: 1, tokens: [], sweeps: [], requests: [] },
    rotation: { rotationId: 'r', trigger: 'schedule', phase: 'intended', intendedAt: START } as never,
    retry: {
      step: 'mint',
      code: 'invalid_token',
      message: '',
      since: START,
      attempts: 3,
      nextAttemptAt: LATE,
      ...retry,
    },
  };
  const snapshot = { config: anIntegration({ owner }), state, now: LATE, runId: 'r', recheck: [] };
  measure({ outcome: 'settled', records: [], snapshot, decision: { reason: '', message: '' } } as never, metrics, log);
  return metrics.counted;
}

test('a rotation that waits for a seller’s key counts as no failure and as not late; every other one does', () => {
  const alarms = ['RotationFailure', 'OverdueSeconds 18000'];
  expect(measured('api', {})).toEqual([]);
  expect(measured('api', { code: 'ResourceNotFoundException' })).toEqual([]);
  expect(measured(undefined, {})).toEqual(alarms);
  expect(measured('api', { code: 'timeout' })).toEqual(alarms);
  // What cannot be written is the platform's to mend, whatever it is called.
  expect(measured('api', { step: 'publish', code: 'ResourceNotFoundException' })).toEqual(alarms);
});

test('the backfill of sellers goes on after one whose key is dead, and passes by who has left, for the file, too', async () => {
  const { log, metrics } = tools();
  const asked: string[] = [];
  const accounts = new Map(
    [
      anAccount({ name: 'a', owner: 'api' }),
      anAccount({ name: 'b', owner: 'api', managed: false }),
      anAccount({ name: 'c', owner: 'api' }),
      anAccount({ name: 'd' }),
    ].map((account) => [account.name, account] as const),
  );
  const backfill = createBackfill({
    ledger: {
      account: async (name) => accounts.get(name),
      sellers: async () => ['a', 'b', 'c', 'd', 'gone'],
      states: async () => [],
      watermark: async (name) => freshWatermark(name),
      save: async () => {},
    },
    trail: { append: async () => 'stored', reportForeign: async () => 'stored' },
    ...{ reports: new FakeReports(), queue: new FakeReconcileQueue(), clock: new StillClock(), log, metrics },
    paddle: ({ name }) => {
      asked.push(name);
      throw new AlertError('invalid_token', 'the key is dead');
    },
  });
  await expect(backfill({ accounts: [], sellers: true })).resolves.toEqual([]);
  expect(asked.toSorted()).toEqual(['a', 'c']);
  expect(metrics.counted).toEqual([]);
});

test('of a thousand sellers, each has its turn within five hours', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `seller-${index}`);
  const turns = Array.from({ length: 5 }, (_, hour) => turnOf(names, hour * 3_600_000));
  for (const turn of turns) expect(turn).toHaveLength(SELLERS_PER_RUN);
  expect(new Set(turns.flat()).size).toBe(1_000);
});

test('a run that does not get through its turn leaves other accounts over each time', () => {
  const names = Array.from({ length: 400 }, (_, n) => `seller-${n}`);
  const begun = new Set(Array.from({ length: 100 }, (_, hour) => turnOf(names, hour * 3_600_000).slice(0, 60)).flat());
  expect(begun.size).toBe(names.length);
});
