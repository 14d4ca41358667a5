import { AlertError } from '../../lambdas/domain/errors.ts';
import {
  DestinationsError,
  reconcileDestinations,
  refuse,
  retireEverywhere,
  rotateSecret,
  summary,
} from '../../lambdas/registrar/destinations/all-destinations.ts';
import { decideStep, type Facts } from '../../lambdas/registrar/destinations/decide.ts';
import { addressOf, generationOf } from '../../lambdas/registrar/destinations/model.ts';
import type { DestinationPorts } from '../../lambdas/registrar/destinations/ports.ts';
import { reconcileDestination } from '../../lambdas/registrar/destinations/reconcile-destination.ts';
import { handleAction } from '../../lambdas/registrar/requests.ts';
import { ACCOUNT, destinationWorld, ENDPOINT, stopAll } from './destination-world.ts';

afterEach(stopAll);

const DAY = 86_400_000;

describe('the first deploy', () => {
  test('creates the destination, stores its secret, and sees a test event arrive', async () => {
    const world = await destinationWorld();
    const [finding] = await reconcileDestinations([ACCOUNT], world.ports, { proveAnew: true });
    expect(finding).toMatchObject({ account: 'sandbox', outcome: 'registered' });
    const [destination] = world.destinations();
    expect(destination).toMatchObject({ destination: ENDPOINT, active: true, traffic_source: 'all' });
    expect(destination?.subscribed_events).toEqual(
      expect.arrayContaining(['client_token.revoked', 'api_key.expiring', 'api_key_exposure.created']),
    );
    expect(world.secrets).toEqual([await world.secretOf(destination?.id)]);
    expect(world.record).toMatchObject({ destinationId: destination?.id, proved: { destinationId: destination?.id } });
    expect(world.record?.lease).toBeUndefined();
  });

  test('whose API key is not stored yet goes on without webhooks, and the next maintenance makes up for it', async () => {
    const world = await destinationWorld();
    world.failKey(new AlertError('ResourceNotFoundException', 'Could not read the secret k: store the credential'));
    const findings = await reconcileDestinations([ACCOUNT], world.ports, { proveAnew: true });
    expect(summary(findings)).toBe(
      'sandbox: pending (Could not read the secret k: store the credential; it is tried again every hour)',
    );
    expect(() => refuse(findings, ['failed'])).not.toThrow();
    expect(world.record?.failure).toMatchObject({ code: 'ResourceNotFoundException' });
    world.failKey(undefined);
    await reconcileDestinations([ACCOUNT], world.ports);
    expect(world.destinations()).toHaveLength(1);
    expect(world.record?.failure).toBeUndefined();
  });

  test('with a key that Paddle refuses fails, and says what to do', async () => {
    const world = await destinationWorld();
    world.failKey(new AlertError('invalid_token', 'Paddle does not accept the key: store a valid one'));
    const findings = await reconcileDestinations([ACCOUNT], world.ports);
    expect(() => refuse(findings, ['failed'])).toThrow(
      new DestinationsError('sandbox: Paddle does not accept the key: store a valid one'),
    );
  });

  test('without the permission for destinations names it and the way around', async () => {
    const world = await destinationWorld({ permissions: ['client_token.write'] });
    const [finding] = await reconcileDestinations([ACCOUNT], world.ports);
    expect(finding?.outcome).toBe('failed');
    expect(finding?.message).toContain('notification_setting.read');
    expect(finding?.message).toContain("or set webhooks: 'manual' for account sandbox");
  });

  test('without the permission to simulate registers all the same, and warns', async () => {
    const world = await destinationWorld({ permissions: ['notification_setting.write'] });
    const [finding] = await reconcileDestinations([ACCOUNT], world.ports, { proveAnew: true });
    expect(finding?.outcome).toBe('registered');
    expect(finding?.message).toContain('lacks notification_simulation.write');
  });

  test('that finds ten active destinations says so', async () => {
    const world = await destinationWorld();
    for (let n = 0; n < 10; n += 1) await world.foreignDestination(`http://127.0.0.1:1/${n}`);
    const [finding] = await reconcileDestinations([ACCOUNT], world.ports);
    expect(finding).toMatchObject({ outcome: 'failed' });
    expect(finding?.message).toContain('Paddle allows ten active destinations: deactivate one');
    expect(world.secrets).toEqual([]);
  });

  test('whose test event does not arrive fails with what Paddle was answered', async () => {
    const world = await destinationWorld();
    world.refuseWebhooks(true);
    const [finding] = await reconcileDestinations([ACCOUNT], world.ports, { proveAnew: true });
    expect(finding).toMatchObject({ outcome: 'failed' });
    expect(finding?.message).toContain('Paddle was answered 401');
    expect(finding?.message).toContain('proveWebhooks: false');
  });

  test('whose test event does not arrive succeeds when no proof is wanted', async () => {
    const world = await destinationWorld();
    world.refuseWebhooks(true);
    const unproved = { ...ACCOUNT, proveWebhooks: false };
    expect(await reconcileDestinations([unproved], world.ports, { proveAnew: true })).toMatchObject([
      { outcome: 'registered' },
    ]);
  });

  test('leaves an account alone whose webhooks are kept by hand', async () => {
    const world = await destinationWorld();
    expect(await reconcileDestinations([{ ...ACCOUNT, webhooks: 'manual' }], world.ports)).toMatchObject([
      { outcome: 'manual' },
    ]);
    expect(world.requests()).toEqual([]);
  });
});

describe('a later deploy', () => {
  test('changes nothing when nothing has changed', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    const before = [world.destinations(), world.secretWrites, world.record];
    expect((await reconcileDestination(ACCOUNT, world.ports)).steps).toEqual([]);
    expect([world.destinations(), world.secretWrites, world.record]).toEqual(before);
  });

  test('repairs what somebody changed in the dashboard', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    const [{ id } = { id: '' }] = world.destinations();
    await world.patch(id, { active: false, subscribed_events: ['client_token.created'], traffic_source: 'platform' });
    expect((await reconcileDestination(ACCOUNT, world.ports)).steps).toEqual(['repair']);
    expect(world.destinations()).toMatchObject([{ id, active: true, traffic_source: 'all' }]);
    expect(world.destinations()[0]?.subscribed_events).toHaveLength(11);
  });

  test('stores the secret again when somebody overwrote it', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    const good = world.secrets;
    world.secrets = ['pdl_ntfset_of_something_else'];
    expect((await reconcileDestination(ACCOUNT, world.ports)).steps).toEqual(['store']);
    expect(world.secrets).toEqual(good);
  });

  test('at another address of the API takes the destination, and its secret, along', async () => {
    const world = await destinationWorld();
    await reconcileDestination(
      { ...ACCOUNT, proveWebhooks: false },
      { ...world.ports, baseUrl: 'http://127.0.0.1:1/before' },
    );
    const { secrets } = world;
    await reconcileDestination(ACCOUNT, world.ports);
    expect(world.destinations()).toMatchObject([{ destination: ENDPOINT }]);
    expect(world.secrets).toEqual(secrets);
  });

  test('finds its destination at Paddle when the ledger has lost it', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    const [{ id } = { id: '' }] = world.destinations();
    world.forget();
    await reconcileDestination(ACCOUNT, world.ports);
    expect(world.destinations().map((destination) => destination.id)).toEqual([id]);
  });
});

describe('a destination that is at Paddle already, and that the ledger does not know', () => {
  /** As an installation leaves it that was lost together with its ledger and its secret. */
  async function leftBehind(change: object = {}) {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    const [{ id } = { id: '' }] = world.destinations();
    await world.patch(id, change);
    world.forget();
    world.secrets = [];
    const posts = () => world.requests().filter(isCreation).length;
    const before = posts();
    return { world, id, refusals: () => posts() - before };
  }
  const isCreation = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && path === '/notification-settings';

  /** Paddle's lists, of which the first few do not show anything yet. */
  function lagging(ports: DestinationPorts, lists: number): DestinationPorts {
    let left = lists;
    const paddle: DestinationPorts['paddle'] = (account) => {
      const settings = ports.paddle(account);
      const list = async () => {
        const found = await settings.list();
        left -= 1;
        return left < 0 ? found : [];
      };
      return { ...settings, list };
    };
    return { ...ports, paddle };
  }

  // A run lists twice before it creates, and up to three times after it was refused.
  test.each([
    ['active', 'at once', 0, {}, 0],
    ['active', 'after the refusal as a duplicate', 2, {}, 1],
    ['active', 'by the last list', 4, {}, 1],
    ['inactive', 'at once', 0, { active: false }, 0],
    ['inactive', 'after the refusal as a duplicate', 2, { active: false }, 1],
    ['inactive', 'by the last list', 4, { active: false }, 1],
  ])('%s, is found %s, and there is no second one', async (_, __, lists, change, refused) => {
    const { world, id, refusals } = await leftBehind(change);
    const [finding] = await reconcileDestinations([ACCOUNT], lagging(world.ports, lists), { proveAnew: true });
    expect(finding).toEqual({ account: 'sandbox', outcome: 'registered', message: id });
    expect(refusals()).toBe(refused);
    expect(world.destinations()).toMatchObject([{ id, active: true, traffic_source: 'all' }]);
    expect(world.secrets).toEqual([await world.secretOf(id)]);
    expect(world.record).toMatchObject({ destinationId: id, proved: { destinationId: id } });
  });

  test('and that no list shows, fails the deploy, and says what to do; the next maintenance finds it', async () => {
    const { world, id, refusals } = await leftBehind();
    const findings = await reconcileDestinations([ACCOUNT], lagging(world.ports, Number.POSITIVE_INFINITY), {
      proveAnew: true,
    });
    expect(() => refuse(findings, ['failed'])).toThrow(
      new DestinationsError(
        `sandbox: Paddle refuses a second notification destination ${ENDPOINT} with the same settings, and does not list the first one. Delete the destination with this address, active or not (Developer tools > Notifications), and deploy again, or set webhooks: 'manual' for account sandbox`,
      ),
    );
    expect(refusals()).toBe(1);
    expect(world.record?.failure).toMatchObject({ code: 'notification_setting_cannot_be_duplicate' });
    expect(world.record?.lease).toBeUndefined();
    await reconcileDestinations([ACCOUNT], world.ports);
    expect(world.destinations()).toMatchObject([{ id, active: true }]);
    expect(world.record?.failure).toBeUndefined();
  });
});

test('a destroy deactivates the destination, and deletes nothing', async () => {
  const world = await destinationWorld();
  await reconcileDestination(ACCOUNT, world.ports);
  await retireEverywhere([ACCOUNT], world.ports);
  expect(world.destinations()).toMatchObject([{ destination: ENDPOINT, active: false }]);
});

test('a destroy goes on when Paddle cannot be asked, and tells how to do it by hand', async () => {
  const world = await destinationWorld();
  world.failKey(new AlertError('invalid_token', 'dead'));
  await retireEverywhere([ACCOUNT], world.ports);
  expect(JSON.stringify(world.log.lines)).toContain('deactivate the destination in Paddle');
});

describe('a rotation of the secret', () => {
  test('keeps both secrets valid for the overlap, and then only the new one', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    const [old] = world.secrets;
    const answer = await rotateSecret({ account: 'sandbox', overlapMs: 3_600_000 }, world.ports);
    expect(answer).toMatchObject({ outcome: 'started' });
    expect(world.destinations()).toMatchObject([
      { destination: ENDPOINT, active: true },
      { destination: `${ENDPOINT}?d=2`, active: true, traffic_source: 'all' },
    ]);
    expect(world.secrets).toEqual([expect.any(String), old]);
    const [fresh] = world.secrets;

    expect(await rotateSecret({ account: 'sandbox' }, world.ports)).toMatchObject({ outcome: 'under-way' });
    world.advance(3_600_000);
    await reconcileDestination(ACCOUNT, world.ports);
    expect(world.destinations()).toMatchObject([{ active: false }, { active: true }]);
    expect(world.secrets).toEqual([fresh]);
    expect(world.record).toMatchObject({ generation: 2 });
    expect(world.record?.rotation).toBeUndefined();
  });

  test('never opens a destination whose secret is not stored', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    world.failSecretWrites(true);
    await rotateSecret({ account: 'sandbox' }, world.ports).catch(() => {});
    expect(world.destinations()).toMatchObject([
      { active: true, traffic_source: 'all' },
      { active: true, traffic_source: 'simulation' },
    ]);
  });

  test('survives a crash after every write to Paddle, the secret and the ledger', async () => {
    const clean = await rotateWithCrashAt(Number.POSITIVE_INFINITY);
    expect(clean.writes).toBeGreaterThan(8);
    for (let crash = 1; crash <= clean.writes; crash += 1) {
      const { world } = await rotateWithCrashAt(crash);
      expect(world.destinations().map(({ active }) => active)).toEqual([false, true]);
      expect(world.secrets).toEqual([await world.secretOf(world.destinations()[1]?.id)]);
      expect(world.record).toMatchObject({ generation: 2 });
      await stopAll();
    }
  }, 180_000);

  test('comes by itself when the secret is a year old', async () => {
    const world = await destinationWorld();
    await reconcileDestination(ACCOUNT, world.ports);
    world.advance(366 * DAY);
    await reconcileDestination(ACCOUNT, world.ports);
    expect(world.secrets).toHaveLength(2);
    world.advance(2 * DAY);
    await reconcileDestination(ACCOUNT, world.ports);
    expect(world.record).toMatchObject({ generation: 2 });
  });

  test('is refused in words for a faulty request', async () => {
    const world = await destinationWorld();
    const ask = (request: object) => handleAction({ action: 'rotate-webhook-secret', ...request }, world.ports);
    expect(await ask({})).toMatchObject({ outcome: 'rejected', message: 'account: is missing' });
    expect(await ask({ account: 'sandbox', overlapSeconds: 0 })).toMatchObject({
      outcome: 'rejected',
      message: 'overlapSeconds: is a whole number from 60 to 604800',
    });
    expect(await ask({ account: 'nobody' })).toMatchObject({ outcome: 'rejected' });
    expect(await handleAction({}, world.ports)).toMatchObject({ outcome: 'rejected' });
    // Who has left is not called for, nor is anything changed at Paddle.
    world.accounts.set('sandbox', { ...ACCOUNT, owner: 'api', managed: false });
    expect(await ask({ account: 'sandbox' })).toMatchObject({
      outcome: 'rejected',
      message: expect.stringMatching(/not managed/),
    });
    expect(await handleAction({ action: 'maintain-webhooks', accounts: ['sandbox'] }, world.ports)).toMatchObject({
      message: 'no accounts',
    });
    expect(world.destinations()).toEqual([]);
  });
});

/** One rotation, repeated as the hourly maintenance would, with a crash right after write number `crash`. */
async function rotateWithCrashAt(crash: number) {
  const world = await destinationWorld();
  const account = { ...ACCOUNT, proveWebhooks: false };
  world.accounts.set('sandbox', account);
  await reconcileDestination(account, world.ports);
  world.crashAfter(crash);
  await rotateSecret({ account: 'sandbox', overlapMs: 60_000 }, world.ports).catch(() => {});
  const writesSoFar = () => world.writes;
  for (let hour = 0; hour < 4; hour += 1) {
    world.advance(3_600_000);
    await rotateIfForgotten(world);
    await reconcileDestination(account, world.ports).catch(() => {});
  }
  return { world, writes: writesSoFar() };
}

/** The very first write is the wish itself: whoever saw it fail asks again. */
async function rotateIfForgotten(world: Awaited<ReturnType<typeof destinationWorld>>) {
  if (world.record?.generation === 1 && !world.record.rotation)
    await rotateSecret({ account: 'sandbox', overlapMs: 60_000 }, world.ports).catch(() => {});
}

test('an address belongs to a generation only when it is exactly its own', () => {
  for (const generation of [1, 2, 17]) expect(generationOf(ENDPOINT, addressOf(ENDPOINT, generation))).toBe(generation);
  for (const other of ['?d=1', '?d=02', '?d=2&x=1', '/?d=2', '?e=2', 'x']) {
    expect(generationOf(ENDPOINT, `${ENDPOINT}${other}`)).toBeUndefined();
  }
});

test('a destination of ours that is in no service is silenced, and a stranger’s is left alone', () => {
  const common = { active: true, events: [], apiVersion: 1, trafficSource: 'all', secret: 'pdl_ntfset_a' };
  const facts: Facts = {
    now: '2026-11-22T00:00:00.000Z',
    endpoint: ENDPOINT,
    found: [],
    stored: ['pdl_ntfset_a'],
    record: { account: 'sandbox', version: 1, generation: 1 },
    prove: false,
  };
  const created = decideStep(facts);
  if (created.kind !== 'create') throw new Error('it must be created first');
  const serving = { ...common, ...created.settings, id: 'ntfset_1' };
  const surplus = { ...common, id: 'ntfset_2', url: `${ENDPOINT}?d=9` };
  const stranger = { ...common, id: 'ntfset_3', url: 'https://example.com' };
  expect(decideStep({ ...facts, found: [serving, surplus, stranger] })).toMatchObject({
    kind: 'retire',
    id: 'ntfset_2',
  });
  expect(decideStep({ ...facts, found: [serving, stranger] })).toMatchObject({ kind: 'record' });
});
