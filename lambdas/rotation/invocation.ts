/** `paddlewheel-rotate`: messages of the reconcile queue, or a person's request. Both end in the same reconcile loop. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { METRICS, type ReconcileRequest } from '../contract.ts';
import type { Log, Metrics } from '../domain/ports.ts';
import { instant } from '../domain/time.ts';
import { tokenById } from '../domain/tokens.ts';
import { type Answer, breakage, plan, rejected, rotationIdOf, status, summary } from './answer.ts';
import { check } from './check.ts';
import * as commands from './commands.ts';
import { measure } from './measure.ts';
import { type Command, type ReconcileInput, type Result, reconcile, type World } from './reconcile.ts';
import { type Action, parseRequest, type RotateRequest } from './request.ts';
import type { Snapshot } from './snapshot.ts';

export interface Parts {
  readonly world: World;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The rotation could not be finished now: a failed effect throws, so that the platform sees it. It goes on by itself. */
export class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
}

export function createInvocation(parts: Parts) {
  return async (event: unknown, invocationId: string): Promise<Answer | SQSBatchResponse> =>
    isQueueEvent(event) ? reconcileAll(event, parts) : answer(event, invocationId, parts);
}

const isQueueEvent = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && Array.isArray((event as { Records?: unknown }).Records);

/** A reconcile that could not be had (another run at work, no answer about a recheck, a defect) comes back later. */
async function reconcileAll(event: SQSEvent, parts: Parts): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    try {
      await reconcileOnce(JSON.parse(record.body) as ReconcileRequest, parts);
    } catch (error) {
      const cause = causeOf(record.body);
      parts.log.error('A reconcile failed', { messageId: record.messageId, cause, error });
      parts.metrics.count(METRICS.rotationFailure);
      // What is due stays due, and the heartbeat asks again in a minute. Kept, the message would stand in the way of
      // those that bring new evidence, which nobody would repeat: a group is handled in order.
      if (cause !== 'due') batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}

function causeOf(body: string): ReconcileRequest['cause'] | undefined {
  try {
    return (JSON.parse(body) as ReconcileRequest).cause;
  } catch {
    return undefined;
  }
}

async function reconcileOnce({ integration, cause, recheck }: ReconcileRequest, parts: Parts): Promise<void> {
  const asked = recheck ? [recheck] : [];
  const about = cause === 'orphan' ? { unclaimed: asked } : { recheck: asked };
  const result = await run({ integration, ...about, newEvidence: cause === 'usage' }, parts);
  if (result.outcome === 'busy') throw new UnfinishedError(`${integration}: ${result.message}`);
  if (result.outcome === 'unknown') parts.log.warn('No such integration', { integration, cause });
  if (result.outcome === 'settled' && result.unanswered.length > 0)
    throw new UnfinishedError(`${integration}: Paddle gave no answer about ${result.unanswered.join(', ')}`);
}

async function run(wanted: ReconcileInput, { world, log, metrics }: Parts): Promise<Result> {
  const result = await reconcile(wanted, world);
  for (const { type, message, integration, rotationId, tokenId } of result.records)
    log.info(message, { type, integration, rotationId, tokenId });
  measure(result, metrics, log);
  if (result.outcome === 'settled') {
    const { reason, message } = result.decision;
    log.info(message, { integration: wanted.integration, reason, dueAt: result.snapshot.state.dueAt });
  }
  return result;
}

async function answer(payload: unknown, invocationId: string, parts: Parts): Promise<Answer> {
  const parsed = parseRequest(payload);
  if ('faults' in parsed) return rejected(nameIn(payload), parsed.faults);
  const request = { ...parsed.request, requestId: parsed.request.requestId ?? invocationId };
  const { integration, environment, action, dryRun } = request;
  const { ledger, clock } = parts.world;
  const loaded = await ledger.load(integration);
  if (!loaded) return rejected(integration, [`integration: no integration "${integration}" is configured.`]);
  if (environment && environment !== loaded.config.environment)
    return rejected(integration, [`environment: ${integration} belongs to ${loaded.config.environment}.`]);
  const snapshot: Snapshot = { ...loaded, now: instant(clock.now()), runId: 'nobody', recheck: [] };
  const usage = await ledger.usage(integration);
  if (action === 'status') return status(snapshot, usage);
  if (action === 'plan') return plan(snapshot);
  if (action === 'check') return check(snapshot, parts.world);
  const command = await commandOf(request, snapshot, parts);
  const breaks = breakage(snapshot, usage, request.tokenId);
  if (dryRun) return rehearse(command, snapshot, breaks, parts);
  const recheck = action === 'reconcile' ? snapshot.state.tokens.map((token) => token.id) : [];
  return tell(
    request,
    await run({ integration, command, recheck, newEvidence: action === 'reconcile' }, parts),
    breaks,
  );
}

const nameIn = (payload: unknown): string => {
  const name = typeof payload === 'object' && payload !== null && 'integration' in payload ? payload.integration : '';
  return typeof name === 'string' && /^[a-z0-9-]{1,63}$/.test(name) ? name : '';
};

async function commandOf(
  request: RotateRequest & { requestId: string },
  { config }: Snapshot,
  { world }: Parts,
): Promise<Command | undefined> {
  const { action, reason, requestedBy, requestId, emergency, tokenId = '' } = request;
  const asker = { reason, requestedBy, requestId };
  switch (action) {
    case 'rotate':
      return emergency ? commands.emergency({ ...asker, reason: reason ?? '' }) : commands.rotate(asker);
    case 'adopt': {
      const account = await world.ledger.account(config.account);
      if (!account) throw new Error(`account ${config.account} is not in the ledger`);
      const found = await world.paddle(account).get(tokenId);
      const owner = await world.ledger.owner(tokenId);
      return commands.adopt({ tokenId, answer: found, owner }, asker);
    }
    case 'rollback':
      return commands.rollback(request.tokenId, asker);
    case 'pause':
      return commands.pause(asker);
    case 'resume':
      return commands.resume(asker);
    case 'hold':
      return commands.hold(tokenId, { ...asker, reason: reason ?? '' });
    case 'release':
      return commands.release(tokenId, asker);
    case 'revoke':
      return commands.forceRevoke(tokenId, { ...asker, reason: reason ?? '' });
    default:
      return undefined;
  }
}

/** A dry run: the command is applied to a copy that is thrown away. */
function rehearse(
  command: Command | undefined,
  snapshot: Snapshot,
  breaks: readonly string[],
  { world }: Parts,
): Answer {
  const context = { now: snapshot.now, runId: snapshot.runId, config: snapshot.config, nextId: () => world.ids.next() };
  const { change, rejected: faults } = command?.(snapshot.state, context) ?? {};
  if (faults) return rejected(snapshot.config.name, faults);
  const after = { ...snapshot, state: change?.state ?? snapshot.state };
  return { ...plan(after, 'Dry run, nothing was changed'), ...summary(snapshot), breaks };
}

const DONE: Record<Action, string> = {
  rotate: 'rotated',
  adopt: 'adopted',
  rollback: 'rolled-back',
  pause: 'paused',
  resume: 'resumed',
  hold: 'held',
  release: 'released',
  revoke: 'revoked',
  reconcile: 'reconciled',
  status: 'status',
  plan: 'planned',
  check: 'checked',
};

function tell(request: RotateRequest, result: Result, breaks: readonly string[]): Answer {
  const { integration, action, emergency } = request;
  if (result.outcome === 'unknown') return rejected(integration, [`integration: "${integration}" is not configured.`]);
  if (result.outcome === 'rejected') return rejected(integration, result.faults);
  if (result.outcome === 'busy')
    throw new UnfinishedError(`${integration}: ${result.message} Nothing was changed by this request; repeat it.`);
  const { snapshot, decision } = result;
  const { retry, repair, rotation } = snapshot.state;
  const wanted = action === 'rotate' || action === 'adopt' || action === 'rollback';
  const unrevoked = action === 'revoke' && tokenById(snapshot.state, request.tokenId ?? '')?.status !== 'revoked';
  if (unrevoked) {
    const hold = tokenById(snapshot.state, request.tokenId ?? '')?.hold;
    throw new UnfinishedError(
      `${request.tokenId} is not revoked yet: ${hold?.message} Tried again at ${hold?.nextCheckAt}.`,
    );
  }
  // While paused nothing is tried again, and the answer says so by itself.
  if (wanted && rotation && decision.reason === 'more_to_do')
    throw new UnfinishedError(`${integration}: Rotation ${rotation.rotationId} is under way. ${decision.message}`);
  const waits = decision.reason !== 'paused' && (retry || repair);
  if (waits && ((wanted && rotation && retry) || action === 'reconcile')) {
    const { message, nextAttemptAt } = retry ?? { message: repair?.reason, nextAttemptAt: repair?.nextAttemptAt };
    const id = rotation ? ` Rotation ${rotation.rotationId}` : '';
    throw new UnfinishedError(`${integration}:${id} waits: ${message} It is tried again at ${nextAttemptAt}.`);
  }
  const rotationId = rotationIdOf(result.records, snapshot) ?? repeated(request, snapshot);
  return {
    ...summary(snapshot),
    outcome: DONE[action],
    ...(rotationId ? { rotationId } : {}),
    ...(request.reason ? { reason: request.reason } : {}),
    ...(emergency || action === 'revoke' ? { breaks } : {}),
    message: decision.message,
    dueAt: snapshot.state.dueAt,
    records: result.records.map(({ type, at, message }) => ({ type, at, message })),
  };
}

const repeated = ({ requestId }: RotateRequest, { state }: Snapshot): string | undefined =>
  state.requests.find((request) => request.requestId === requestId)?.rotationId;
