import type { Instant } from '../../domain/model.ts';
import { later } from '../../domain/time.ts';
import { currentToken } from '../../domain/tokens.ts';
import { isRevokedAtTarget, TELL_EVERY } from '../checkout.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';
import { checkEvery } from '../target-checks.ts';

/**
 * Once a day, and whenever somebody asks: has anybody overwritten a target? Each check costs an invocation and a write; people who want
 * to know at once ask for `reconcile`.
 */
export function watchTargets(snapshot: Snapshot): Decision | undefined {
  const current = currentToken(snapshot.state);
  const at = targetsCheckAt(snapshot);
  if (!current || !at || at > snapshot.now) return undefined;
  const message = `Reading the targets of ${snapshot.config.name}: do they still hold ${current.id}?`;
  return { kind: 'check-targets', tokenId: current.id, reason: 'targets_check', message };
}

/** While a rotation is under way targets may differ, and while a repair of all is, they are known to. */
export function targetsCheckAt({ state, config }: Snapshot): Instant | undefined {
  const current = currentToken(state);
  if (!current || state.rotation || state.pause || (state.repair && !state.repair.only)) return undefined;
  // What was only to be reported is to be restored by now.
  if (state.drift && config.drift === 'restore' && !state.targetsUnread) return state.drift.since;
  const last = state.targetsCheckedAt ?? current.publishedAt;
  // While one holds a revoked token, the alarm stays on until it is seen to hold it no more.
  const isBroken = isRevokedAtTarget(state) && !state.targetsUnread;
  return last === undefined ? undefined : later(last, isBroken ? TELL_EVERY : checkEvery(state.integration));
}
