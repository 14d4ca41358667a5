/** Each fault over real HTTP: what the caller sees, and what happened in truth. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRequest, PaddleSimulator } from '../../local/paddle/simulator.ts';
import { ask, mint, namesIn, type Reply, simulator, stopAll } from './helpers.ts';

afterEach(stopAll);

const BODY = { body: { name: 'Pricing page' } };
const create = (paddle: PaddleSimulator) => ask(paddle, 'POST', '/client-tokens', BODY);
const minted = (paddle: PaddleSimulator) => paddle.control.state().tokens.length;

async function faulty(fault: FaultRequest): Promise<PaddleSimulator> {
  const paddle = await simulator();
  paddle.control.faults.add({ method: 'POST', path: '/client-tokens', ...fault });
  return paddle;
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(5);
};

/** Its caller gives up once the request has come, and the fault is at work. */
async function givenUp(paddle: PaddleSimulator): Promise<void> {
  const caller = new AbortController();
  const asked = ask(paddle, 'POST', '/client-tokens', { ...BODY, signal: caller.signal });
  await until(() => paddle.control.state().requests.some(({ fault }) => fault !== null));
  caller.abort();
  await expect(asked).rejects.toThrow('aborted');
}

describe.each([
  { commit: 'never', tokens: 0 },
  { commit: 'done', tokens: 1 },
] as const)('with commit $commit', ({ commit, tokens }) => {
  test.each<[answer: FaultRequest['answer'], seen: (reply: Reply) => unknown, expected: unknown]>([
    [
      'html-502',
      ({ status, headers, text }) => [status, headers.get('content-type'), text.startsWith('<html>')],
      [502, 'text/html', true],
    ],
    ['empty-500', ({ status, text }) => [status, text], [500, '']],
    ['json-without-error', ({ status, json }) => [status, json], [500, { message: 'Internal server error' }]],
    ['internal-error', ({ status, json }) => [status, json.error.code], [500, 'internal_error']],
    ['service-unavailable', ({ status, json }) => [status, json.error.code], [503, 'service_unavailable']],
    ['temporarily-unavailable', ({ status, json }) => [status, json.error.code], [540, 'temporarily_unavailable']],
  ])('%s', async (answer, seen, expected) => {
    const paddle = await faulty({ answer, commit });
    expect(seen(await create(paddle))).toEqual(expected);
    expect(minted(paddle)).toBe(tokens);
  });

  test('drop: the connection ends without a byte', async () => {
    const paddle = await faulty({ answer: 'drop', commit });
    await expect(create(paddle)).rejects.toThrow('fetch failed');
    expect(minted(paddle)).toBe(tokens);
  });

  test('hang: nothing is answered until the caller gives up', async () => {
    const paddle = await faulty({ answer: 'hang', commit });
    await givenUp(paddle);
    expect(minted(paddle)).toBe(tokens);
    expect(paddle.control.state().requests.at(-1)).toMatchObject({ status: null, fault: `hang, commit ${commit}` });
  });
});

test('a late commit: an empty list first, the token afterwards', async () => {
  const later = await faulty({ answer: 'drop', commit: 'late', delayMs: 600_000 });
  await expect(create(later)).rejects.toThrow();
  expect(await namesIn(later, '/client-tokens')).toEqual([]);
  const soon = await faulty({ answer: 'drop', commit: 'late', delayMs: 20 });
  await expect(create(soon)).rejects.toThrow();
  await until(() => minted(soon) > 0);
  expect(await namesIn(soon, '/client-tokens')).toEqual(['Pricing page']);
});

test('a slow answer comes, after a caller of little patience has gone', async () => {
  const paddle = await faulty({ answer: 'normal', commit: 'done', delayMs: 600_000 });
  paddle.control.faults.add({ method: 'POST', path: '/client-tokens', answer: 'normal', commit: 'done', delayMs: 50 });
  await givenUp(paddle);
  expect((await create(paddle)).status).toBe(201);
  expect(minted(paddle)).toBe(2);
});

describe('a fault strikes', () => {
  test('the next matching request, and no other', async () => {
    const paddle = await faulty({ answer: 'empty-500' });
    expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
    expect((await create(paddle)).status).toBe(500);
    expect((await create(paddle)).status).toBe(201);
  });

  test('after those that it skips, as often as it says', async () => {
    const paddle = await faulty({ answer: 'empty-500', skip: 1, times: 2 });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await create(paddle)).status);
    expect(statuses).toEqual([201, 500, 500, 201]);
  });

  test('always, until faults are cleared', async () => {
    const paddle = await faulty({ answer: 'empty-500', times: null });
    expect([(await create(paddle)).status, (await create(paddle)).status]).toEqual([500, 500]);
    paddle.control.faults.clear();
    expect((await create(paddle)).status).toBe(201);
  });

  test('paths with one segment in place of a star', async () => {
    const paddle = await simulator();
    const { id } = await mint(paddle, 'a');
    paddle.control.faults.add({ path: '/client-tokens/*', answer: 'empty-500' });
    expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(200);
    expect((await ask(paddle, 'GET', `/client-tokens/${id}`)).status).toBe(500);
  });

  test('nobody who is locked out: they never got that far', async () => {
    const paddle = await simulator({ quirks: { rateLimit: { perMinute: 1, lockOutMs: 60_000 } } });
    await ask(paddle, 'GET', '/client-tokens');
    paddle.control.faults.add({ answer: 'empty-500' });
    expect((await ask(paddle, 'GET', '/client-tokens')).status).toBe(429);
    expect(paddle.control.faults.list()).toHaveLength(1);
  });
});

test.each<[title: string, fault: unknown]>([
  ['a normal answer to what was not carried out', { answer: 'normal' }],
  ['an unknown answer', { answer: 'shrug' }],
  ['an unknown field', { answer: 'drop', when: 'now' }],
])('%s is no fault', async (_, fault) => {
  const paddle = await simulator();
  expect(() => paddle.control.faults.add(fault as FaultRequest)).toThrow();
  expect(paddle.control.faults.list()).toEqual([]);
});

test('a fault may be meant for one body only', async () => {
  const paddle = await faulty({ answer: 'empty-500', contains: 'Checkout' });
  expect((await create(paddle)).status).toBe(201);
  expect((await ask(paddle, 'POST', '/client-tokens', { body: { name: 'Checkout' } })).status).toBe(500);
  expect(await namesIn(paddle, '/client-tokens')).toEqual(['Pricing page']);
});
