/** Tokens of ours that nobody ever saw: late twins of a mint in doubt, and tokens that only bear our name. */

import type { IntegrationState, PaddleToken, Rotation, Sweep, Token, UnclaimedToken } from '../../domain/model.ts';
import { backoff, DAY, HOUR, later, MINUTE } from '../../domain/time.ts';
import { parseTokenName } from '../../domain/token-name.ts';
import { tokenById } from '../../domain/tokens.ts';
import { type Change, type Context, change, claim, newToken, type RecordDraft, withTokens } from '../change.ts';
import type { Outcome } from '../outcome.ts';

/** Late twins of a doubted mint are searched for twice: soon, and when every lag must be over. */
const SWEEPS_AFTER = [10 * MINUTE, DAY];
/** An orphan lives this long before it is revoked, so that a person can still claim it. */
const ORPHAN_QUARANTINE = HOUR;
/** Taken by one write: each is a record and a claim, and a transaction holds a hundred items. */
const MOST_AT_ONCE = 40;
/** In the state, which is one item of bounded size. The others are taken when some of these are revoked. */
const MOST_ORPHANS = 200;
/** Tokens listed that only bear our name. */
const MOST_UNCLAIMED = 20;
const UNCLAIMED_CHECKED_EVERY = DAY;

export function sweepsFor({ tokenName, rotationId, intendedAt: since }: Rotation, { now }: Context): readonly Sweep[] {
  return SWEEPS_AFTER.map((ms) => ({ at: later(now, ms), since, tokenName, rotationId }));
}

/**
 * Adds twins of a mint as orphans: ours by their exact name, never published, revoked after a quarantine.
 * @returns the change, and how many twins there was no room for
 */
export function withOrphans(
  base: Change,
  twins: readonly PaddleToken[],
  { rotationId }: Pick<Rotation, 'rotationId'>,
  { now }: Context,
): { change: Change; left: number } {
  const fresh = twins.filter((twin) => twin.status === 'active' && !tokenById(base.state, twin.id));
  const known = base.state.tokens.filter(({ status }) => status === 'orphan').length;
  const room = Math.max(0, Math.min(MOST_AT_ONCE - base.claims.length, MOST_ORPHANS - known));
  const revokeAfter = later(now, ORPHAN_QUARANTINE);
  const orphans = fresh
    .slice(0, room)
    .map((twin): Token => ({ ...newToken(twin, { origin: 'minted', status: 'orphan', rotationId }), revokeAfter }));
  const records = orphans.map(
    (orphan): RecordDraft => ({
      type: 'token.orphaned',
      tokenId: orphan.id,
      rotationId,
      message: `${orphan.id} is a twin of a mint that was in doubt; it was never published and is revoked after ${revokeAfter}.`,
    }),
  );
  const taken: Change = {
    state: orphans.length > 0 ? withTokens(base.state, orphans) : base.state,
    records: [...base.records, ...records],
    claims: [...base.claims, ...orphans.map((orphan) => claim(orphan, base.state.integration))],
  };
  return { change: taken, left: fresh.length - orphans.length };
}

/** Active tokens that bear the name of a doubted mint and that nobody knows are its late twins. */
export function swept(state: IntegrationState, matches: readonly PaddleToken[], context: Context): Change {
  const { now } = context;
  let next = change({ ...state, sweeps: state.sweeps.filter((sweep) => sweep.at > now) });
  const unfinished: Sweep[] = [];
  for (const sweep of state.sweeps.filter(({ at }) => at <= now)) {
    const twins = matches.filter((token) => token.name === sweep.tokenName);
    const { change: taken, left } = withOrphans(next, twins, sweep, context);
    // What did not fit into this write is for the next one; what the state has no room for is for later.
    const isFull = taken.claims.length === next.claims.length && taken.claims.length < MOST_AT_ONCE;
    if (left > 0) unfinished.push(isFull ? postponed(sweep, context) : sweep);
    next = taken;
  }
  return { ...next, state: { ...next.state, sweeps: [...unfinished, ...next.state.sweeps] } };
}

/** The search failed: later each time. */
export const postponeSweeps = (state: IntegrationState, context: Context): Change =>
  change({
    ...state,
    sweeps: state.sweeps.map((sweep) => (sweep.at <= context.now ? postponed(sweep, context) : sweep)),
  });

function postponed(sweep: Sweep, { now }: Context): Sweep {
  const attempts = (sweep.attempts ?? 0) + 1;
  return { ...sweep, attempts, at: later(now, backoff(attempts, 5 * MINUTE, HOUR)) };
}

/**
 * A token that bears our name and that the state does not know. It is taken as an orphan only if our own records say that
 * its rotation was ours and that the token itself was never heard of. One that was known once may be what pages serve
 * (a ledger that was restored from a backup forgets tokens), and one without a record is somebody else's, whatever its
 * name: these are left alone, told once, and listed. One that another integration has adopted is none of our business.
 */
export function claimed(
  state: IntegrationState,
  tokenId: string,
  { token, provenance }: Extract<Outcome, { kind: 'unclaimed' }>,
  context: Context,
): Change | undefined {
  const listed = state.unclaimed?.find(({ id }) => id === tokenId);
  const named = token?.status === 'active' ? parseTokenName(token.name) : undefined;
  if (!token || named?.integration !== state.integration) return listed && change(unlisted(state, tokenId));
  const { rotation } = state;
  // Its own rotation is still under way and will find it, or is about to adopt it.
  const adopted = rotation && rotation.source.kind !== 'mint' && rotation.source.tokenId === token.id;
  if (adopted || rotation?.rotationId === named.rotationId) return listed && change(relisted(state, listed, context));
  if (provenance === 'taken') return listed && change(unlisted(state, tokenId));
  if (listed) return change(relisted(state, listed, context));
  const { rotationId } = named;
  if (provenance !== 'intended') return noted(state, token, rotationId, provenance, context);
  const { change: taken, left } = withOrphans(change(state), [token], { rotationId }, context);
  return left > 0 ? undefined : taken;
}

const unlisted = (state: IntegrationState, tokenId: string): IntegrationState => ({
  ...state,
  unclaimed: state.unclaimed?.filter(({ id }) => id !== tokenId),
});

const relisted = (state: IntegrationState, listed: UnclaimedToken, { now }: Context): IntegrationState => ({
  ...state,
  unclaimed: state.unclaimed?.map((token) =>
    token === listed ? { ...token, nextCheckAt: later(now, UNCLAIMED_CHECKED_EVERY) } : token,
  ),
});

function noted(
  state: IntegrationState,
  { id, token: value, name, createdAt }: PaddleToken,
  rotationId: string,
  provenance: UnclaimedToken['provenance'],
  { now }: Context,
): Change | undefined {
  const before = state.unclaimed ?? [];
  if (before.length >= MOST_UNCLAIMED) return undefined;
  const nextCheckAt = later(now, UNCLAIMED_CHECKED_EVERY);
  const entry = { id, value, name, rotationId, createdAt, provenance, since: now, nextCheckAt };
  const message = `${id} bears the name of ${state.integration}; ${unclaimedBecause(entry)}`;
  // Not as the record's own token: a record about it would count as a proof that it was ours.
  return change({ ...state, unclaimed: [...before, entry] }, [
    { type: 'token.unclaimed', message, reason: provenance, details: { tokenId: id, name } },
  ]);
}

/** Why it is left alone, and how to be rid of it. */
export const unclaimedBecause = ({ provenance }: Pick<UnclaimedToken, 'provenance'>): string =>
  provenance === 'known'
    ? 'it was ours once and the ledger has forgotten it, so pages may use it. Adopt it, or revoke it by name.'
    : 'no record of ours speaks of it, so it is left alone. Adopt it, or revoke it in Paddle’s dashboard.';

/** Paddle gave no answer about a token that is listed. */
export function claimFailed(state: IntegrationState, tokenId: string, { now }: Context): Change | undefined {
  const listed = state.unclaimed?.find(({ id, nextCheckAt }) => id === tokenId && nextCheckAt <= now);
  if (!listed) return undefined;
  const unclaimed = state.unclaimed?.map((token) =>
    token === listed ? { ...token, nextCheckAt: later(now, HOUR) } : token,
  );
  return change({ ...state, unclaimed });
}
