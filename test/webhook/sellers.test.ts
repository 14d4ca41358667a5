import type { CredentialSource } from '../../lambdas/contract.ts';
import { Bounded } from '../../lambdas/webhook/bounded.ts';
import { createIngest } from '../../lambdas/webhook/ingest.ts';
import { parseWebhookSources, WebhookSecrets } from '../../lambdas/webhook/webhook-secrets.ts';
import { ingestion, revoked, standInVerify } from './fakes.ts';

/** The function of an installation with a namespace: beside `sandbox`, whose place the deploy knows, the ledger has accounts. */
function platform() {
  const { reader, clock, trail, log, metrics, request } = ingestion();
  const accounts = new Map<string, CredentialSource>([['acme', { secret: 'sellers/acme/webhook-secret' }]]);
  const asked: string[] = [];
  const away = { ledger: false };
  const directory = {
    async placeOf(account: string) {
      asked.push(account);
      if (away.ledger) throw new Error('the ledger is away');
      return accounts.get(account);
    },
  };
  const fixed = new Map([['sandbox', { secret: 'paddlewheel/sandbox/webhook-secret' }]]);
  const secrets = new WebhookSecrets(fixed, reader, clock, directory);
  const ingest = createIngest({ secrets, trail, log, metrics, clock, verify: standInVerify });
  const send = async (account: string, header?: null) =>
    (await ingest(request(JSON.stringify(revoked), { account, ...(header === null && { header: undefined }) })))
      .statusCode;
  return { accounts, asked, away, clock, log, reader, metrics, trail, send };
}

test('an account that came without a deploy is found in the ledger, once in ten minutes', async () => {
  const { send, asked, clock, reader } = platform();
  expect([await send('acme'), await send('acme'), await send('sandbox')]).toEqual([200, 200, 200]);
  expect(asked).toEqual(['acme']);
  expect(reader.reads[0]).toEqual({ secret: 'sellers/acme/webhook-secret' });
  clock.advance(10 * 60_000);
  await send('acme');
  expect(asked).toEqual(['acme', 'acme']);
});

test('an account that nobody has costs one read a minute, and no secret is read', async () => {
  const { send, asked, clock, reader, accounts } = platform();
  for (let times = 0; times < 50; times += 1) expect(await send('nobody')).toBe(404);
  expect([asked, reader.reads]).toEqual([['nobody'], []]);
  accounts.set('nobody', { secret: 'sellers/nobody/webhook-secret' });
  clock.advance(60_000);
  expect(await send('nobody')).toBe(200);
});

test('without a signature, or under a name that no account can have, nothing is read', async () => {
  const { send, asked, metrics, log } = platform();
  expect([await send('acme', null), await send('nobody', null)]).toEqual([401, 401]);
  expect([await send('Acme'), await send('a/b'), await send('x'.repeat(64))]).toEqual([404, 404, 404]);
  expect(asked).toEqual([]);
  expect(log.lines).toHaveLength(5);
  expect(log.lines.join()).not.toMatch(/acme|nobody|a\/b|xxx/i);
  expect(metrics.counted).toEqual(['SignatureFailure', 'SignatureFailure']);
  await send('acme');
  expect([await send('acme', null), await send('sandbox', null)]).toEqual([401, 401]);
  expect(log.lines.slice(-2).join()).toMatch(/"account":"acme".*"account":"sandbox"/);
});

test('a ledger that is away is no answer: Paddle comes again', async () => {
  const { send, away, trail } = platform();
  away.ledger = true;
  expect([await send('acme'), await send('sandbox')]).toEqual([500, 200]);
  away.ledger = false;
  expect(await send('acme')).toBe(200);
  expect(trail.items.size).toBeGreaterThan(0);
});

test('a flood of invented names drives nobody out who is known', async () => {
  const { send, asked } = platform();
  await send('acme');
  for (let name = 0; name < 3_000; name += 1) await send(`invented-${name}`);
  asked.length = 0;
  expect(await send('acme')).toBe(200);
  expect(asked).toEqual([]);
});

test('what is remembered is bounded in number and age', () => {
  const clock = { time: 0, now: () => clock.time };
  const remembered = new Bounded<number>(3, 1_000, clock);
  for (let value = 0; value < 10; value += 1) remembered.set(`name-${value}`, value);
  expect(remembered.size).toBe(3);
  expect([remembered.get('name-6'), remembered.get('name-7'), remembered.get('name-9')]).toEqual([undefined, 7, 9]);
  // Set again, it is the youngest, and drives out none but the oldest.
  remembered.set('name-7', 70);
  remembered.set('name-10', 10);
  expect([remembered.get('name-7'), remembered.get('name-8')]).toEqual([70, undefined]);
  clock.time = 1_000;
  expect(remembered.get('name-10')).toBeUndefined();
});

test('a deploy need not name an account when others are found elsewhere', () => {
  expect(parseWebhookSources('{}', true).size).toBe(0);
  expect(() => parseWebhookSources('{}')).toThrow(/names no account/);
});
