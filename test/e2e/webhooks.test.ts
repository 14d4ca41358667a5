/** Webhooks through API Gateway, signed by Paddle's own secret: what is true is stored once, what is not leaves nothing behind. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEntry } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';
import type { RemotePaddle } from './world/remote-paddle.ts';

let stack: Stack;
let paddle: RemotePaddle;
let secret: string;
let destination: string;

beforeAll(async () => {
  stack = await connectStack();
  paddle = stack.paddle();
  secret = (await stack.secret(NAMES.webhookSecret('sandbox'))) ?? '';
  const { destinations } = await paddle.state();
  destination = String(destinations.find(({ destination: url }) => url === stack.webhookUrl('sandbox'))?.id);
}, START_MS);

/** Every line of the trail that came in as a webhook and is about this. */
async function stored(id: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await stack.dynamo.send(new ScanCommand({ TableName: stack.auditTable, ExclusiveStartKey }));
    entries.push(...(page.Items ?? []).map((item) => unmarshall(item) as AuditEntry));
    ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
  } while (ExclusiveStartKey);
  return entries.filter((entry) => entry.source === 'webhook' && (entry.id === id || entry.tokenId === id));
}

const event = (more: object = {}) => ({
  event_id: `evt_${randomUUID().replaceAll('-', '')}`,
  event_type: 'transaction.completed',
  occurred_at: '2026-11-22T05:36:00.123456Z',
  notification_id: 'ntf_1',
  data: { id: 'txn_1' },
  ...more,
});

const now = () => Math.floor(Date.now() / 1000);
const h1 = (body: string, ts: number, key: string) => createHmac('sha256', key).update(`${ts}:${body}`).digest('hex');
const sha256 = (body: string) => createHash('sha256').update(body).digest('hex');
const sign = (body: string, ts = now(), key = secret) => `ts=${ts};h1=${h1(body, ts, key)}`;

async function send(body: string, signature: string | undefined, account = 'sandbox'): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(signature && { 'paddle-signature': signature }) };
  const answer = await fetch(stack.webhookUrl(account), { method: 'POST', body, headers });
  await answer.body?.cancel();
  return answer.status;
}

describe('what Paddle signed', () => {
  test('is stored once, however often it comes', async () => {
    await paddle.quirks({ webhooks: { duplicateShare: 1 } });
    try {
      const { id } = await paddle.createInDashboard('Twice told');
      const entries = await stack.until('the webhook', async () => {
        const delivery = (await paddle.state()).deliveries.find(({ attempts }) =>
          attempts.some((each) => each.duplicate),
        );
        const lines = await stored(id);
        return delivery && lines.length > 0 ? lines : undefined;
      });
      expect(entries).toEqual([
        expect.objectContaining({ kind: 'webhook', type: 'client_token.created', tokenId: id }),
      ]);
    } finally {
      await paddle.quirks({ webhooks: { duplicateShare: 0 } });
    }
    const body = JSON.stringify(event());
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(body, sign(body))));
    expect(answers).toEqual([200, 200, 200, 200]);
    expect(await stored(JSON.parse(body).event_id)).toHaveLength(1);
  });

  test('is kept when it is about something else, with the account', async () => {
    const other = event({ event_type: 'subscription.updated' });
    const body = JSON.stringify(other);
    expect(await send(body, sign(body))).toBe(200);
    expect(await stored(other.event_id)).toEqual([
      expect.objectContaining({
        pk: 'ACCOUNT#sandbox',
        kind: 'webhook',
        type: 'subscription.updated',
        day: '2026-11-22',
      }),
    ]);
  });

  test('does not keep the value of a token', async () => {
    const { id, token } = await paddle.createInDashboard('Not for the trail');
    const [entry] = await stack.until('the webhook', async () => {
      const entries = await stored(id);
      return entries.length > 0 ? entries : undefined;
    });
    expect(JSON.stringify(entry)).not.toContain(token);
  });

  test("comes into the account's own trail: the live account has its own secret", async () => {
    const { id } = await paddle.createInDashboard('Live', 'live');
    const [entry] = await stack.until('the webhook', async () => {
      const entries = await stored(id);
      return entries.length > 0 ? entries : undefined;
    });
    expect(entry).toMatchObject({ account: 'live-eu' });
    const body = JSON.stringify(event());
    expect(await send(body, sign(body), 'live-eu')).toBe(401);
  });

  test('is kept apart when it is a simulation', async () => {
    const key = JSON.parse((await stack.secret('paddlewheel/sandbox/api-key')) ?? '{}').api_key;
    const call = async (path: string, body: object): Promise<{ id: string }> => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${paddle.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const { data } = (await answer.json()) as { data: { id: string } };
      return data;
    };
    const type = 'client_token.revoked';
    const { id } = await call('/simulations', { notification_setting_id: destination, name: 'A trial', type });
    await call(`/simulations/${id}/runs`, {});
    // The demo entity of Paddle's simulations.
    const entries = await stack.until('the simulation', async () => {
      const found = await stored('ctkn_01ghbkd0frb9k95cnhwd1bxpvk');
      return found.length > 0 ? found : undefined;
    });
    expect(entries).toEqual([expect.objectContaining({ pk: 'SIMULATION#sandbox', kind: 'simulation', type })]);
    expect(entries[0]).not.toHaveProperty('day');
  });
});

describe('what Paddle signed and is odd', () => {
  const odd = async (body: string, id: string) => {
    expect(await send(body, sign(body))).toBe(200);
    return stored(id);
  };

  test.each<[what: string, more: object]>([
    ['dated in another zone', { occurred_at: '2026-11-22T07:36:00.123456+02:00' }],
    ['without a notification id', { notification_id: null }],
    ['with data of null', { data: null }],
    ['with data that is a list', { data: [1] }],
  ])('is kept: an event %s', async (_, more) => {
    const sent = event(more);
    const [entry] = await odd(JSON.stringify(sent), sent.event_id);
    expect(entry).toMatchObject({ kind: 'webhook', sk: `2026-11-22T05:36:00.123000Z#${sent.event_id}` });
  });

  test('is kept with a byte order mark in front', async () => {
    const sent = event();
    expect(await odd(`\ufeff${JSON.stringify(sent)}`, sent.event_id)).toHaveLength(1);
  });

  test.each([70, 500, 2_000])('is kept without its data when it has %i KB', async (kilobytes) => {
    const sent = event({ data: { filler: 'x'.repeat(kilobytes * 1024) } });
    const body = JSON.stringify(sent);
    const [entry] = await odd(body, sent.event_id);
    expect(entry).toMatchObject({ kind: 'webhook', size: body.length, digest: sha256(body) });
    expect(entry).not.toHaveProperty('data');
  });

  test.each(['hello', '[]', '{"event_id":1}', `["${'x'.repeat(100_000)}"]`])(
    'is kept apart when it is no event: %.20s',
    async (body) => {
      const [entry] = await odd(body, `sha256-${sha256(body)}`);
      expect(entry).toMatchObject({ pk: 'ACCOUNT#sandbox', kind: 'unreadable', size: body.length });
    },
  );
});

describe('while the secret is being rotated', () => {
  // The function asks for the secrets anew when a signature does not match, but not within five seconds of the last time.
  const REREAD_MS = 5_500;

  test.each(['new-first', 'old-first'] as const)(
    'both signatures are sent, %s: either of our secrets will do',
    async (order) => {
      const before = secret;
      await paddle.rotateSecret(destination, order);
      const { id } = await paddle.createInDashboard(`Signed twice, ${order}`);
      // We still have the old secret only.
      await stack.until('the webhook', async () => ((await stored(id)).length > 0 ? true : undefined));

      secret = await newSecret();
      expect(secret).not.toBe(before);
      await stack.putSecret(NAMES.webhookSecret('sandbox'), JSON.stringify({ endpoint_secret_keys: [secret, before] }));
      await paddle.finishSecretRotation(destination);
      await sleep(REREAD_MS);
      const { id: after } = await paddle.createInDashboard(`Signed anew, after ${order}`);
      await stack.until('the webhook', async () => ((await stored(after)).length > 0 ? true : undefined));
    },
    180_000,
  );

  async function newSecret(): Promise<string> {
    const key = JSON.parse((await stack.secret('paddlewheel/sandbox/api-key')) ?? '{}').api_key;
    const answer = await fetch(`${paddle.url}/notification-settings/${destination}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { data } = (await answer.json()) as { data: { endpoint_secret_key: string } };
    return data.endpoint_secret_key;
  }
});

describe('what Paddle did not sign', () => {
  const body = JSON.stringify(event());
  const large = JSON.stringify(event({ data: { filler: 'x'.repeat(65 * 1024) } }));
  const twoSignatures = () => `ts=${now()};ts=${now()};h1=${h1(body, now(), secret)}`;

  test.each<[string, number, string, () => string | undefined]>([
    ['without a signature', 401, body, () => undefined],
    ['with an empty one', 401, body, () => ''],
    ['with one that is none', 401, body, () => 'hello'],
    ['with two timestamps', 401, body, twoSignatures],
    ['signed with another secret', 401, body, () => sign(body, now(), 'pdl_ntfset_guess')],
    ['signed with an empty secret', 401, body, () => sign(body, now(), '')],
    ['signed for another body', 401, body, () => sign(`${body} `)],
    ['signed ten minutes ago', 401, body, () => sign(body, now() - 600)],
    ['signed ten minutes ahead', 401, body, () => sign(body, now() + 600)],
    ['of more than 64 KiB, not signed', 401, large, () => sign(large, now(), 'pdl_ntfset_guess')],
    ['that is no JSON, not signed', 401, 'hi', () => sign('hi', now(), 'pdl_ntfset_guess')],
  ])('a webhook %s is refused with %i', async (_, status, text, signature) => {
    expect(await send(text, signature())).toBe(status);
  });

  test('a webhook for an account that is not there is refused with 404', async () => {
    expect(await send(body, sign(body), 'nobody')).toBe(404);
  });

  test('left nothing in the trail', async () => {
    for (const text of [body, large]) expect(await stored(JSON.parse(text).event_id)).toEqual([]);
    // The positive control: the very same body, signed.
    expect(await send(body, sign(body))).toBe(200);
    expect(await stored(JSON.parse(body).event_id)).toHaveLength(1);
  });
});
