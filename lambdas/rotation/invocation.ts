/** `paddlewheel-rotate`: messages of the reconcile queue, or a person's request. Both end in the same reconcile loop. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { CheckRequest, ReconcileRequest } from '../contract.ts';
import { instant } from '../domain/time.ts';
import { knownTokenId } from '../domain/tokens.ts';
import { type Answer, plan, rejected } from './answer.ts';
import { breaksOf, type Request, statusOf, understand } from './asked.ts';
import { check } from './check.ts';
import type { CheckAnswers } from './check-answers.ts';
import * as commands from './commands.ts';
import { type DeliveryParts, NotNowError, reconcileAll } from './deliveries.ts';
import { STILL_ACTIVE } from './inbox.ts';
import { measure } from './measure.ts';
import { type Command, type ReconcileInput, reconcile, type World } from './reconcile.ts';
import { pureCommand, rehearse } from './rehearse.ts';
import { breaksGlass } from './request.ts';
import type { Result } from './result.ts';
import type { Snapshot } from './snapshot.ts';
import { tell } from './tell.ts';

export interface Parts extends DeliveryParts {
  readonly world: World;
  readonly answers: Pick<CheckAnswers, 'store'>;
}

/** What is returned takes the alias through which the function was invoked: IAM sees that, and no payload. */
export function createInvocation(parts: Parts) {
  return async (event: unknown, invocationId: string, alias?: string): Promise<Answer | SQSBatchResponse> =>
    isQueueEvent(event)
      ? reconcileAll(event, (request) => takeUp(request, parts), parts)
      : isReconcileRequest(event)
        ? reconcileNow(event, parts)
        : answer(event, invocationId, alias, parts);
}

const isQueueEvent = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && Array.isArray((event as { Records?: unknown }).Records);

/** Just that: with anything else in it, it is a person's request, whose faults are told. */
const isReconcileRequest = (event: unknown): event is ReconcileRequest => {
  if (typeof event !== 'object' || event === null) return false;
  const { cause, integration, ...others } = event as Readonly<Record<string, unknown>>;
  return cause === 'webhook' && typeof integration === 'string' && Object.keys(others).length === 0;
};

const takeUp = (request: ReconcileRequest | CheckRequest, parts: Parts): Promise<void> =>
  request.cause === 'check' ? checkOnce(request, parts) : reconcileOnce(request, parts);

/** Whoever asked has stopped waiting by then. */
const STALE_CHECK_MS = 60_000;

/** For `paddlewheel-status`. Only this function can say whether this function may do its work. */
async function checkOnce({ integration, checkId, askedAt }: CheckRequest, { world, answers }: Parts): Promise<void> {
  const now = world.clock.now();
  const loaded = await world.ledger.load(integration);
  if (!loaded || now - askedAt > STALE_CHECK_MS) return;
  const snapshot: Snapshot = { ...loaded, now: instant(now), runId: 'nobody', recheck: [] };
  await answers.store(checkId, await check(snapshot, world), now);
}

/** So often a message comes back within seconds for an answer of Paddle that lags; after that the heartbeat asks. */
const MOST_SOON = 6;

async function reconcileOnce({ integration, cause, crowded }: ReconcileRequest, parts: Parts): Promise<void> {
  const newEvidence = cause === 'usage' || cause === 'seen';
  const result = await run({ integration, newEvidence, crowded }, parts);
  if (result.outcome === 'busy') throw new NotNowError(`${integration}: ${result.message}`);
  if (result.outcome === 'unknown') parts.log.warn('No such integration', { integration, cause });
  // What is left is due as well; the message is only faster than the next heartbeat.
  if (result.outcome === 'settled' && result.decision.reason === 'more_to_do')
    throw new NotNowError(result.decision.message);
  // Paddle's own webhook is ahead of its answers, as a rule for no more than moments.
  const { unanswered } = result.outcome === 'settled' ? result.snapshot.state : {};
  if (unanswered?.code === STILL_ACTIVE && unanswered.attempts <= MOST_SOON) throw new NotNowError(unanswered.message);
}

/** Of `observe`, which sent a message as well: what this run does not get to, because another one is at work, that one does. */
async function reconcileNow(request: ReconcileRequest, parts: Parts): Promise<SQSBatchResponse> {
  try {
    await reconcileOnce(request, parts);
  } catch (error) {
    const { integration } = request;
    parts.log.warn('What was to be reconciled at once is left to the queue', { integration, error });
  }
  return { batchItemFailures: [] };
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

async function answer(
  payload: unknown,
  invocationId: string,
  alias: string | undefined,
  parts: Parts,
): Promise<Answer> {
  const asked = await understand(payload, invocationId, { ledger: parts.world.ledger, clock: parts.world.clock });
  if ('no' in asked) return asked.no;
  const { request, snapshot } = asked;
  const { integration, action, dryRun } = request;
  if (action === 'status') return statusOf(asked, parts.world.ledger);
  if (action === 'plan') return plan(snapshot);
  if (action === 'check')
    return rejected(integration, ['action: "check" is answered by paddlewheel-status, which has this function look.']);
  if (breaksGlass(request) && alias !== undefined)
    return rejected(integration, [
      `${request.emergency ? 'emergency' : 'action'}: this ends a token without grace and evidence, which paddlewheel-rotate:${alias} never does: invoke paddlewheel-rotate itself, which is a permission of its own.`,
    ]);
  if (dryRun) return rehearse(asked, parts.world.ids);
  const command = action === 'adopt' ? await adoption(request, snapshot, parts) : pureCommand(request);
  if (action === 'reconcile') await reportAll(snapshot, parts);
  const result = await run({ integration, command, newEvidence: action === 'reconcile' }, parts);
  return tell(request, result, breaksOf(asked));
}

/** A person doubts what the ledger says of the living tokens. Should this run not get to it, the next one does. */
async function reportAll({ now: at, config, state }: Snapshot, { world }: Parts): Promise<void> {
  const alive = state.tokens.filter(({ status }) => status !== 'revoked');
  const integration = config.name;
  await world.ledger.report(alive.map(({ id: tokenId }) => ({ integration, tokenId, source: 'person', at })));
}

/** The only command that must ask Paddle first. */
async function adoption(request: Request, { config, state }: Snapshot, { world }: Parts): Promise<Command> {
  const { tokenId = '', reason, requestedBy, requestId, isIdOfCall } = request;
  const account = await world.ledger.account(config.account);
  if (!account) throw new Error(`account ${config.account} is not in the ledger`);
  const answer = await world.paddle(account, knownTokenId(state), 'heal').get(tokenId);
  const owner = await world.ledger.owner(tokenId);
  return commands.adopt({ tokenId, answer, owner }, { reason, requestedBy, requestId, isIdOfCall });
}
