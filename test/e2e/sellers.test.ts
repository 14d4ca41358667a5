/**
 * A platform: sellers come without a deploy, one with a key that is dead, one without a key, one who floods, one who leaves. Their
 * number is that of `PADDLEWHEEL_SELLERS`; `npm test` has twenty.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { NAMES } from '../../lambdas/contract.ts';
import { FunctionFailedError } from '../../local/installation.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';
import type { RemotePaddle } from './world/remote-paddle.ts';

const COUNT = Number(process.env.PADDLEWHEEL_SELLERS) || 20;
/** Where the bench wants its figures, one JSON object a line. */
const FIGURES = process.env.PADDLEWHEEL_FIGURES;
const PATIENCE_MS = 120_000 + COUNT * 5_000;
const names = Array.from({ length: COUNT }, (_, index) => `seller-${String(index + 1).padStart(4, '0')}`);
const [DEAD = '', LATE = '', FLOODING = '', LEAVING = '', QUIET = ''] = names;
const shopOf = (seller: string) => `${seller}-shop`;
const targetOf = (seller: string) => ({ kind: 'ssm' as const, name: `/e2e-sellers/${seller}/client-token` });

let stack: Stack;
let paddle: RemotePaddle;
const keys = new Map<string, { id: string; key: string }>();

interface Answer {
  readonly outcome: string;
  readonly message: string;
  readonly accounts?: { readonly created: readonly string[] };
}
interface Failing {
  readonly integration?: string;
  readonly account: string;
  readonly step: string;
}

const entriesOf = (sellers: readonly string[], more: object = {}) => ({
  accounts: sellers.map((name) => ({
    ...{ name, environment: 'sandbox', apiUrl: paddle.url, webhooks: 'manual', maxRevocationsPerRun: 100 },
  })),
  integrations: sellers.map((account) => ({
    ...{ name: shopOf(account), account, rotate: { every: '30 days' }, grace: '2 seconds' },
    publishTo: [{ ssmParameter: targetOf(account).name }],
    ...more,
  })),
});
const call = (action: string, wish: object) =>
  stack.invoke<Answer>(NAMES.register, { action, requestedBy: 'e2e', ...wish });

/** As Paddle itself says it, asked with the seller's own key. */
async function tokensOf(seller: string): Promise<readonly { id: string; token: string; status: string }[]> {
  const answer = await fetch(`${paddle.url}/client-tokens?status=active,revoked&per_page=200`, {
    headers: { authorization: `Bearer ${keys.get(seller)?.key}` },
  });
  const { data } = (await answer.json()) as { data: { id: string; token: string; status: string }[] };
  return data;
}

/** Every target holds an active token of the seller's own account. */
async function expectSelling(sellers: readonly string[]): Promise<void> {
  for (const seller of sellers) {
    const value = await stack.read(targetOf(seller));
    expect((await tokensOf(seller)).find(({ token }) => token === value)).toMatchObject({ status: 'active' });
  }
}

const inBatches = async <T>(items: readonly T[], run: (item: T) => Promise<unknown>) => {
  for (let at = 0; at < items.length; at += 10) await Promise.all(items.slice(at, at + 10).map(run));
};

const signed = (body: string, secret: string): Record<string, string> => {
  const ts = Math.floor(Date.now() / 1000);
  const h1 = createHmac('sha256', secret).update(`${ts}:${body}`).digest('hex');
  return { 'content-type': 'application/json', 'paddle-signature': `ts=${ts};h1=${h1}` };
};
async function post(account: string, secret: string, event = `evt_${randomUUID().replaceAll('-', '')}`) {
  const data = { id: 'txn_1' };
  const occurred_at = new Date().toISOString();
  const body = JSON.stringify({ event_id: event, event_type: 'transaction.completed', occurred_at, data });
  const answer = await fetch(stack.webhookUrl(account), { method: 'POST', body, headers: signed(body, secret) });
  await answer.body?.cancel();
  return answer.status;
}

async function isStored(account: string, event: string): Promise<boolean> {
  const { Items = [] } = await stack.dynamo.send(
    new QueryCommand({
      TableName: stack.auditTable,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': `ACCOUNT#${account}` }),
    }),
  );
  return Items.some((item) => unmarshall(item).id === event);
}

async function failing(): Promise<readonly Failing[]> {
  const all: Failing[] = [];
  let after: string | undefined;
  do {
    const wish = { action: 'failing', ...(after === undefined ? {} : { after }) };
    const page = await stack.invoke<{ failing: Failing[]; after?: string }>(NAMES.status, wish);
    all.push(...page.failing);
    after = page.after;
  } while (after !== undefined);
  return all;
}
const ofSellers = (all: readonly Failing[]) => all.filter(({ account }) => names.includes(account));

beforeAll(async () => {
  stack = await connectStack();
  paddle = stack.paddle('sellers');
  await inBatches(names, async (seller) => {
    const created = await paddle.createApiKey(seller);
    keys.set(seller, created);
    if (seller !== LATE) await stack.putSecret(`e2e-sellers/${seller}/api-key`, created.key);
    await stack.putSecret(`e2e-sellers/${seller}/webhook-secret`, `secret-of-${seller}`);
  });
  await paddle.revokeApiKey(String(keys.get(DEAD)?.id));
}, START_MS);

const healthy = names.filter((name) => name !== DEAD && name !== LATE);

test(
  'sellers are registered, one by one and in bulk, and get their first tokens by themselves',
  async () => {
    const [first = '', ...others] = names;
    expect(await call('register', entriesOf([first]))).toMatchObject({ accounts: { created: [first] } });
    const begun = Date.now();
    const answer = await call('register', entriesOf(others));
    note(`${others.length} sellers registered in one call`, begun);
    expect(answer).toMatchObject({ outcome: 'registered', accounts: { created: others } });
    expect(await call('register', entriesOf(names))).toMatchObject({
      message: 'Written: accounts none; integrations none.',
    });
    await stack.until(
      'the first tokens',
      async () => {
        const { accounts } = await stack.invoke<{ accounts: unknown[] }>(NAMES.register, { action: 'list' });
        expect(accounts.length).toBeGreaterThanOrEqual(COUNT);
        const values = await Promise.all(healthy.map((seller) => stack.read(targetOf(seller)).catch(() => undefined)));
        return values.every((value) => value !== undefined) || undefined;
      },
      PATIENCE_MS,
    );
    note(`first tokens of ${healthy.length} sellers`, begun);
    await expectSelling(healthy);
  },
  PATIENCE_MS + 60_000,
);

test('a key that is dead, or not there yet, disturbs nobody else and is listed', async () => {
  const listed = await stack.until('both among what fails', async () => {
    const found = ofSellers(await failing());
    return [DEAD, LATE].every((seller) => found.some(({ account }) => account === seller)) ? found : undefined;
  });
  expect([...new Set(listed.map(({ account }) => account))].sort()).toEqual([DEAD, LATE].sort());
  await stack.putSecret(`e2e-sellers/${LATE}/api-key`, String(keys.get(LATE)?.key));
  await stack.until('the token of the late key', async () => {
    // Somebody who has just stored a key rotates by hand; otherwise it comes within the hour.
    await stack.ask(shopOf(LATE));
    return (await stack.status(shopOf(LATE))).token;
  });
  await expectSelling([LATE]);
  expect(ofSellers(await failing()).map(({ account }) => account)).not.toContain(LATE);
});

test(
  'webhooks of each are told apart, and a flood of forged ones keeps nobody out',
  async () => {
    const flood = inBatches(Array.from({ length: 60 }), async () => {
      expect(await post(FLOODING, 'forged')).toBe(401);
      expect(await post(`nobody-${randomUUID()}`, 'forged')).toBe(404);
    });
    const event = `evt_${randomUUID().replaceAll('-', '')}`;
    expect(await post(QUIET, `secret-of-${QUIET}`, event)).toBe(200);
    expect(await post(QUIET, `secret-of-${FLOODING}`)).toBe(401);
    await flood;
    expect(await post(FLOODING, `secret-of-${FLOODING}`)).toBe(200);
    expect(await isStored(QUIET, event)).toBe(true);
    expect(await isStored(FLOODING, event)).toBe(false);
  },
  PATIENCE_MS,
);

test(
  'all rotate, and every old token is revoked in its own account',
  async () => {
    const sellers = names.filter((name) => name !== DEAD);
    const old = new Map<string, string>();
    const begun = Date.now();
    await inBatches(sellers, async (seller) => {
      old.set(seller, String((await stack.status(shopOf(seller))).token?.id));
      expect(await stack.ask(shopOf(seller))).toMatchObject({ outcome: 'rotated' });
    });
    note(`${sellers.length} rotations asked for, published`, begun);
    await stack.until(
      'the revocations',
      async () => {
        const left = await Promise.all(
          sellers.map(async (seller) => {
            const found = (await tokensOf(seller)).find(({ id }) => id === old.get(seller));
            return found?.status !== 'revoked';
          }),
        );
        return left.every((isLeft) => !isLeft) || undefined;
      },
      PATIENCE_MS,
    );
    note('their old tokens revoked', begun);
    await expectSelling(sellers);
  },
  2 * PATIENCE_MS,
);

test('who leaves keeps every token: nothing is rotated or revoked any more, and what was said of it stays', async () => {
  const before = await tokensOf(LEAVING);
  expect(await call('unregister', { accounts: [LEAVING], reason: 'left the platform' })).toMatchObject({
    outcome: 'unregistered',
  });
  expect(await stack.status(shopOf(LEAVING))).toMatchObject({ managed: false, owner: 'api' });
  await stack.ask(shopOf(LEAVING)).catch((error) => {
    if (!(error instanceof FunctionFailedError)) throw error;
  });
  expect(await tokensOf(LEAVING)).toEqual(before);
  await expectSelling([LEAVING]);
  const actions = await stack.actions(shopOf(LEAVING));
  expect(actions).toEqual(expect.arrayContaining(['integration.registered', 'integration.unregistered']));
  expect((await stack.status('manual-other')).owner).toBe('file');
});

test('what the file has is refused to the API, and the other way round it is none of a deploy’s', async () => {
  expect(await call('register', { accounts: [{ name: 'sandbox', environment: 'sandbox' }] })).toMatchObject({
    outcome: 'rejected',
    message: expect.stringContaining('belongs to the configuration file'),
  });
});

/** A busy emulator may leave a call without an answer; made again, it goes on where it was. */
async function made(action: string, wish: object): Promise<void> {
  for (let left = 5; ; left -= 1) {
    try {
      expect((await call(action, wish)).outcome).toBe(`${action}ed`);
      return;
    } catch (error) {
      if (!(error instanceof FunctionFailedError) || left === 0) throw error;
    }
  }
}

/** Only for their figures: that it is done, and done once, is what the tests above and the unit tests are for. */
if (FIGURES)
  test(
    'a thousand more are registered in one call, a hundred or more in one each, and leave again',
    async () => {
      const many = Array.from({ length: 1_000 }, (_, index) => `more-${String(index + 1).padStart(4, '0')}`);
      const leaving = { accounts: many, reason: 'bench' };
      const timed = async (what: string, action: string, wish: object) => {
        const begun = Date.now();
        await made(action, wish);
        note(what, begun);
      };
      // None of them has a key, and every minute their first tokens are tried for: so they leave at once.
      await timed('1,000 registered in one call', 'register', entriesOf(many));
      await timed('the same again, which writes nothing', 'register', entriesOf(many));
      await timed('1,000 unregistered in one call', 'unregister', leaving);
      const some = many.slice(0, Math.max(100, COUNT));
      const begun = Date.now();
      for (const seller of some) await made('register', entriesOf([seller]));
      note(`${some.length} registered, one call each, one after the other`, begun);
      await made('unregister', { ...leaving, accounts: some });
    },
    20 * 60_000,
  );

/** Figures, for the bench and for whoever runs it with a thousand. */
function note(what: string, begun: number): void {
  const seconds = (Date.now() - begun) / 1_000;
  if (process.env.PADDLEWHEEL_SELLERS) console.log(`${what}: ${seconds.toFixed(1)} s`);
  if (FIGURES) appendFileSync(FIGURES, `${JSON.stringify({ what, seconds })}\n`);
}
