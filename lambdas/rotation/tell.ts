/** What came of a request. No answer says that something is done when it is not. */
import type { AuditRecord } from '../domain/model.ts';
import { currentToken, tokenById } from '../domain/tokens.ts';
import { type Answer, rejected, rotationIdOf, summary } from './answer.ts';
import type { Action, RotateRequest } from './request.ts';
import type { Result } from './result.ts';
import type { Snapshot } from './snapshot.ts';

/** The rotation could not be finished now: a failed effect throws, so that the platform sees it. It goes on by itself. */
export class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
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

type Settled = Extract<Result, { outcome: 'settled' }>;
interface Happened {
  readonly outcome: string;
  readonly message?: string;
}

/** @throws UnfinishedError when what was asked for is still under way, or was prevented */
export function tell(request: RotateRequest, result: Result, breaks: readonly string[]): Answer {
  const { integration, action, emergency } = request;
  if (result.outcome === 'unknown') return rejected(integration, [`integration: "${integration}" is not configured.`]);
  if (result.outcome === 'rejected') return rejected(integration, result.faults);
  if (result.outcome === 'busy')
    throw new UnfinishedError(`${integration}: ${result.message} Nothing was changed by this request; repeat it.`);
  const { snapshot, decision } = result;
  const { outcome, message = decision.message } = happened(request, result);
  const rotationId = rotationIdOf(result.records, snapshot) ?? repeated(request, snapshot);
  return {
    ...summary(snapshot),
    outcome,
    ...(rotationId ? { rotationId } : {}),
    ...(request.reason ? { reason: request.reason } : {}),
    ...(emergency || action === 'revoke' ? { breaks } : {}),
    message: result.note ? `${result.note} ${message}` : message,
    dueAt: snapshot.state.dueAt,
    records: result.records.map(({ type, at, message: text }) => ({ type, at, message: text })),
  };
}

function happened(request: RotateRequest, result: Settled): Happened {
  const { action } = request;
  if (action === 'rotate' || action === 'adopt' || action === 'rollback') return rotated(request, result);
  if (action === 'revoke') return revoked(request, result);
  if (action === 'hold') return held(request, result);
  if (action === 'reconcile') return reconciled(request, result);
  return { outcome: DONE[action] };
}

function revoked({ tokenId = '' }: RotateRequest, { snapshot }: Settled): Happened {
  const token = tokenById(snapshot.state, tokenId);
  if (token?.status === 'revoked') return { outcome: DONE.revoke };
  throw new UnfinishedError(
    `${tokenId} is not revoked yet: ${token?.hold?.message} Tried again at ${token?.hold?.nextCheckAt}.`,
  );
}

/** Paddle may have said in this very run that the token is gone. */
function held({ tokenId = '' }: RotateRequest, { snapshot }: Settled): Happened {
  if (tokenById(snapshot.state, tokenId)?.status !== 'revoked') return { outcome: DONE.hold };
  throw new UnfinishedError(`${tokenId} is not held: it was revoked before, and that is permanent.`);
}

function reconciled({ integration }: RotateRequest, { snapshot, decision, unanswered }: Settled): Happened {
  const { retry, repair, rotation } = snapshot.state;
  const { reason, message } = decision;
  if (unanswered.length > 0)
    throw new UnfinishedError(
      `${integration}: Paddle gave no answer about ${unanswered.join(', ')}. It is asked again at ${snapshot.state.unanswered?.nextAttemptAt}.`,
    );
  if (reason === 'paused' || reason === 'unmanaged') return { outcome: reason };
  if (retry || repair) throw waiting(integration, rotation, retry ?? repair);
  if (reason === 'more_to_do' || reason === 'revoked_again_and_again')
    throw new UnfinishedError(`${integration}: ${message}`);
  return { outcome: DONE.reconcile };
}

const waiting = (
  integration: string,
  rotation: { readonly rotationId: string } | undefined,
  wait: { readonly message?: string; readonly reason?: string; readonly nextAttemptAt: string } | undefined,
) =>
  new UnfinishedError(
    `${integration}:${rotation ? ` Rotation ${rotation.rotationId}` : ''} waits: ${wait?.message ?? wait?.reason} It is tried again at ${wait?.nextAttemptAt}.`,
  );

/** Of a rotation, an adoption and a rollback: what became of it, or of the one that it joined. */
function rotated(request: RotateRequest, result: Settled): Happened {
  const { integration, action } = request;
  const { snapshot, decision, records } = result;
  const { rotation, retry } = snapshot.state;
  if (rotation && decision.reason === 'more_to_do')
    throw new UnfinishedError(`${integration}: Rotation ${rotation.rotationId} is under way. ${decision.message}`);
  if (rotation && retry && decision.reason !== 'paused') throw waiting(integration, rotation, retry);
  const published = records.findLast(({ type }) => type === 'token.published');
  if (isDone(request, snapshot, published)) return emergencyOver(request, snapshot);
  if (rotation)
    throw new UnfinishedError(`${integration}: Rotation ${rotation.rotationId} is under way. ${decision.message}`);
  const joined = published && JOINED[published.trigger ?? ''];
  if (joined)
    return {
      outcome: joined,
      message: `Rotation ${published.rotationId} (${published.trigger}) was under way and has been finished; nothing else was begun. Ask again.`,
    };
  const why = records.findLast(({ type }) => type === 'rotation.abandoned' || type === 'token.lost');
  return { outcome: 'abandoned', message: `The ${action} did not come about. ${why?.message ?? decision.message}` };
}

const JOINED: Readonly<Record<string, string | undefined>> = { rollback: DONE.rollback, adopt: DONE.adopt };

/** Is the wish fulfilled, by this run or before? */
function isDone(request: RotateRequest, snapshot: Snapshot, published: AuditRecord | undefined): boolean {
  const { action, tokenId } = request;
  const { tokens } = snapshot.state;
  if (action !== 'rotate' && tokenId) return currentToken(snapshot.state)?.id === tokenId;
  if (published) return action === 'rollback' ? published.trigger === 'rollback' : !JOINED[published.trigger ?? ''];
  const earlier = repeated(request, snapshot);
  return (
    earlier !== undefined &&
    (action !== 'rotate' || tokens.some(({ rotationId, publishedAt }) => rotationId === earlier && publishedAt))
  );
}

/** An emergency is over only when the prior token is revoked. */
function emergencyOver({ integration, action, emergency }: RotateRequest, { state }: Snapshot): Happened {
  const alive = emergency ? state.tokens.find((token) => token.emergency && token.status !== 'revoked') : undefined;
  if (!alive) return { outcome: DONE[action] };
  const why = alive.manualHold?.reason ?? alive.hold?.message ?? '';
  const text = `The fresh token is published, but ${alive.id} is NOT revoked yet: ${why}`;
  if (alive.manualHold) return { outcome: DONE[action], message: text };
  throw new UnfinishedError(`${integration}: ${text} Tried again at ${alive.hold?.nextCheckAt}.`);
}

const repeated = ({ requestId }: RotateRequest, { state }: Snapshot): string | undefined =>
  state.requests.find((request) => request.requestId === requestId)?.rotationId;
