/** Transitions of the rotation under way: from the intent to the published token. */

import type { IntegrationState, PaddleToken, Repair, Rotation, Sweep, Token } from '../../domain/model.ts';
import { backoff, DAY, HOUR, instant, later, MINUTE, millis, SECOND } from '../../domain/time.ts';
import { currentToken, tokenById } from '../../domain/tokens.ts';
import {
  attribution,
  bounded,
  type Change,
  type Context,
  change,
  prune,
  type RecordDraft,
  withToken,
} from '../change.ts';
import { intend } from '../intend.ts';
import type { Failure } from '../outcome.ts';
import type { TokenClaim } from '../ports.ts';

/** So many lists without our name, each later than the one before, before it is safe to post again. */
export const EMPTY_LISTS_NEEDED = 3;
const LIST_BACKOFF = 15 * SECOND;
/** Late twins of a doubted mint are searched for twice: soon, and when every lag must be over. */
const SWEEPS_AFTER = [10 * MINUTE, DAY];
/** An orphan lives this long before it is revoked, so that a person can still claim it. */
export const ORPHAN_QUARANTINE = HOUR;
const RETRY_BACKOFF = MINUTE;
const RETRY_BACKOFF_MAX = HOUR;

const rotationOf = (state: IntegrationState): Rotation => {
  if (!state.rotation) throw new TypeError('no rotation is under way');
  return state.rotation;
};

export function abandon(state: IntegrationState, why: string, context: Context): Change {
  const rotation = rotationOf(state);
  const next = { ...state, rotation: undefined, retry: undefined, repair: repairAfter(state, rotation, context) };
  return change(next, [{ type: 'rotation.abandoned', message: why, ...attribution(rotation) }]);
}

/** A rotation that ends after its token was known may have reached some targets: they must get the current token back. */
export function repairAfter(state: IntegrationState, rotation: Rotation, { now, nextId }: Context): Repair | undefined {
  if (rotation.phase !== 'minted') return state.repair;
  const reason = `rotation ${rotation.rotationId} ended when some targets may already have held its token.`;
  return { id: nextId(), reason, since: now, attempts: 0, nextAttemptAt: now };
}

export function restored(
  state: IntegrationState,
  tokenId: string,
  targets: readonly string[],
  { now }: Context,
): Change {
  const message = `All targets hold ${tokenId} again: ${state.repair?.reason ?? ''}`;
  return change({ ...state, repair: undefined, drift: undefined, targetsCheckedAt: now }, [
    { type: 'token.restored', tokenId, message, reason: state.repair?.reason, details: { targets } },
  ]);
}

export function restoreFailed(state: IntegrationState, failure: Failure, { now }: Context): Change {
  const { repair } = state;
  if (!repair) throw new TypeError('no repair is under way');
  const attempts = repair.attempts + 1;
  const nextAttemptAt = later(now, backoff(attempts, RETRY_BACKOFF, RETRY_BACKOFF_MAX));
  const next = { ...state, repair: { ...repair, attempts, nextAttemptAt } };
  if (attempts > 1) return change(next);
  const message = `Restoring the targets of ${state.integration} waits: ${failure.message}`;
  const details = { step: 'restore', code: failure.code, nextAttemptAt };
  return change(next, [{ type: 'rotation.delayed', message, reason: failure.code, details }]);
}

/** The right to post, taken anew; whoever reads this without being this run must doubt again. */
export function cleared(state: IntegrationState, { runId }: Context): Change {
  const rotation = { ...rotationOf(state), clearedBy: runId, mayHavePosted: true };
  return change({ ...state, rotation });
}

export function minted(state: IntegrationState, answer: PaddleToken, context: Context): Change {
  const rotation = rotationOf(state);
  const token = newToken(answer, rotation, 'minted', 'minted');
  const next: IntegrationState = {
    ...state,
    tokens: [...state.tokens, token],
    rotation: { ...rotation, phase: 'minted', tokenId: token.id, clearedBy: context.runId },
    retry: undefined,
    sweeps: rotation.doubted ? [...state.sweeps, ...sweepsFor(rotation, context)] : state.sweeps,
  };
  const message = `${token.id} minted for rotation ${rotation.rotationId}.`;
  return change(
    next,
    [
      {
        type: 'token.minted',
        tokenId: token.id,
        message,
        details: { requestId: answer.requestId },
        ...attribution(rotation),
      },
    ],
    [claim(token, state.integration)],
  );
}

function sweepsFor({ tokenName, rotationId }: Rotation, { now }: Context): readonly Sweep[] {
  return SWEEPS_AFTER.map((ms) => ({ at: later(now, ms), tokenName, rotationId }));
}

function newToken(answer: PaddleToken, rotation: Rotation, status: Token['status'], origin: Token['origin']): Token {
  return {
    id: answer.id,
    value: answer.token,
    name: answer.name,
    origin,
    rotationId: rotation.rotationId,
    status,
    createdAt: answer.createdAt,
  };
}

const claim = (token: Token, integration: string): TokenClaim => ({
  tokenId: token.id,
  integration,
  rotationId: token.rotationId,
});

/** The search by name: the oldest active match is the one, the others are twins that nobody ever saw. */
export function found(state: IntegrationState, matches: readonly PaddleToken[], context: Context): Change {
  const rotation = { ...rotationOf(state), doubted: true };
  const doubting = { ...state, rotation };
  if (matches.length === 0) return foundNothing(doubting, rotation, context);
  const [chosen, ...twins] = matches.filter((token) => token.status === 'active').sort(byId);
  if (!chosen) {
    const why = `The token minted for rotation ${rotation.rotationId} was revoked by somebody else before it was published.`;
    const swept = { ...doubting, sweeps: [...state.sweeps, ...sweepsFor(rotation, context)] };
    return restart(swept, rotation, why, context);
  }
  return withOrphans(minted(doubting, chosen, context), twins, rotation, context);
}

const byId = (a: PaddleToken, b: PaddleToken): number => (a.id < b.id ? -1 : 1);

function foundNothing(state: IntegrationState, rotation: Rotation, context: Context): Change {
  const emptyLists = rotation.emptyLists + 1;
  if (emptyLists >= EMPTY_LISTS_NEEDED) {
    const next = { ...rotation, emptyLists: 0, clearedBy: context.runId, mayHavePosted: true };
    return change({ ...state, rotation: next, retry: undefined });
  }
  const wait = backoff(emptyLists, LIST_BACKOFF, MINUTE);
  const message = `it is not known whether "${rotation.tokenName}" was minted; ${emptyLists} of ${EMPTY_LISTS_NEEDED} lists did not show it.`;
  const next = { ...rotation, emptyLists, clearedBy: undefined };
  return retryLater({ ...state, rotation: next }, 'find', 'mint_unknown', message, later(context.now, wait), context);
}

/** Adds twins of a mint as orphans: ours by their exact name, never published, revoked after a quarantine. */
export function withOrphans(
  base: Change,
  twins: readonly PaddleToken[],
  rotation: Pick<Rotation, 'rotationId'>,
  { now }: Context,
): Change {
  const fresh = twins.filter((twin) => twin.status === 'active' && !tokenById(base.state, twin.id));
  if (fresh.length === 0) return base;
  const orphans = fresh.map(
    (twin): Token => ({
      id: twin.id,
      value: twin.token,
      name: twin.name,
      origin: 'minted',
      rotationId: rotation.rotationId,
      status: 'orphan',
      createdAt: twin.createdAt,
      revokeAfter: later(now, ORPHAN_QUARANTINE),
    }),
  );
  const records = orphans.map(
    (orphan): RecordDraft => ({
      type: 'token.orphaned',
      tokenId: orphan.id,
      rotationId: rotation.rotationId,
      message: `${orphan.id} is a twin of a mint that was in doubt; it was never published and is revoked after ${orphan.revokeAfter}.`,
    }),
  );
  return {
    state: { ...base.state, tokens: [...base.state.tokens, ...orphans] },
    records: [...base.records, ...records],
    claims: [...base.claims, ...orphans.map((orphan) => claim(orphan, base.state.integration))],
  };
}

/** Paddle's word on the token that is about to be published. */
export function verified(
  state: IntegrationState,
  tokenId: string,
  answer: PaddleToken | undefined,
  context: Context,
): Change {
  const rotation = rotationOf(state);
  const known = tokenById(state, tokenId);
  // A lagging answer must not bring back what we already know to be dead: revoking is for ever.
  if (answer?.status === 'active' && known?.status !== 'revoked')
    return takeOver(state, rotation, known, answer, context);
  const why = answer
    ? `${tokenId} was revoked by somebody else before it was published.`
    : `Paddle does not know ${tokenId} in this environment.`;
  const lost = known && known.status !== 'revoked' && answer ? markLost(state, known, answer, context) : change(state);
  if (rotation.source.kind === 'mint' && !answer) {
    // Minted by us, and now unknown: a lag, or the key of another account. Minting again could only add to it.
    const message = `${why} Is the account's API key that of another account?`;
    return rotationFailed(state, 'verify', { class: 'alert', code: 'token_unknown', message }, context);
  }
  if (rotation.source.kind === 'mint') {
    const again = restart(lost.state, rotation, why, context);
    return { ...again, records: [...lost.records, ...again.records] };
  }
  if (rotation.trigger === 'first') {
    // The configuration asks for this token and no other: a person must choose, and minting would be a surprise.
    const failing = rotationFailed(
      state,
      'verify',
      { class: 'alert', code: 'adopt_impossible', message: why },
      context,
    );
    return { ...failing, records: [...lost.records, ...failing.records] };
  }
  const gone = abandon(lost.state, why, context);
  return { ...gone, records: [...lost.records, ...gone.records] };
}

function takeOver(
  state: IntegrationState,
  rotation: Rotation,
  known: Token | undefined,
  answer: PaddleToken,
  context: Context,
): Change {
  const minted = { ...rotation, phase: 'minted', tokenId: answer.id, clearedBy: context.runId } as const;
  const next: IntegrationState = { ...state, rotation: minted, retry: undefined };
  if (known) return change(next);
  const token = newToken(answer, rotation, 'minted', 'adopted');
  const message = `${token.id} taken over for ${state.integration}.`;
  return change(
    { ...next, tokens: [...state.tokens, token] },
    [{ type: 'token.adopted', tokenId: token.id, message, ...attribution(rotation) }],
    [claim(token, state.integration)],
  );
}

/** Attempts that must keep their distance whoever is waiting: a lock-out, and lists that prove a mint's absence. */
const PATIENT = ['too_many_requests', 'mint_unknown'];

/** Somebody is waiting: try again now rather than at the next attempt. */
export function hurried({ retry }: IntegrationState): Pick<IntegrationState, 'retry'> {
  if (!retry || PATIENT.includes(retry.code)) return { retry };
  return { retry: { ...retry, nextAttemptAt: retry.since } };
}

/** Somebody else revoked a token of ours. Without a current one, the rotation under way is what heals: at once. */
export function markLost(state: IntegrationState, token: Token, answer: PaddleToken, { now }: Context): Change {
  const lost: Token = { ...token, status: 'revoked', revokedAt: answer.revokedAt ?? now, revokedBy: 'external' };
  const was = token.status === 'current' ? 'the current token' : `a ${token.status} token`;
  const message = `${token.id}, ${was} of ${state.integration}, was revoked by somebody else.`;
  const without = prune(withToken(state, { ...lost, hold: undefined }));
  const urgent = token.status === 'current' ? hurried(restarted(without)) : {};
  return change({ ...without, ...urgent }, [
    { type: 'token.lost', tokenId: token.id, rotationId: token.rotationId, message, details: { was: token.status } },
  ]);
}

/** What has failed often waits long; the next failures must not, while pages are broken. */
const restarted = (state: IntegrationState): IntegrationState =>
  state.retry ? { ...state, retry: { ...state.retry, attempts: 0 } } : state;

/** Every target has read the token back: it becomes current, and the clock of the prior one starts. */
export function published(
  state: IntegrationState,
  tokenId: string,
  targets: readonly string[],
  context: Context,
): Change {
  const rotation = rotationOf(state);
  const { now, config } = context;
  const prior = currentToken(state);
  const superseded = prior && prior.id !== tokenId ? supersede(prior, rotation, tokenId, context) : undefined;
  const tokens = state.tokens.map((token): Token => {
    if (token.id === tokenId) return becomeCurrent(token, now);
    return superseded && token.id === superseded.id ? superseded : token;
  });
  const message = `${tokenId} is current at ${targets.length} target(s) of ${config.name}.`;
  const records: RecordDraft[] = [
    { type: 'token.published', tokenId, message, details: { targets }, ...attribution(rotation) },
  ];
  if (superseded) {
    const until = superseded.revokeAfter ? `until ${superseded.revokeAfter}` : `until ${tokenId} is seen deployed`;
    records.push({
      type: 'token.superseded',
      tokenId: superseded.id,
      message: `${superseded.id} is superseded by ${tokenId}; it stays valid ${until}.`,
      details: { by: tokenId, revokeAfter: superseded.revokeAfter },
      ...attribution(rotation),
    });
  }
  const settled = { rotation: undefined, retry: undefined, repair: undefined, drift: undefined };
  return change({ ...state, ...settled, tokens, targetsCheckedAt: now }, records);
}

const becomeCurrent = (token: Token, now: string): Token => ({
  ...token,
  status: 'current',
  publishedAt: now,
  deployedAt: undefined,
  supersededAt: undefined,
  supersededBy: undefined,
  revokeAfter: undefined,
  emergency: undefined,
  hold: undefined,
  manualHold: undefined,
  cleanScans: undefined,
});

function supersede(prior: Token, rotation: Rotation, by: string, { now, config }: Context): Token {
  const base = { ...prior, status: 'superseded', supersededAt: now, supersededBy: by, cleanScans: [] } as const;
  if (rotation.emergency) {
    const emergency = { reason: rotation.reason ?? 'emergency', requestedBy: rotation.requestedBy };
    return { ...base, emergency, revokeAfter: now };
  }
  if (config.graceFrom === 'deployed') return base;
  return { ...base, revokeAfter: later(now, config.graceMs) };
}

/** A step failed: remember why, and when to try again. What may have been posted must be searched for first. */
export function rotationFailed(state: IntegrationState, step: string, failure: Failure, context: Context): Change {
  const rotation = rotationOf(state);
  const certain = step === 'mint' && failure.class !== 'ambiguous';
  const next: Rotation = {
    ...rotation,
    clearedBy: undefined,
    mayHavePosted: certain ? false : rotation.mayHavePosted,
    doubted: rotation.doubted || (step === 'mint' && failure.class === 'ambiguous'),
  };
  const attempts = attemptsOf(state, step) + 1;
  const wait = later(context.now, backoff(attempts, firstWait(step, failure), RETRY_BACKOFF_MAX));
  const at = failure.retryAt && failure.retryAt > millis(context.now) ? instant(failure.retryAt) : wait;
  return retryLater({ ...state, rotation: next }, step, failure.code, failure.message, at, context);
}

const firstWait = (step: string, failure: Failure): number =>
  step === 'mint' && failure.class === 'ambiguous' ? LIST_BACKOFF : RETRY_BACKOFF;

const attemptsOf = (state: IntegrationState, step: string): number =>
  state.retry?.step === step ? state.retry.attempts : 0;

function retryLater(
  state: IntegrationState,
  step: string,
  code: string,
  message: string,
  nextAttemptAt: string,
  { now }: Context,
): Change {
  const { rotation, retry: before } = state;
  const known = before?.step === step && before.code === code;
  const attempts = attemptsOf(state, step) + 1;
  const since = before?.since ?? now;
  const next = { ...state, retry: { step, code, message: bounded(message), since, attempts, nextAttemptAt } };
  if (known || !rotation) return change(next);
  const text = `Rotation ${rotation.rotationId} waits at ${step}: ${message}`;
  const details = { step, code, nextAttemptAt };
  const tokenId = rotation.tokenId;
  return change(next, [
    { type: 'rotation.delayed', tokenId, message: text, details, ...attribution(rotation), reason: code },
  ]);
}

/** The rotation's token turned out to be dead before it was published: the same wish again, under a fresh name. */
function restart(state: IntegrationState, rotation: Rotation, why: string, context: Context): Change {
  const { trigger, source, emergency, reason, requestedBy } = rotation;
  const abandoned = abandon(state, why, context);
  const again = intend(abandoned.state, { trigger, source, emergency, reason, requestedBy }, context);
  return { ...again, records: [...abandoned.records, ...again.records] };
}
