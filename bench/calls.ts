/** What one of each costs in calls: at the wire where the handler runs whole, at the ports for a rotation. */
import { createHmac } from 'node:crypto';
import { dueShard } from '../lambdas/adapters/dynamodb/keys.ts';
import { loopbackAws } from '../test/fakes/loopback-aws.ts';
import { PacingWorld } from './pacing/world.ts';
import type { Figure, Part } from './report.ts';

const SECRET = 'pdl_ntfset_bench';
const context = { functionName: 'bench', awsRequestId: 'bench' };

/** A rotation that meets nothing unusual, from the intent to the revocation. */
export async function quietRotation(): Promise<{ readonly paddle: number; readonly ops: ReadonlyMap<string, number> }> {
  const world = new PacingWorld({ addresses: 1, due: { quiet: 1 } });
  await world.run(30);
  return { paddle: [...world.paddle.calls.values()].reduce((a, b) => a + b, 0), ops: world.ops };
}

/** Per operation of the ledger's port: calls to DynamoDB. */
const CALLS_OF: Readonly<Record<string, number>> = { 'ledger.load': 2 };
export const ledgerCalls = (ops: ReadonlyMap<string, number>, isCounted: (op: string) => boolean): number =>
  [...ops].reduce((sum, [op, times]) => sum + (isCounted(op) ? times * (CALLS_OF[op] ?? 1) : 0), 0);

export const WRITES = /^ledger\.(save|answered|report|storeReading|bookTurn)$/;

/** The handlers are loaded once in a process, and with them the address of their AWS. */
let measured: ReturnType<typeof handlers> | undefined;
const wire = () => {
  measured ??= handlers();
  return measured;
};
/** What an account that nobody knows, and a heartbeat, cost however many sellers there are. */
export const atTheWire = async (): Promise<readonly Figure[]> => (await wire()).platform;

async function handlers(): Promise<{ readonly single: readonly Figure[]; readonly platform: readonly Figure[] }> {
  const aws = await loopbackAws();
  const before = { ...process.env };
  const write = process.stdout.write;
  try {
    aws.secrets.set('webhook-secret', SECRET);
    Object.assign(process.env, aws.environment, {
      ...{ LEDGER_TABLE: 'ledger', AUDIT_TABLE: 'trail', BUS_NAME: 'bus' },
      WEBHOOK_SECRETS: '{"sandbox":{"secret":"webhook-secret"}}',
      RECONCILE_QUEUE_URL: `${aws.settings.endpoint}/000000000000/reconcile.fifo`,
    });
    // The handlers write their log and metrics to standard output, which is this bench's.
    process.stdout.write = () => true;
    // One after the other: the webhook opens its connection while it is loaded.
    const heartbeat = await import('../lambdas/heartbeat.ts');
    const counted = async (invoke: () => Promise<unknown>): Promise<number> => {
      aws.calls.length = 0;
      await invoke();
      return aws.calls.length;
    };
    const idle = await counted(() => heartbeat.handler({} as never, context as never));
    const webhook = await import('../lambdas/webhook.ts');
    await webhook.handler(webhookEvent('evt_01j9zv4tnmk8w2f7q3c5x6y7z8') as never, context as never);
    const stored = await counted(() =>
      webhook.handler(webhookEvent('evt_01j9zv4tnmk8w2f7q3c5x6y7z9') as never, context as never),
    );
    const platform: Figure[] = [];
    const stranger = { ...webhookEvent('evt_01j9zv4tnmk8w2f7q3c5x6y8a0'), pathParameters: { account: 'nobody-knows' } };
    for (const [what, target] of [
      ['first webhook', 1],
      ['each further one within a minute', 0],
    ] as const) {
      const value = await counted(() => webhook.handler(stranger as never, context as never));
      platform.push({ name: `unknown account, ${what}: calls to AWS`, value, unit: 'calls', target });
    }
    let registered = 0;
    for (const count of [10, 100, 1_000, 10_000]) {
      for (; registered < count; registered += 1) aws.put('ledger', idleState(`idle-${registered}`));
      const value = await counted(() => heartbeat.handler({} as never, context as never));
      const name = `heartbeat, ${count.toLocaleString('en')} registered, none due: calls to AWS`;
      platform.push({ name, value, unit: 'calls', target: 4 });
    }
    const token = {
      id: 'ctkn_b',
      value: `test_${'b'.repeat(27)}`,
      name: 'shop · r',
      origin: 'minted',
      rotationId: 'r',
    };
    const state = {
      pk: 'INTEGRATION#shop',
      sk: 'STATE',
      integration: 'shop',
      version: 1,
      tokens: [{ ...token, status: 'current' }],
    };
    aws.put('ledger', { ...state, dueShard: dueShard('shop'), dueAt: '2126-01-01T00:00:00.000Z' });
    aws.put('ledger', { pk: 'INTEGRATION#shop', sk: 'CONFIG', account: 'live', environment: 'sandbox' });
    const usage = await import('../lambdas/usage.ts');
    const build = { integration: 'shop', consumer: 'site', build: '42', phase: 'build' };
    const reported = await counted(() => usage.handler(build as never, context as never));
    const single: Figure[] = [
      { name: 'idle heartbeat: calls to AWS', value: idle, unit: 'calls', target: 4 },
      { name: 'webhook: calls to AWS', value: stored, unit: 'calls', target: 1 },
      { name: 'usage report of a build: calls to AWS', value: reported, unit: 'calls', target: 4 },
    ];
    return { single, platform };
  } finally {
    process.stdout.write = write;
    process.env = before;
    await aws.close();
  }
}

const idleState = (integration: string) => ({
  ...{ pk: `INTEGRATION#${integration}`, sk: 'STATE', integration, version: 1, tokens: [] },
  ...{ dueShard: dueShard(integration), dueAt: '2126-01-01T00:00:00.000Z' },
});

function webhookEvent(id: string) {
  const body = JSON.stringify({
    ...{ event_id: id, event_type: 'client_token.created', occurred_at: '2026-11-22T03:00:00.000000Z' },
    ...{
      notification_id: id.replace('evt', 'ntf'),
      data: { id: id.replace('evt', 'ctkn'), name: 'shop', status: 'active' },
    },
  });
  const ts = Math.floor(Date.now() / 1000);
  const h1 = createHmac('sha256', SECRET).update(`${ts}:${body}`).digest('hex');
  const headers = { 'paddle-signature': `ts=${ts};h1=${h1}` };
  return { pathParameters: { account: 'sandbox' }, headers, body, isBase64Encoded: false };
}

export const calls: Part = {
  name: 'calls',
  about: 'calls of a quiet rotation, an idle heartbeat, a webhook and a usage report',
  async run() {
    const { paddle, ops } = await quietRotation();
    const isLedger = (op: string) => op.startsWith('ledger.') && op !== 'ledger.findDue';
    return [
      { name: 'quiet rotation: calls to Paddle', value: paddle, unit: 'calls', target: 3 },
      { name: 'quiet rotation: transactions', value: ops.get('ledger.save') ?? 0, unit: 'writes', target: 5 },
      { name: 'quiet rotation: turns booked', value: ops.get('ledger.bookTurn') ?? 0, unit: 'writes', target: 1 },
      {
        name: 'quiet rotation: reads of the ledger',
        value: ledgerCalls(ops, (op) => isLedger(op) && !WRITES.test(op)),
        unit: 'reads',
        target: 24,
      },
      ...(await wire()).single,
    ];
  },
};
