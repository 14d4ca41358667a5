/** How long the whole loop takes, in a deployment of its own on the local AWS: a process for `part.ts`, which prints one JSON object. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { signatureHeader } from '../../local/paddle/signatures.ts';
import { connectStack, type Stack } from '../../test/e2e/stack.ts';
import { SELF_HEALS } from '../../test/resources/e2e.config.ts';
import { beginDeployment, bundleOnce } from '../../test/runner/deployment.ts';

/** Two targets each, and nobody else's business. */
const [BY_SCHEDULE, BY_HAND] = ['by-schedule', 'story-emergency'] as const;
/** One for each round, and for the one before: who loses token after token gets the next one ever later. */
const [WARM_UP = '', ...LOST] = SELF_HEALS;
const READ_EVERY_MS = 20;
/** What its targets hold must have changed by then. */
const PATIENCE_MS = 120_000;

/** Seconds, one for each round. */
export type Measured = Readonly<Record<string, readonly number[]>>;

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return (performance.now() - begun) / 1000;
}

/** Until every target holds one token, and another one than before. */
async function replaced(stack: Stack, integration: string, before: string): Promise<void> {
  const { config } = await stack.state(integration);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(READ_EVERY_MS)) {
    const values = new Set(await Promise.all(config.targets.map((target) => stack.read(target))));
    if (values.size === 1 && !values.has(before)) return;
  }
  throw new Error(`the targets of ${integration} were not given another token`);
}

async function byHand(stack: Stack): Promise<number> {
  const { value } = await stack.current(BY_HAND);
  return timed(async () => {
    const { outcome, message } = await stack.ask(BY_HAND);
    if (outcome !== 'rotated') throw new Error(message);
    await replaced(stack, BY_HAND, value);
  });
}

/** The schedule's own tick is a minute away: what it invokes is invoked at once. */
async function bySchedule(stack: Stack): Promise<number> {
  const { value } = await stack.current(BY_SCHEDULE);
  // The shortest schedule that there is has fallen due by then.
  await sleep(1_500);
  return timed(async () => {
    await stack.invoke(NAMES.heartbeat, {});
    await replaced(stack, BY_SCHEDULE, value);
  });
}

async function scheduleEverySecond(stack: Stack): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: stack.ledgerTable,
    Key: marshall(ledgerKeys.config(BY_SCHEDULE)),
    UpdateExpression: 'SET schedule = :often',
    ExpressionAttributeValues: marshall({ ':often': { every: 1_000 } }),
  });
  await stack.dynamo.send(update);
  await stack.ask(BY_SCHEDULE, { action: 'reconcile' });
}

async function lost(stack: Stack, integration: string): Promise<number> {
  const { id, value } = await stack.firstToken(integration);
  return timed(async () => {
    await stack.paddle().revokeInDashboard(id);
    await replaced(stack, integration, value);
  });
}

async function webhook(stack: Stack, secret: string): Promise<number> {
  const body = JSON.stringify({
    event_id: `evt_${randomUUID().replaceAll('-', '')}`,
    event_type: 'transaction.completed',
    occurred_at: new Date().toISOString(),
    notification_id: 'ntf_1',
    data: { id: 'txn_1' },
  });
  const signature = signatureHeader({ secret, rotation: null }, Math.floor(Date.now() / 1000), body);
  return timed(async () => {
    const headers = { 'content-type': 'application/json', 'paddle-signature': signature };
    // It answers when the event is stored.
    const answer = await fetch(stack.webhookUrl('sandbox'), { method: 'POST', body, headers });
    if (answer.status !== 200) throw new Error(`the webhook was answered with ${answer.status}`);
  });
}

async function measured(stack: Stack): Promise<Measured> {
  const secret = (await stack.secret(NAMES.webhookSecret('sandbox'))) ?? '';
  for (const integration of [BY_SCHEDULE, BY_HAND]) await stack.firstToken(integration);
  await scheduleEverySecond(stack);
  const rounds: Record<string, number[]> = { floor: [], webhook: [], byHand: [], bySchedule: [], lost: [] };
  // Once before: processes of functions start, as on AWS, with the first call.
  for (const integration of [WARM_UP, ...LOST]) {
    const figures = {
      floor: await timed(() => stack.status(BY_HAND)),
      webhook: await webhook(stack, secret),
      byHand: await byHand(stack),
      bySchedule: await bySchedule(stack),
      lost: await lost(stack, integration),
    };
    if (integration === WARM_UP) continue;
    for (const [name, seconds] of Object.entries(figures)) rounds[name]?.push(seconds);
    process.stderr.write(`  round ${rounds.lost?.length} of ${LOST.length}\n`);
  }
  return rounds;
}

const functions = await mkdtemp(path.join(tmpdir(), 'pw-loop-'));
const deployment = await beginDeployment(await bundleOnce(functions));
try {
  process.env.PADDLEWHEEL_E2E = deployment.address;
  process.stderr.write('  deploying\n');
  console.log(JSON.stringify(await measured(await connectStack())));
} finally {
  await deployment.stop();
  await rm(functions, { recursive: true, force: true });
}
