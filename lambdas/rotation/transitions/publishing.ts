/** From the token that is known to the token that is current. */

import type { IntegrationState, PaddleToken, Rotation, Token } from '../../domain/model.ts';
import { mayStandAtFormer, targetsWritten } from '../../domain/targets.ts';
import { later } from '../../domain/time.ts';
import { currentToken, tokenById } from '../../domain/tokens.ts';
import {
  attribution,
  type Change,
  type Context,
  change,
  claim,
  followedBy,
  newToken,
  type RecordDraft,
  rotationOf,
  withTokens,
} from '../change.ts';
import { abandon, restart } from './abandoning.ts';
import { markLost } from './losses.ts';
import { recovered, rotationFailed } from './retry.ts';
import { deploymentAwaited } from './watch.ts';

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
  if (rotation.source.kind === 'mint' && !answer) {
    // Minted by us, and now unknown: a lag, or the key of another account. Minting again could only add to it.
    const message = `${why} Is the account's API key that of another account?`;
    return rotationFailed(state, 'verify', { class: 'alert', code: 'token_unknown', message }, context);
  }
  const lost = known && known.status !== 'revoked' && answer ? markLost(state, known, answer, context) : change(state);
  if (rotation.source.kind === 'mint') return followedBy(lost, restart(lost.state, rotation, why, context));
  if (rotation.trigger === 'first') {
    // The configuration asks for this token and no other: a person must choose, and minting would be a surprise.
    const failure = { class: 'alert', code: 'adopt_impossible', message: why } as const;
    return followedBy(lost, rotationFailed(lost.state, 'verify', failure, context));
  }
  return followedBy(lost, abandon(lost.state, why, context));
}

function takeOver(
  state: IntegrationState,
  rotation: Rotation,
  known: Token | undefined,
  answer: PaddleToken,
  context: Context,
): Change {
  const minted = { ...rotation, phase: 'minted', tokenId: answer.id, clearedBy: context.runId } as const;
  const publishedTo = state.publishedTo ?? context.config.targets;
  if (known) return change({ ...state, rotation: minted, publishedTo });
  const token = newToken(answer, { origin: 'adopted', status: 'minted', rotationId: rotation.rotationId });
  const message = `${token.id} taken over for ${state.integration}.`;
  return change(
    { ...withTokens(state, [token]), rotation: minted, publishedTo },
    [{ type: 'token.adopted', tokenId: token.id, message, ...attribution(rotation) }],
    [claim(token, state.integration)],
  );
}

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
  const written = targetsWritten(config, state, now);
  const superseded =
    prior && prior.id !== tokenId ? supersede({ ...state, ...written }, rotation, prior, tokenId, context) : undefined;
  const tokens = state.tokens.map((token): Token => {
    if (token.id === tokenId) return becomeCurrent(token, now);
    return superseded && token.id === superseded.id ? superseded : token;
  });
  const message = `${tokenId} is current at ${targets.length} target(s) of ${config.name}.`;
  const records: RecordDraft[] = [
    ...recovered(state, rotation),
    { type: 'token.published', tokenId, message, details: { targets }, ...attribution(rotation) },
    ...(superseded ? supersededRecords(superseded, rotation) : []),
  ];
  const settled = { rotation: undefined, retry: undefined, repair: undefined, drift: undefined };
  const awaits = deploymentAwaited(state, tokenId, context);
  return change(
    { ...state, ...settled, ...written, ...awaits, tokens, targetsCheckedAt: now, targetsUnread: undefined },
    records,
  );
}

function supersededRecords(token: Token, rotation: Rotation): RecordDraft[] {
  const { id: tokenId, supersededBy: by, revokeAfter, manualHold } = token;
  const until = revokeAfter ? `until ${revokeAfter}` : `until ${by} is seen deployed`;
  const kept = manualHold ? 'until it is released' : until;
  const message = `${tokenId} is superseded by ${by}; it stays valid ${kept}.`;
  const details = { by, revokeAfter };
  const superseded: RecordDraft = { type: 'token.superseded', tokenId, message, details, ...attribution(rotation) };
  return rotation.emergency && manualHold ? [superseded, heldAgainst(token, rotation)] : [superseded];
}

/** An emergency asks for the end of a token that a person holds: the hold stands, and everybody is told. */
export function heldAgainst({ id: tokenId, manualHold }: Token, rotation: Rotation): RecordDraft {
  const by = manualHold?.requestedBy ? ` by ${manualHold.requestedBy}` : '';
  const message = `${tokenId} is NOT revoked by the emergency: it is held${by} since ${manualHold?.since} ("${manualHold?.reason}"). Release it, and it ends at once.`;
  return { type: 'token.held', tokenId, message, ...attribution(rotation), reason: 'manual_hold' };
}

/** Its earlier life as a superseded token or an orphan is over. What a person said of it stands. */
const becomeCurrent = (token: Token, now: string): Token => ({
  ...token,
  status: 'current',
  publishedAt: now,
  deployedAt: undefined,
  supersededAt: undefined,
  supersededBy: undefined,
  servedAt: undefined,
  servedUntil: undefined,
  revokeAfter: undefined,
  emergency: undefined,
  hold: undefined,
  cleanScans: undefined,
  scanRound: undefined,
});

function supersede(
  state: IntegrationState,
  rotation: Rotation,
  prior: Token,
  by: string,
  { now, config }: Context,
): Token {
  const base: Token = {
    ...prior,
    status: 'superseded',
    supersededAt: now,
    supersededBy: by,
    cleanScans: [],
    scanRound: undefined,
    // A target that is no longer written holds it until somebody does something about it: the whole grace counts from then.
    ...(mayStandAtFormer(state, prior) && !rotation.emergency ? { servedAt: now, servedUntil: undefined } : {}),
  };
  if (rotation.emergency) {
    const emergency = { reason: rotation.reason ?? 'emergency', requestedBy: rotation.requestedBy };
    return { ...base, emergency, revokeAfter: now };
  }
  if (config.graceFrom === 'deployed') return base;
  return { ...base, revokeAfter: later(now, config.graceMs) };
}
