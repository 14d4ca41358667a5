/** From the intent to the minted token: the POST, and the search for it when its answer was lost. */

import type { IntegrationState, PaddleToken, Rotation } from '../../domain/model.ts';
import { later } from '../../domain/time.ts';
import { attribution, type Change, type Context, change, claim, newToken, rotationOf, withTokens } from '../change.ts';
import { restart } from './abandoning.ts';
import { sweepsFor, withOrphans } from './orphans.ts';
import { listPause, recovered, retryLater } from './retry.ts';

/** So many lists without our name, each later than the one before, before it is safe to post again. */
const EMPTY_LISTS_NEEDED = 3;

/** The right to post, taken anew; whoever reads this without being this run must doubt again. */
export function cleared(state: IntegrationState, { runId }: Context): Change {
  const rotation = { ...rotationOf(state), clearedBy: runId, mayHavePosted: true };
  return change({ ...state, rotation });
}

export function minted(state: IntegrationState, answer: PaddleToken, context: Context): Change {
  const before = rotationOf(state);
  const token = newToken(answer, { origin: 'minted', status: 'minted', rotationId: before.rotationId });
  const rotation: Rotation = { ...before, phase: 'minted', tokenId: token.id, clearedBy: context.runId };
  const sweeps = rotation.doubted ? [...state.sweeps, ...sweepsFor(rotation, context)] : state.sweeps;
  const next: IntegrationState = {
    ...withTokens(state, [token]),
    rotation,
    retry: undefined,
    publishedTo: state.publishedTo ?? context.config.targets,
    sweeps,
  };
  const message = `${token.id} minted for rotation ${rotation.rotationId}.`;
  const details = { requestId: answer.requestId };
  return change(
    next,
    [
      { type: 'token.minted', tokenId: token.id, message, details, ...attribution(rotation) },
      ...recovered(state, rotation),
    ],
    [claim(token, state.integration)],
  );
}

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
  const { change: taken, left } = withOrphans(minted(doubting, chosen, context), twins, rotation, context);
  if (left === 0) return taken;
  const rest = {
    at: context.now,
    since: rotation.intendedAt,
    tokenName: rotation.tokenName,
    rotationId: rotation.rotationId,
  };
  return { ...taken, state: { ...taken.state, sweeps: [rest, ...taken.state.sweeps] } };
}

/**
 * Of the tokens with the rotation's name, another integration has adopted the only living one. It was minted, so the doubt is
 * over, and it is not ours to publish: a fresh one is, under a fresh name, and each time that this happens more slowly.
 */
export function foundElsewhere(state: IntegrationState, why: string, context: Context): Change {
  const rotation = { ...rotationOf(state), doubted: true };
  const swept = { ...state, rotation, sweeps: [...state.sweeps, ...sweepsFor(rotation, context)] };
  const restarted = restart(swept, rotation, why, context);
  const fresh = { ...rotationOf(restarted.state), rounds: (rotation.rounds ?? 0) + 1 };
  return { ...restarted, state: { ...restarted.state, rotation: fresh } };
}

const byId = (a: PaddleToken, b: PaddleToken): number => (a.id < b.id ? -1 : 1);

function foundNothing(state: IntegrationState, rotation: Rotation, context: Context): Change {
  const emptyLists = rotation.emptyLists + 1;
  if (emptyLists >= EMPTY_LISTS_NEEDED) {
    const rounds = (rotation.rounds ?? 0) + 1;
    const next = { ...rotation, emptyLists: 0, rounds, clearedBy: context.runId, mayHavePosted: true };
    return change({ ...state, rotation: next });
  }
  const nextAttemptAt = later(context.now, listPause(emptyLists, rotation));
  const message = `it is not known whether "${rotation.tokenName}" was minted; ${emptyLists} of ${EMPTY_LISTS_NEEDED} lists did not show it.`;
  const next = { ...rotation, emptyLists, clearedBy: undefined };
  return retryLater(
    { ...state, rotation: next },
    { step: 'find', code: 'mint_unknown', message, nextAttemptAt },
    context,
  );
}
