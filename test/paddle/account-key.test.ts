/** A key of another Paddle account works there, and must not be used here: against the simulator, which has both accounts. */

import { TransientError } from '../../lambdas/domain/errors.ts';
import {
  type AccountClient,
  createAccountClient,
  type KnownKey,
  type KnownKeys,
} from '../../lambdas/paddle/account-key.ts';
import { createApiKeySource } from '../../lambdas/paddle/api-key.ts';
import { createEvents } from '../../lambdas/paddle/events.ts';
import { createNotificationSettings } from '../../lambdas/paddle/notification-settings.ts';
import { createLocalThrottle } from '../../lambdas/paddle/throttle.ts';
import type { PaddleSimulator, Permission } from '../../local/paddle/simulator.ts';
import { RecordingLog, StillClock } from '../fakes/runtime.ts';
import { simulator, stopAll } from '../paddle-simulator/helpers.ts';
import { caught, ending, tokenId, wholeText } from './setup.ts';

const opened: AccountClient[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await stopAll();
});

/** The ledger's item of one account. */
class FakeKnownKeys implements KnownKeys {
  item: KnownKey = {};
  failure: Error | undefined;
  async read() {
    if (this.failure) throw this.failure;
    return this.item;
  }
  async verified(_: string, fingerprint: string) {
    if (this.failure) throw this.failure;
    this.item = { ...this.item, fingerprint };
  }
  async proven(_: string, provenBy: string, fingerprint: string) {
    if (this.failure) throw this.failure;
    if (this.item.provenBy !== undefined) return false;
    this.item = { provenBy, fingerprint };
    return true;
  }
}

const INTEGRATION = 'pricing-page · 01K';

async function open() {
  const paddle = await simulator({ environment: 'sandbox' });
  const knownKeys = new FakeKnownKeys();
  const stored = { key: paddle.apiKey };
  const log = new RecordingLog();
  const store = { read: async () => stored.key };
  /** Another process: nothing is remembered but what the ledger has. */
  const process = (clock = new StillClock()) => {
    const apiKey = createApiKeySource({ store, source: { secret: 'key' }, clock });
    const client = createAccountClient({
      ...{ apiUrl: paddle.url, environment: 'sandbox', throttle: createLocalThrottle(), clock },
      ...{ apiKey, knownKeys, log, account: 'shop', rest: async () => {} },
    });
    opened.push(client);
    return client;
  };
  const another = (permissions?: readonly Permission[]) =>
    paddle.control.apiKeys.create({ account: 'another', ...(permissions ? { permissions } : {}) }).key;
  return { paddle, knownKeys, stored, log, process, another };
}

const requests = (paddle: PaddleSimulator) =>
  paddle.control.state().requests.map(({ method, path }) => `${method} ${path}`);
const elsewhere = (paddle: PaddleSimulator) => paddle.control.state().others.another;

describe('a key of another Paddle account', () => {
  test('mints nothing: it is asked about a token of ours first, and refused', async () => {
    const { paddle, stored, process, another } = await open();
    const ours = await process().create({ name: INTEGRATION });
    stored.key = another();
    const error = await caught(process().create({ name: `${INTEGRATION}B` }));
    expect(`${error.name} ${error.code}`).toBe('AlertError api_key_other_account');
    expect(error.message).toContain(ours.id);
    expect(wholeText(error)).not.toContain(stored.key.slice(-26));
    expect(elsewhere(paddle)?.tokens).toEqual([]);
    expect(requests(paddle).slice(1)).toEqual([`GET /client-tokens/${ours.id}`]);
  });

  test.each<[string, (client: AccountClient, ours: string) => Promise<unknown>]>([
    ['a question about a token of ours, which it would not know', (client, ours) => client.get(ours)],
    ['a list, which would not show our token', (client) => client.list()],
    ['a revocation', (client, ours) => client.revoke(ours)],
    [
      'the list of events',
      async (client) => {
        for await (const page of createEvents(client).after(undefined)) expect(page).toBeUndefined();
      },
    ],
    ['the list of webhook destinations', (client) => createNotificationSettings(client, () => {}).list()],
    [
      'a new webhook destination',
      (client) =>
        createNotificationSettings(client, () => {}).create({
          description: 'x',
          url: 'https://example.com/hook',
          events: ['client_token.created'],
        } as never),
    ],
  ])('is refused for %s', async (_, act) => {
    const { paddle, stored, process, another } = await open();
    const ours = await process().create({ name: INTEGRATION });
    stored.key = another();
    expect(await ending(act(process(), ours.id))).toBe('AlertError api_key_other_account');
    expect(paddle.control.state().tokens.map(({ status }) => status)).toEqual(['active']);
    expect(elsewhere(paddle)).toEqual({ tokens: [], destinations: [] });
  });

  test('is noticed between the mint and the revocation, too: the same process reads the key anew', async () => {
    const { paddle, stored, process, another } = await open();
    const clock = new StillClock();
    const client = process(clock);
    const ours = await client.create({ name: INTEGRATION });
    stored.key = another();
    clock.advance(61_000);
    expect(await ending(client.revoke(ours.id))).toBe('AlertError api_key_other_account');
    expect(await ending(client.get(ours.id))).toBe('AlertError api_key_other_account');
    expect(paddle.control.state().tokens[0]?.status).toBe('active');
  });

  test('is noticed when the cached key is refused and the fresh one is the other account’s', async () => {
    const { paddle, stored, process, another } = await open();
    const client = process();
    const ours = await client.create({ name: INTEGRATION });
    paddle.control.apiKeys.revoke(`apikey_${stored.key.split('_')[3]}`);
    stored.key = another();
    expect(await ending(client.get(ours.id))).toBe('AlertError api_key_other_account');
  });

  test('stays refused, and the right key works again at once', async () => {
    const { paddle, stored, process, another } = await open();
    await process().create({ name: INTEGRATION });
    const right = stored.key;
    const clock = new StillClock();
    const client = process(clock);
    stored.key = another();
    expect(await ending(client.create({ name: 'x' }))).toBe('AlertError api_key_other_account');
    expect(await ending(client.create({ name: 'x' }))).toBe('AlertError api_key_other_account');
    stored.key = right;
    clock.advance(61_000);
    expect((await client.create({ name: 'back' })).name).toBe('back');
    expect(elsewhere(paddle)?.tokens).toEqual([]);
  });

  test('that may not read is not trusted either', async () => {
    const { paddle, stored, process, another } = await open();
    await process().create({ name: INTEGRATION });
    stored.key = another(['notification.read']);
    const error = await caught(process().create({ name: 'x' }));
    expect(`${error.name} ${error.code}`).toBe('RefusedError forbidden');
    expect(error.message).toMatch(/cannot be told whether.*client_token\.read/);
    expect(elsewhere(paddle)?.tokens ?? []).toEqual([]);
  });

  test('of the live environment is refused before anything is sent', async () => {
    const { paddle, stored, process } = await open();
    await process().create({ name: INTEGRATION });
    const before = requests(paddle).length;
    stored.key = paddle.control.apiKeys.create({ environment: 'live' }).key;
    expect(await ending(process().create({ name: 'x' }))).toBe('AlertError api_key_environment_mismatch');
    expect(requests(paddle)).toHaveLength(before);
  });

  test('is noticed by a token that a state knows, when the ledger has lost what was noted', async () => {
    const { paddle, knownKeys, stored, process, another } = await open();
    const ours = await process().create({ name: INTEGRATION });
    knownKeys.item = {};
    stored.key = another();
    const client = process();
    client.owns(ours.id);
    expect(await ending(client.create({ name: 'x' }))).toBe('AlertError api_key_other_account');
    expect(elsewhere(paddle)?.tokens).toEqual([]);
  });

  test('never becomes the known one by being the second at the very first use', async () => {
    const { stored, process, another } = await open();
    const [first, second] = [process(), process()];
    await first.list();
    const right = stored.key;
    stored.key = another();
    await second.list();
    stored.key = right;
    await first.create({ name: INTEGRATION });
    expect(await ending(second.create({ name: 'x' }))).toBe('AlertError api_key_other_account');
  });
});

describe('a fresh key of the same account', () => {
  test('costs one question, in the first process that uses it; then none', async () => {
    const { paddle, stored, process } = await open();
    const ours = await process().create({ name: INTEGRATION });
    stored.key = paddle.control.apiKeys.create({}).key;
    await process().create({ name: 'second' });
    await process().create({ name: 'third' });
    const calls = [
      'POST /client-tokens',
      `GET /client-tokens/${ours.id}`,
      'POST /client-tokens',
      'POST /client-tokens',
    ];
    expect(requests(paddle)).toEqual(calls);
  });

  test('is known by a revoked token just as well', async () => {
    const { paddle, stored, process } = await open();
    const ours = await process().create({ name: INTEGRATION });
    paddle.control.dashboard.revoke(ours.id);
    stored.key = paddle.control.apiKeys.create({}).key;
    expect((await process().create({ name: 'second' })).name).toBe('second');
  });

  test('is not used while Paddle gives no answer, and is no other account’s for that', async () => {
    const { paddle, stored, process } = await open();
    const ours = await process().create({ name: INTEGRATION });
    stored.key = paddle.control.apiKeys.create({}).key;
    const path = `/client-tokens/${ours.id}`;
    paddle.control.faults.add({ method: 'GET', path, commit: 'never', answer: 'drop', times: 3 });
    expect(await ending(process().create({ name: 'x' }))).toMatch(/^TransientError/);
    paddle.control.faults.clear();
    expect((await process().create({ name: 'second' })).name).toBe('second');
  });

  test('whose cached predecessor was revoked is read, asked and used in one go', async () => {
    const { paddle, stored, process } = await open();
    await process().create({ name: INTEGRATION });
    const second = paddle.control.apiKeys.create({});
    const third = paddle.control.apiKeys.create({});
    stored.key = second.key;
    const client = process();
    paddle.control.apiKeys.revoke(second.id);
    let reads = 0;
    Object.defineProperty(stored, 'key', { get: () => (reads++ === 0 ? second.key : third.key) });
    expect((await client.create({ name: 'second' })).name).toBe('second');
  });
});

test('the first use of a key is taken, and told; the first token is what later keys are asked about', async () => {
  const { knownKeys, process, log } = await open();
  const client = process();
  expect(await client.list()).toEqual([]);
  expect(log.lines.join()).toMatch(/used for the first time.*shop/);
  const ours = await client.create({ name: INTEGRATION });
  expect(knownKeys.item.provenBy).toBe(ours.id);
  expect(JSON.stringify(knownKeys.item)).not.toMatch(/pdl_/);
});

test('a ledger that cannot be read refuses nothing for good, and lets nothing through', async () => {
  const { paddle, knownKeys, process } = await open();
  await process().create({ name: INTEGRATION });
  knownKeys.failure = new TransientError('Throttling', 'later');
  expect(await ending(process().create({ name: 'x' }))).toBe('TransientError Throttling');
  expect(requests(paddle)).toEqual(['POST /client-tokens']);
  knownKeys.failure = undefined;
  expect(await process().get(tokenId(9))).toBeUndefined();
});

test('a token that was minted is answered although it could not be noted', async () => {
  const { knownKeys, process, log } = await open();
  const client = process();
  await client.list();
  knownKeys.proven = async () => {
    throw new TransientError('Throttling', 'later');
  };
  expect((await client.create({ name: INTEGRATION })).name).toBe(INTEGRATION);
  expect(log.lines.join()).toContain('could not be noted');
});
