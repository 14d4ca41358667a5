/** Beacons of pages: which are counted, how seldom they are written, and that a flood of them stays cheap. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { fingerprintOf } from '../../lambdas/domain/fingerprint.ts';
import type { IntegrationConfig } from '../../lambdas/domain/model.ts';
import { createReceiver } from '../../lambdas/seen/receive.ts';
import { aConfig, aState } from '../contracts/samples.ts';
import { FakeSeenLedger } from '../fakes/fake-seen-ledger.ts';
import { FakeReconcileQueue, RecordingLog, StillClock } from '../fakes/runtime.ts';

const DAY = 86_400_000;
const value = (letter: string) => `live_${letter.repeat(27)}`;
const OLD = fingerprintOf(value('a'));
const FRESH = fingerprintOf(value('b'));
const STRANGE = fingerprintOf(value('z'));
const tokens = [
  { id: 'ctkn_old', value: value('a'), status: 'superseded' },
  { id: 'ctkn_fresh', value: value('b'), status: 'current' },
] as never;

function pages(changes: Partial<IntegrationConfig> = {}) {
  const parts = {
    ledger: new FakeSeenLedger(),
    clock: new StillClock('2026-11-26T08:00:00.000Z'),
    log: new RecordingLog(),
  };
  const queue = new FakeReconcileQueue();
  const put = (name: string, more: Partial<IntegrationConfig> = {}) =>
    parts.ledger.put({ ...aConfig(name), seen: { silentForMs: DAY }, ...more }, aState(name, 1, { tokens }));
  put('shop', changes);
  const receive = createReceiver({ ...parts, queue });
  const post = async (body: string | undefined, more: object = {}) => {
    const event = { pathParameters: { integration: 'shop' }, headers: {}, isBase64Encoded: false, body, ...more };
    return (await receive(event as unknown as APIGatewayProxyEventV2)).statusCode;
  };
  const counts = async () =>
    Object.fromEntries((await parts.ledger.seen('shop')).map(({ tokenId, count }) => [tokenId, count]));
  return { ...parts, queue, put, post, counts };
}

test('a beacon is the fingerprint of a token, and says that it is in use', async () => {
  const { post, ledger } = pages();
  expect(await post(OLD)).toBe(204);
  expect(await ledger.seen('shop')).toMatchObject([
    { tokenId: 'ctkn_old', count: 1, last: '2026-11-26T08:00:00.000Z' },
  ]);
});

test('a body that comes in base64 is the same', async () => {
  const { post, counts } = pages();
  expect(await post(Buffer.from(FRESH).toString('base64'), { isBase64Encoded: true })).toBe(204);
  expect(await counts()).toEqual({ ctkn_fresh: 1 });
});

describe('costs nothing at the ledger:', () => {
  test.each<[string, string | undefined, object, number]>([
    ['no body', undefined, {}, 400],
    ['an empty one', '', {}, 400],
    ['a token itself', value('a'), {}, 400],
    ['a fingerprint with something behind it', `${OLD}\n`, {}, 400],
    ['capital letters', OLD.toUpperCase(), {}, 400],
    ['JSON', `"${OLD.slice(2)}"`, {}, 400],
    ['a body that is too large', 'a'.repeat(65), {}, 413],
    ['a large one in base64', 'a'.repeat(10_000), { isBase64Encoded: true }, 413],
    ['a name that no integration can have', OLD, { pathParameters: { integration: 'Shop#1' } }, 404],
    ['no name', OLD, { pathParameters: undefined }, 404],
    ['a page that Paddlewheel itself looks at', OLD, { headers: { 'user-agent': 'Mozilla/5.0 Paddlewheel' } }, 204],
  ])('%s', async (_, body, more, status) => {
    const { post, ledger } = pages();
    expect(await post(body, more)).toBe(status);
    expect(ledger.calls).toEqual([]);
  });
});

describe('is counted nowhere:', () => {
  test('a fingerprint that nobody knows', async () => {
    const { post, counts } = pages();
    expect(await post(STRANGE)).toBe(204);
    expect(await counts()).toEqual({});
  });

  test.each<[string, Partial<IntegrationConfig>]>([
    ['an integration that asks for no beacons', { seen: undefined }],
    ['one that has left the configuration', { managed: false }],
  ])('%s', async (_, changes) => {
    const { post, counts } = pages(changes);
    expect(await post(OLD)).toBe(404);
    expect(await counts()).toEqual({});
  });
});

describe('a flood', () => {
  test('of beacons about one token is one write in a minute, and none is lost from the count', async () => {
    const { post, ledger, clock, counts } = pages();
    for (let second = 0; second < 121; second += 1) {
      for (let beacons = 0; beacons < 10; beacons += 1) await post(OLD);
      clock.advance(1_000);
    }
    expect(ledger.calls.filter((call) => call.startsWith('write'))).toEqual([
      'write ctkn_old 1',
      'write ctkn_old 600',
      'write ctkn_old 600',
    ]);
    expect(await counts()).toEqual({ ctkn_old: 1_201 });
  });

  test('of made-up fingerprints reads an integration once in five seconds', async () => {
    const { post, ledger, clock } = pages();
    for (let second = 0; second < 10; second += 1) {
      for (let beacons = 0; beacons < 10; beacons += 1) await post(fingerprintOf(`${second} ${beacons}`));
      clock.advance(1_000);
    }
    expect(ledger.calls).toEqual(['read shop', 'read shop']);
  });

  test('of made-up names reads each once, and remembers a bounded number of them', async () => {
    const { post, ledger } = pages();
    const named = (name: string) => post(OLD, { pathParameters: { integration: name } });
    for (let index = 0; index < 500; index += 1) await named(`made-up-${index}`);
    for (let index = 0; index < 500; index += 1) await named(`made-up-${index}`);
    expect(ledger.calls).toHaveLength(500);
    await named('made-up-500');
    await named('made-up-0');
    expect(ledger.calls.slice(-2)).toEqual(['read made-up-500', 'read made-up-0']);
  });
});

describe('a revoked token', () => {
  const GONE = fingerprintOf(value('c'));
  const watch = { tokens: [{ id: 'ctkn_gone', value: value('c'), since: '2026-11-25T08:00:00.000Z' }] };
  const config = { ...aConfig('shop'), seen: { silentForMs: DAY } };

  test('is counted, and whoever tells people is asked to look: until it is told, and again a day later', async () => {
    const { post, ledger, queue, clock, counts } = pages();
    ledger.put(config, aState('shop', 1, { tokens, watch }));
    await post(GONE);
    await post(GONE);
    expect(queue.taken).toEqual([{ integration: 'shop', cause: 'seen', key: expect.stringContaining('ctkn_gone') }]);
    const seen = { tokenIds: ['ctkn_gone'], last: '2026-11-26T08:00:00.000Z', toldAt: '2026-11-26T08:00:30.000Z' };
    ledger.put(config, aState('shop', 1, { tokens, watch: { ...watch, seen } }));
    for (let minute = 0; minute < 60; minute += 1) {
      clock.advance(60_000);
      await post(GONE);
    }
    expect(await counts()).toEqual({ ctkn_gone: 62 });
    expect(queue.taken).toHaveLength(1);
    clock.advance(DAY);
    await post(GONE);
    expect(queue.taken).toHaveLength(2);
  });

  test('is asked about once, however many processes hear of it within five minutes', async () => {
    const heard = [pages(), pages()];
    for (const { ledger, post } of heard) {
      ledger.put(config, aState('shop', 1, { tokens, watch }));
      await post(GONE);
    }
    const keys = heard.map(({ queue }) => (queue.taken as readonly { key: string }[])[0]?.key);
    expect(keys[0]).toBe(keys[1]);
  });

  test('is told with the next beacon, when the queue did not take it', async () => {
    const { post, ledger, queue, clock } = pages();
    ledger.put(config, aState('shop', 1, { tokens, watch }));
    queue.failure = new Error('down');
    expect(await post(GONE)).toBe(500);
    queue.failure = undefined;
    clock.advance(60_000);
    expect(await post(GONE)).toBe(204);
    expect(queue.taken).toHaveLength(1);
  });

  test('one that is superseded or current is no news', async () => {
    const { post, queue } = pages();
    await post(OLD);
    await post(FRESH);
    expect(queue.taken).toEqual([]);
  });
});

test('the shorter the silence that is asked for, the more often it is written', async () => {
  const { post, ledger, clock } = pages({ seen: { silentForMs: 20_000 } });
  await post(OLD);
  clock.advance(1_999);
  await post(OLD);
  clock.advance(1);
  await post(OLD);
  expect(ledger.calls.slice(1)).toEqual(['write ctkn_old 1', 'write ctkn_old 2']);
});

test('a clock that jumps back writes at once', async () => {
  const { post, ledger, clock } = pages();
  await post(OLD);
  clock.advance(-60_000);
  await post(OLD);
  expect(ledger.calls.slice(1)).toEqual(['write ctkn_old 1', 'write ctkn_old 1']);
});

test('a token that was published a moment ago is known within seconds, and one that is gone, within a minute', async () => {
  const { post, put, ledger, clock, counts } = pages();
  ledger.put({ ...aConfig('shop'), seen: { silentForMs: DAY } }, aState('shop', 1));
  await post(FRESH);
  put('shop');
  await post(FRESH);
  expect(await counts()).toEqual({});
  clock.advance(5_000);
  await post(FRESH);
  expect(await counts()).toEqual({ ctkn_fresh: 1 });
  put('shop', { managed: false });
  expect(await post(FRESH)).toBe(204);
  clock.advance(60_000);
  expect(await post(FRESH)).toBe(404);
});

describe('what cannot be written', () => {
  test('because the ledger is down is told, and comes with the next beacon', async () => {
    const { post, ledger, log, counts } = pages();
    await post(STRANGE);
    ledger.failure = new Error(`down, says ${value('a')}`);
    expect(await post(OLD)).toBe(500);
    expect(log.lines).toHaveLength(1);
    ledger.failure = undefined;
    expect(await post(OLD)).toBe(204);
    expect(await counts()).toEqual({ ctkn_old: 2 });
  });

  test('because another process was faster waits for its turn', async () => {
    const { post, ledger, clock, counts } = pages();
    await ledger.record({ integration: 'shop', tokenId: 'ctkn_old', at: '2026-11-26T08:00:00.500Z', count: 1 });
    await post(OLD);
    await post(OLD);
    expect(await counts()).toEqual({ ctkn_old: 1 });
    expect(ledger.calls.filter((call) => call.startsWith('write'))).toHaveLength(2);
    clock.advance(60_000);
    await post(OLD);
    expect(await counts()).toEqual({ ctkn_old: 4 });
  });
});
