/** The stored API key is replaced by one of another Paddle account: noticed before anything is done with it, at every step. */
import { DAY, HOUR, MINUTE } from '../../lambdas/domain/time.ts';
import { type AccountClient, createAccountClient, type KnownKey } from '../../lambdas/paddle/account-key.ts';
import { createLocalThrottle } from '../../lambdas/paddle/throttle.ts';
import { status } from '../../lambdas/rotation/answer.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { type Command, reconcile, type World } from '../../lambdas/rotation/reconcile.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';
import { RecordingLog } from '../fakes/runtime.ts';
import { simulator, stopAll } from '../paddle-simulator/helpers.ts';
import { Harness } from './harness.ts';

const opened: AccountClient[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await stopAll();
});

/** The reconciler over the real client and a Paddle with two accounts; its time is the world's. */
async function world() {
  const paddle = await simulator({ environment: 'sandbox' });
  const harness = new Harness();
  harness.ledger.accounts.set('sandbox', anAccount({ apiUrl: paddle.url }));
  let item: KnownKey = {};
  const stored = { key: paddle.apiKey };
  const client = createAccountClient({
    ...{ apiUrl: paddle.url, environment: 'sandbox', account: 'sandbox', throttle: createLocalThrottle() },
    ...{ clock: harness.clock, log: new RecordingLog(), rest: async () => {} },
    apiKey: { get: async () => stored.key },
    knownKeys: {
      read: async () => item,
      async verified(_, fingerprint) {
        item = { ...item, fingerprint };
      },
      async proven(_, provenBy, fingerprint) {
        item = { provenBy, fingerprint };
        return true;
      },
    },
  });
  opened.push(client);
  const real: World = {
    ...harness.world,
    paddle(_, ours) {
      if (ours) client.owns(ours);
      return client;
    },
  };
  const run = async (command?: Command, wait = 0) => {
    harness.clock.advance(wait);
    paddle.control.clock.set(harness.clock.now());
    return reconcile({ integration: harness.config.name, command }, real);
  };
  const exchange = () => {
    const right = stored.key;
    stored.key = paddle.control.apiKeys.create({ account: 'another' }).key;
    return () => {
      stored.key = right;
    };
  };
  paddle.control.clock.set(Date.parse(START));
  await run();
  return { paddle, harness, run, exchange, ours: () => paddle.control.state().tokens };
}

const untouched = { tokens: [], destinations: [] };

test.each([
  ['a rotation', () => commands.rotate({})],
  ['an emergency', () => commands.emergency({ reason: 'leaked' })],
])('%s mints nothing with it; the event and the status say why; with the right key it goes on', async (_, wish) => {
  const { paddle, harness, run, exchange, ours } = await world();
  const putBack = exchange();
  await run(wish());
  expect(paddle.control.state().others.another).toEqual(untouched);
  expect(harness.ledger.records.at(-1)).toMatchObject({
    type: 'rotation.delayed',
    reason: 'api_key_other_account',
    message: expect.stringContaining('belongs to another Paddle account'),
  });
  const snapshot = {
    now: harness.clock.iso(),
    runId: 'nobody',
    recheck: [],
    config: harness.config,
    state: harness.state,
  };
  expect(status(snapshot, [])).toMatchObject({ retry: { code: 'api_key_other_account' } });
  putBack();
  await run(undefined, HOUR);
  expect(ours().filter(({ status }) => status === 'active').length).toBe(
    harness.state.tokens.filter(({ status }) => status !== 'revoked').length,
  );
  expect(harness.state.rotation).toBeUndefined();
});

test('healing mints nothing with it either, and the report stays until Paddle has answered', async () => {
  const { paddle, harness, run, exchange, ours } = await world();
  const lost = harness.current?.id ?? '';
  paddle.control.dashboard.revoke(lost);
  const putBack = exchange();
  await harness.report(lost);
  await run();
  expect(harness.token(lost).status).toBe('current');
  expect(harness.reported).toEqual([lost]);
  expect(paddle.control.state().others.another).toEqual(untouched);
  putBack();
  await run(undefined, MINUTE);
  expect(harness.token(lost).status).toBe('revoked');
  expect(ours().filter(({ status }) => status === 'active')).toHaveLength(1);
});

test('a mint in doubt is not searched for in the other account, and so not posted there', async () => {
  const { paddle, harness, run, exchange } = await world();
  paddle.control.faults.add({ method: 'POST', path: '/client-tokens', commit: 'done', answer: 'drop' });
  await run(commands.rotate({}));
  expect(harness.state.rotation).toMatchObject({ doubted: true });
  const putBack = exchange();
  for (let hour = 0; hour < 6; hour += 1) await run(undefined, HOUR);
  expect(harness.state.rotation).toMatchObject({ doubted: true, emptyLists: 0 });
  expect(paddle.control.state().others.another).toEqual(untouched);
  putBack();
  await run(undefined, HOUR);
  expect(harness.state.rotation).toBeUndefined();
});

test('between the mint and the revocation: nothing is revoked, nothing is believed gone', async () => {
  const { harness, run, exchange, ours } = await world();
  await run(commands.rotate({}));
  const old = harness.state.tokens.find(({ status }) => status === 'superseded')?.id ?? '';
  const putBack = exchange();
  for (let hour = 0; hour < 4; hour += 1) await run(undefined, DAY);
  expect(harness.token(old)).toMatchObject({ status: 'superseded', hold: { reason: 'api_key_other_account' } });
  expect(ours().map(({ status }) => status)).toEqual(['active', 'active']);
  putBack();
  await run(undefined, DAY);
  expect(harness.token(old).status).toBe('revoked');
});

test('a revocation that was begun is asked about with the right key only', async () => {
  const { paddle, harness, run, exchange, ours } = await world();
  await run(commands.rotate({}));
  const old = harness.state.tokens.find(({ status }) => status === 'superseded')?.id ?? '';
  const path = `/client-tokens/${old}`;
  paddle.control.faults.add({ method: 'PATCH', path, commit: 'never', answer: 'drop' });
  paddle.control.faults.add({ method: 'GET', path, answer: 'drop', times: 9 });
  await run(undefined, 3 * DAY);
  expect(harness.token(old).status).toBe('revoking');
  paddle.control.faults.clear();
  const putBack = exchange();
  await run(undefined, HOUR);
  expect(harness.token(old)).toMatchObject({ status: 'revoking', hold: { reason: 'api_key_other_account' } });
  expect(ours().find(({ id }) => id === old)?.status).toBe('active');
  putBack();
  await run(undefined, 3 * HOUR);
  await run(undefined, 3 * HOUR);
  expect(harness.token(old).status).toBe('revoked');
});

test('no sweep is had there, and no late twin is missed', async () => {
  const { paddle, harness, run, exchange, ours } = await world();
  paddle.control.faults.add({ method: 'POST', path: '/client-tokens', commit: 'never', answer: 'drop' });
  await run(commands.rotate({}));
  for (let minute = 0; minute < 4; minute += 1) await run(undefined, MINUTE);
  expect(harness.state.sweeps.length).toBeGreaterThan(0);
  paddle.control.dashboard.create({ name: harness.current?.name ?? '' });
  const putBack = exchange();
  for (let hour = 0; hour < 30; hour += 1) await run(undefined, HOUR);
  expect(harness.state.sweeps.length).toBeGreaterThan(0);
  putBack();
  for (let hour = 0; hour < 6; hour += 1) await run(undefined, HOUR);
  expect(ours()).toHaveLength(3);
  expect(harness.state.sweeps).toEqual([]);
  expect(harness.state.tokens.filter(({ status }) => status === 'revoked').length).toBeGreaterThan(0);
});

test('a token that only bears our name is not struck off because the other account does not know it', async () => {
  const { paddle, harness, run, exchange } = await world();
  const named = paddle.control.dashboard.create({ name: `${harness.config.name} · ${'0'.repeat(26)}` }).id;
  await harness.report(named);
  await run();
  expect(harness.state.unclaimed?.map(({ id }) => id)).toEqual([named]);
  exchange();
  for (let day = 0; day < 3; day += 1) await run(undefined, DAY);
  expect(harness.state.unclaimed?.map(({ id }) => id)).toEqual([named]);
});

test('an integration that is new to the account is no way around it', async () => {
  const { paddle, harness, run, exchange } = await world();
  exchange();
  harness.configure(anIntegration({ name: 'second', targets: [{ kind: 'ssm', name: '/second' }] }));
  await run(undefined, MINUTE);
  expect(harness.state.retry?.code).toBe('api_key_other_account');
  expect(paddle.control.state().others.another).toEqual(untouched);
});
