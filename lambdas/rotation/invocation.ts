/** `paddlewheel-rotate`: messages of the reconcile queue, or a person's request. Both end in the same reconcile loop. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ReconcileRequest } from '../contract.ts';
import { instant } from '../domain/time.ts';
import { knownTokenId } from '../domain/tokens.ts';
import { type Answer, breakage, plan, rejected, status, summary } from './answer.ts';
import { check } from './check.ts';
import * as commands from './commands.ts';
import { type DeliveryParts, NotNowError, reconcileAll } from './deliveries.ts';
import { measure } from './measure.ts';
import { type Command, type ReconcileInput, reconcile, type World } from './reconcile.ts';
import { parseRequest, type RotateRequest } from './request.ts';
import type { Result } from './result.ts';
import type { Snapshot } from './snapshot.ts';
import { tell } from './tell.ts';

export interface Parts extends DeliveryParts {
  readonly world: World;
}

export function createInvocation(parts: Parts) {
  return async (event: unknown, invocationId: string): Promise<Answer | SQSBatchResponse> =>
    isQueueEvent(event)
      ? reconcileAll(event, (request) => reconcileOnce(request, parts), parts)
      : answer(event, invocationId, parts);
}

const isQueueEvent = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && Array.isArray((event as { Records?: unknown }).Records);

async function reconcileOnce({ integration, cause }: ReconcileRequest, parts: Parts): Promise<void> {
  const result = await run({ integration, newEvidence: cause === 'usage' }, parts);
  if (result.outcome === 'busy') throw new NotNowError(`${integration}: ${result.message}`);
  if (result.outcome === 'unknown') parts.log.warn('No such integration', { integration, cause });
  // What is left is due as well; the message is only faster than the next heartbeat.
  if (result.outcome === 'settled' && result.decision.reason === 'more_to_do')
    throw new NotNowError(result.decision.message);
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
  const isIdOfCall = parsed.request.requestId === undefined;
  const request = { ...parsed.request, requestId: parsed.request.requestId ?? invocationId, isIdOfCall };
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
  // An emergency ends the current token in any case, besides the one that it names.
  const ended = new Set(request.emergency ? [undefined, request.tokenId] : [request.tokenId]);
  const breaks = [...new Set([...ended].flatMap((tokenId) => breakage(snapshot, usage, tokenId)))];
  if (dryRun) return rehearse(command, snapshot, breaks, parts);
  if (action === 'reconcile') await reportAll(snapshot, parts);
  const result = await run({ integration, command, newEvidence: action === 'reconcile' }, parts);
  return tell(request, result, breaks);
}

/** A person doubts what the ledger says of the living tokens. Should this run not get to it, the next one does. */
async function reportAll({ now: at, config, state }: Snapshot, { world }: Parts): Promise<void> {
  const alive = state.tokens.filter(({ status }) => status !== 'revoked');
  const integration = config.name;
  await world.ledger.report(alive.map(({ id: tokenId }) => ({ integration, tokenId, source: 'person', at })));
}

const nameIn = (payload: unknown): string => {
  const name = typeof payload === 'object' && payload !== null && 'integration' in payload ? payload.integration : '';
  return typeof name === 'string' && /^[a-z0-9-]{1,63}$/.test(name) ? name : '';
};

async function commandOf(
  request: RotateRequest & { requestId: string; isIdOfCall: boolean },
  { config, state }: Snapshot,
  { world }: Parts,
): Promise<Command | undefined> {
  const { action, reason, requestedBy, requestId, isIdOfCall, emergency, tokenId = '' } = request;
  const asker = { reason, requestedBy, requestId, isIdOfCall };
  switch (action) {
    case 'rotate':
      return emergency
        ? commands.emergency({ ...asker, reason: reason ?? '', tokenId: request.tokenId })
        : commands.rotate(asker);
    case 'adopt': {
      const account = await world.ledger.account(config.account);
      if (!account) throw new Error(`account ${config.account} is not in the ledger`);
      const found = await world.paddle(account, knownTokenId(state)).get(tokenId);
      const owner = await world.ledger.owner(tokenId);
      return commands.adopt({ tokenId, answer: found, owner }, asker);
    }
    case 'rollback':
      return commands.rollback(request.tokenId, asker);
    case 'pause':
      return commands.pause({ ...asker, until: request.until });
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
