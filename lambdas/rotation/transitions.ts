/** What the ledger becomes after an outcome. Pure: state, decision and outcome in, a `Change` out. */

import type { IntegrationState } from '../domain/model.ts';
import { type Change, type Context, change } from './change.ts';
import type { Decision } from './decision.ts';
import { intend } from './intend.ts';
import type { Outcome } from './outcome.ts';
import { abandon } from './transitions/abandoning.ts';
import { crowded } from './transitions/crowded.ts';
import { deploymentChecked, proved } from './transitions/holds.ts';
import { cleared, found, foundElsewhere, minted } from './transitions/minting.ts';
import { claimed, claimFailed, postponeSweeps, swept } from './transitions/orphans.ts';
import { resumed } from './transitions/pause.ts';
import { published, verified } from './transitions/publishing.ts';
import { notRestored, restored, restoreFailed } from './transitions/repair.ts';
import { rotationFailed } from './transitions/retry.ts';
import { confirmed, inspected, retirementFailed, revoked } from './transitions/revocation.ts';
import { withRevokedAtTargets } from './transitions/revoked-at-targets.ts';
import { retargeted, targetsChecked, targetsUnread, withSightings, withSightingsOver } from './transitions/targets.ts';
import { watchedPages, watchFailed } from './transitions/watch.ts';

/**
 * @returns `undefined` when the outcome changes nothing
 * @throws TypeError for an outcome that the decision cannot have: a defect
 */
export function apply(
  state: IntegrationState,
  decision: Decision,
  outcome: Outcome,
  context: Context,
): Change | undefined {
  const changed = applied(state, decision, outcome, context);
  if (!outcome.read) return changed;
  const before = changed ?? change(state);
  const sighted = withSightings(before, state, outcome.read, context);
  const told = withRevokedAtTargets(sighted, state, outcome.read, context);
  const isRight = outcome.kind === 'published' || (outcome.kind === 'targets' && outcome.differing.length === 0);
  const after = isRight && readsAllTargets(decision) ? withSightingsOver(told, context) : told;
  return after === before ? changed : after;
}

/** Filling the targets that joined says nothing of the others. */
const readsAllTargets = (decision: Decision): boolean =>
  decision.kind === 'check-targets' ||
  decision.kind === 'publish' ||
  (decision.kind === 'restore' && decision.only === undefined);

function applied(state: IntegrationState, decision: Decision, outcome: Outcome, context: Context): Change | undefined {
  if (outcome.kind === 'failed') return failed(state, decision, outcome.failure, context);
  if (outcome.kind === 'sighted') return undefined;
  switch (decision.kind) {
    case 'intend': {
      const { trigger, source, why } = decision;
      return intend(state, { trigger, source, emergency: false, reason: why }, context);
    }
    case 'resume':
      return resumed(state, decision.message);
    case 'report-crowded':
      return crowded(state, decision.message, context);
    case 'abandon':
      return abandon(state, decision.message, context);
    case 'clear':
      return cleared(state, context);
    case 'retarget':
      return retargeted(state, context);
    case 'mint':
      if (outcome.kind === 'token' && outcome.token) return minted(state, outcome.token, context);
      break;
    case 'find':
      if (outcome.kind === 'tokens') return found(state, outcome.tokens, context);
      break;
    case 'verify':
      if (outcome.kind === 'token') return verified(state, decision.tokenId, outcome.token, context);
      break;
    case 'publish':
      if (outcome.kind === 'published') return published(state, decision.tokenId, outcome.targets, context);
      break;
    case 'restore':
      if (outcome.kind === 'published') return restored(state, decision.tokenId, outcome.targets, context);
      if (outcome.kind === 'token') return notRestored(state, decision.tokenId, outcome.token, context);
      break;
    case 'check-targets':
      if (outcome.kind === 'targets') return targetsChecked(state, decision.tokenId, outcome.differing, context);
      break;
    case 'watch':
      if (outcome.kind === 'watched') return watchedPages(state, outcome, context);
      break;
    case 'check-deployed':
      if (outcome.kind === 'deployment') return deploymentChecked(state, decision.tokenId, outcome, context);
      break;
    case 'prove':
      if (outcome.kind === 'evidence') return proved(state, decision.tokenId, outcome, context);
      break;
    case 'confirm':
      if (outcome.kind === 'token') return confirmed(state, decision.tokenId, outcome.token, context);
      break;
    case 'revoke':
      if (outcome.kind === 'token' && outcome.token) return revoked(state, decision.tokenId, outcome.token, context);
      break;
    case 'inspect':
      if (outcome.kind === 'token') return inspected(state, decision.tokenId, outcome.token, context);
      break;
    case 'claim':
      if (outcome.kind === 'unclaimed') return claimed(state, decision.tokenId, outcome, context);
      break;
    case 'sweep':
      if (outcome.kind === 'tokens') return swept(state, outcome.tokens, context);
      break;
    case 'wait':
      break;
  }
  throw new TypeError(`decision ${decision.kind} cannot have the outcome ${outcome.kind}`);
}

function failed(
  state: IntegrationState,
  decision: Decision,
  failure: Extract<Outcome, { kind: 'failed' }>['failure'],
  context: Context,
): Change | undefined {
  switch (decision.kind) {
    case 'mint':
    case 'find':
    case 'verify':
    case 'publish':
      return rotationFailed(state, decision.kind, failure, context);
    case 'restore':
      return restoreFailed(state, failure, context);
    case 'check-targets':
      return targetsUnread(state, context);
    case 'check-deployed':
    case 'prove':
    case 'confirm':
    case 'revoke':
      return retirementFailed(state, decision.kind, decision.tokenId, failure, context);
    case 'sweep':
      return postponeSweeps(state, context);
    case 'claim':
      return claimFailed(state, decision.tokenId, context);
    case 'watch':
      return watchFailed(state, context);
    case 'inspect':
      // Nothing was learned: `reconcile` reports the recheck as unanswered.
      return undefined;
    default:
      throw new TypeError(`decision ${decision.kind} has no effect that could fail`);
  }
}

/** Tokens that other integrations own are left to them: an adoption ends, and of a find the others count. */
export function withoutClaims(
  state: IntegrationState,
  decision: Decision,
  outcome: Outcome,
  taken: readonly { readonly tokenId: string; readonly message: string }[],
  context: Context,
): Change {
  const ids = taken.map(({ tokenId }) => tokenId);
  const why = taken.map(({ message }) => message).join('; ');
  const others = outcome.kind === 'tokens' ? outcome.tokens.filter(({ id }) => !ids.includes(id)) : [];
  if (decision.kind === 'sweep') return swept(state, others, context);
  if (decision.kind === 'find' && others.some(({ status }) => status === 'active'))
    return found(state, others, context);
  if (decision.kind === 'find') return foundElsewhere(state, why, context);
  if (decision.kind === 'mint') {
    // A token exists that we cannot have: a mint in doubt, which is searched for and never repeated at once.
    const failure = { class: 'ambiguous', code: 'token_taken', message: why } as const;
    return rotationFailed(state, decision.kind, failure, context);
  }
  if (decision.kind !== 'verify') return change(state);
  if (state.rotation?.trigger !== 'first') return abandon(state, why, context);
  const failure = { class: 'alert', code: 'adopt_impossible', message: why } as const;
  return rotationFailed(state, 'verify', failure, context);
}
