/** Paddle answers garbage, answers late, or not at all. Never a second token in use, never a storm, and it heals by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { stateItem } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { METRICS, NAMES } from '../../lambdas/contract.ts';
import type { Token } from '../../lambdas/domain/model.ts';
import type { FaultRequest } from '../../local/paddle/simulator.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack, type Status } from './stack.ts';

/** Three lists that do not show the token, the later ones 15 and 30 s after the one before, until it is posted again. */
const HEALING_MS = 300_000;
/** After the lists at 15, 30 and 60 seconds and the second POST, so that Paddle then has a token that nobody knows of. */
const LATE_MS = 90_000;

let stack: Stack;
let postsBefore: number;

const posts = async () =>
  (await stack.paddle('rough').requests()).filter((request) => request === 'POST /client-tokens').length;
const post = (fault: Pick<FaultRequest, 'answer'> & Partial<FaultRequest>): FaultRequest => ({
  method: 'POST',
  path: '/client-tokens',
  ...fault,
});

const cases = [
  { name: 'rough-html', what: 'an HTML page and 502, nothing done', fault: post({ answer: 'html-502' }), posts: 2 },
  { name: 'rough-empty', what: 'an empty 500, done', fault: post({ answer: 'empty-500', commit: 'done' }), posts: 1 },
  {
    name: 'rough-json',
    what: 'JSON without an error, nothing done',
    fault: post({ answer: 'json-without-error' }),
    posts: 2,
  },
  { name: 'rough-drop', what: 'a closed connection, done', fault: post({ answer: 'drop', commit: 'done' }), posts: 1 },
  {
    name: 'rough-late',
    what: '502, and done much later',
    fault: post({ answer: 'html-502', commit: 'late', delayMs: LATE_MS }),
    posts: 2,
  },
] as const;
type Case = (typeof cases)[number];

interface Course {
  /** The token of before, which must stay in use. */
  readonly prior: Token;
  readonly failure: unknown;
  readonly status: Status;
  readonly lateUntil: number;
  /** Resolves when it has healed. */
  readonly healed: Promise<void>;
}
const courses = new Map<string, Course>();
const courseOf = ({ name }: Case): Course => {
  const course = courses.get(name);
  if (!course) throw new Error(`${name} was not begun`);
  return course;
};

const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error) => error,
  );

/** Asks once more, which brings the first search on, and then asks every second. */
async function heal(integration: string): Promise<void> {
  await failureOf(stack.ask(integration));
  await stack.until(
    `the healing of ${integration}`,
    async () => {
      await sleep(750);
      // Not `rotate`: once it has healed, that would begin another rotation.
      await stack.ask(integration, { action: 'reconcile' });
      return (await stack.state(integration)).state.rotation ? undefined : true;
    },
    HEALING_MS,
  );
}

beforeAll(async () => {
  stack = await connectStack();
  const paddle = stack.paddle('rough');
  const priors = new Map<string, Token>();
  for (const { name } of cases) priors.set(name, await stack.firstToken(name));
  postsBefore = await posts();
  for (const { name, fault } of cases) {
    const prior = priors.get(name) as Token;
    await paddle.fault({ ...fault, contains: name });
    const failure = await failureOf(stack.ask(name));
    const status = await stack.status(name);
    const healed = heal(name);
    // Awaited by the test; until then, a failure must not end the process.
    healed.catch(() => {});
    courses.set(name, { prior, failure, status, lateUntil: Date.now() + LATE_MS, healed });
  }
}, START_MS);

afterAll(() => Promise.allSettled([...courses.values()].map(({ healed }) => healed)), HEALING_MS);

describe('an answer to the mint that says nothing', () => {
  test.each(cases)('$what: the caller hears that it waits, status says why', (each) => {
    const { failure, status, prior } = courseOf(each);
    expect(failure).toMatchObject({ message: expect.stringMatching(/waits: .+ It is tried again at /) });
    expect(status).toMatchObject({
      retry: { step: 'mint', message: expect.stringContaining('it may have happened all the same') },
      rotation: { phase: 'intended' },
      token: { id: prior.id },
    });
  });

  test.each(cases)(
    '$what: it heals by itself, with one token in use',
    async (each) => {
      await courseOf(each).healed;
      await expect(stack.status(each.name)).resolves.not.toHaveProperty('retry');
      expect((await stack.state(each.name)).state.sweeps).toHaveLength(2);
      expect((await stack.current(each.name)).id).not.toBe(courseOf(each).prior.id);
      expect((await stack.actions(each.name)).filter((type) => type === 'rotation.intended')).toHaveLength(2);
      if (each.name !== 'rough-late') await expectSound(stack, each.name);
    },
    HEALING_MS,
  );

  test('posts again only what was certainly not done', async () => {
    const expected = cases.reduce((sum, each) => sum + each.posts, 0);
    expect((await posts()) - postsBefore).toBe(expected);
  });

  test('counts RotationFailure, on which the alarm stands', async () => {
    const logs = new CloudWatchLogsClient(stack.clientSettings);
    const logGroupName = `/aws/lambda/${NAMES.rotate}`;
    const lines = await stack.until('the metric in the log', async () => {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      const found = events.filter(({ message = '' }) => message.includes(`"${METRICS.rotationFailure}"`));
      return found.length > 0 ? found : undefined;
    });
    const json = String(lines[0]?.message);
    expect(JSON.parse(json.slice(json.indexOf('{')))).toMatchObject({
      [METRICS.rotationFailure]: 1,
      _aws: { CloudWatchMetrics: [{ Namespace: 'Paddlewheel' }] },
    });
  });
});

describe('a mint that was done long after it had failed', () => {
  test(
    'its late twin is not published, and a search for it is due',
    async () => {
      const { healed, lateUntil } = courseOf(cases[4]);
      await healed;
      const current = await stack.current('rough-late');
      await sleep(Math.max(0, lateUntil - Date.now()) + 500);
      const tokens = await stack.paddle('rough').tokensNamedFor('rough-late');
      expect(tokens.filter(({ name }) => name === current.name)).toHaveLength(2);
      await stack.ask('rough-late', { action: 'reconcile' });
      expect(await stack.current('rough-late')).toEqual(current);
      const { state } = await stack.state('rough-late');
      expect(state.sweeps).toEqual([
        expect.objectContaining({ tokenName: current.name }),
        expect.objectContaining({ tokenName: current.name }),
      ]);
    },
    HEALING_MS + LATE_MS,
  );

  test('the search finds it: an orphan, in quarantine, never published', async () => {
    // The search is ten minutes away and nothing but time brings it on, so it is put forward in the ledger.
    const { state } = await stack.state('rough-late');
    const now = new Date().toISOString();
    const [first, ...later] = state.sweeps;
    if (!first) throw new Error('no search is due');
    const sooner = { ...state, dueAt: now, sweeps: [{ ...first, at: now }, ...later] };
    await stack.dynamo.send(new PutItemCommand({ TableName: stack.ledgerTable, Item: stateItem(sooner) }));
    await stack.ask('rough-late', { action: 'reconcile' });
    const status = await stack.status('rough-late');
    const orphan = status.tokens.find((token) => token.status === 'orphan');
    expect(orphan).toMatchObject({ origin: 'minted', revokeAfter: expect.any(String) });
    expect(Date.parse(String(orphan?.revokeAfter)) - Date.parse(now)).toBeGreaterThan(50 * 60_000);
    expect(orphan).not.toHaveProperty('publishedAt');
    await expectSound(stack, 'rough-late');
  });
});

describe('too many requests', () => {
  /** Long enough for four calls within it on a busy machine. */
  const LOCK_OUT_MS = 20_000;

  test('the lock-out of one integration silences the whole account, and then both go on', async () => {
    const paddle = stack.paddle('busy');
    await stack.firstToken('busy-one');
    await stack.firstToken('busy-two');
    await paddle.quirks({ rateLimit: { perMinute: 1, lockOutMs: LOCK_OUT_MS } });
    await fetch(`${paddle.url}/event-types`);
    const before = (await paddle.requests()).length;

    const one = await failureOf(stack.ask('busy-one'));
    const lockedAt = Date.now();
    expect(one).toMatchObject({ message: expect.stringContaining('Paddle asks for silence until') });
    expect((await paddle.requests()).slice(before)).toEqual(['POST /client-tokens']);
    const two = await failureOf(stack.ask('busy-two'));
    expect(two).toMatchObject({ message: expect.stringContaining('nothing was sent') });
    // A person who insists changes nothing about it.
    await failureOf(stack.ask('busy-one'));
    expect((await paddle.requests()).slice(before)).toEqual(['POST /client-tokens']);
    for (const integration of ['busy-one', 'busy-two'])
      expect((await stack.status(integration)).retry).toMatchObject({ code: 'too_many_requests' });

    await paddle.quirks({ rateLimit: null });
    await sleep(Math.max(0, lockedAt + LOCK_OUT_MS - Date.now()));
    for (const integration of ['busy-one', 'busy-two']) {
      await stack.until(`${integration} to go on`, async () => {
        await stack.ask(integration, { action: 'reconcile' });
        return (await stack.status(integration)).superseded.length > 0 ||
          (await stack.actions(integration)).includes('token.superseded')
          ? true
          : undefined;
      });
      expect(await stack.paddle('busy').tokensNamedFor(integration)).toHaveLength(2);
      await expectSound(stack, integration);
    }
  }, 180_000);
});

describe('an API key that Paddle no longer accepts', () => {
  test('status says so, Paddle is asked once; with a valid key it goes on', async () => {
    const paddle = stack.paddle('keyless');
    const old = await stack.firstToken('keyless');
    const [key] = (await paddle.state()).api_keys;
    await paddle.revokeApiKey(String(key?.id));
    const before = (await paddle.requests()).length;
    const failure = await failureOf(stack.ask('keyless'));
    expect(failure).toMatchObject({ message: expect.stringContaining("Paddle does not accept the account's API key") });
    expect((await paddle.requests()).slice(before)).toEqual(['POST /client-tokens']);
    const { retry, token } = await stack.status('keyless');
    expect(retry).toMatchObject({ step: 'mint', code: 'invalid_token' });
    expect(retry?.message).not.toMatch(/pdl_\w+_apikey_/);
    expect(token?.id).toBe(old.id);
    expect(await paddle.statusOf(old.id)).toBe('active');

    const { key: fresh } = await paddle.createApiKey();
    await stack.putSecret('paddlewheel/keyless/api-key', fresh);
    const answer = await stack.ask('keyless');
    expect(answer.outcome).toBe('rotated');
    expect(await paddle.tokensNamedFor('keyless')).toHaveLength(2);
    await expectSound(stack, 'keyless');
  }, 180_000);
});
