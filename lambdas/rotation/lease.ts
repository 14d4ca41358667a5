/** A run's right to act, and when to reconcile again should it die: pure, from one snapshot to the next. */
import { ConflictError } from '../domain/errors.ts';
import type { IntegrationState, Lease } from '../domain/model.ts';
import { earliest, later, millis, SECOND } from '../domain/time.ts';
import { type Decision, LEASE_MS } from './decision.ts';
import { dueAfter } from './inbox.ts';
import type { Snapshot } from './snapshot.ts';

/** A run that dies between two steps is searched for again after this long. */
export const RESUME_MS = 30 * SECOND;
/** The longest that one write to a target takes, retries included (`adapters/aws/clients.ts`), with a margin. */
const ONE_WRITE_MS = 60 * SECOND;

export const needsLease = (decision: Decision, { state, runId }: Snapshot): boolean =>
  LEASE_MS[decision.kind] !== undefined && state.lease?.runId !== runId;

/**
 * An effect is begun only under a lease of this run that outlasts it. The write before took it; a run that has been
 * slow since must stop here, because another may already be at work.
 * @throws ConflictError
 */
export function mustHoldLease(decision: Decision, { state, now, runId }: Snapshot): void {
  const needed = LEASE_MS[decision.kind];
  if (needed === undefined) return;
  const { lease } = state;
  const remaining = lease?.runId === runId ? millis(lease.until) - millis(now) : 0;
  if (remaining < needed / 2) throw new ConflictError(`the lease for ${decision.kind} has run out`);
}

/** @throws ConflictError */
export function mustOutlastOneWrite(lease: Lease | undefined, nowMs: number): void {
  const remaining = millis(lease?.until ?? '') - nowMs;
  if (!(remaining >= ONE_WRITE_MS)) throw new ConflictError('the lease has run out while publishing');
}

/** What a write says of the run behind it: the lease that its next step needs, and when to look for it. */
export function standing(next: Decision, { now, state, runId }: Snapshot): Pick<IntegrationState, 'lease' | 'dueAt'> {
  if (next.kind === 'wait') return { lease: undefined, dueAt: dueAfter(next, state) };
  const leaseMs = LEASE_MS[next.kind];
  if (leaseMs === undefined) return { lease: undefined, dueAt: later(now, RESUME_MS) };
  const until = later(now, leaseMs);
  const kept = state.lease?.runId === runId && state.lease.until > until ? state.lease.until : until;
  // Due before the lease ends: the heartbeat's message finds the lease, and comes back until it is over.
  return { lease: { runId, until: kept }, dueAt: earliest(kept, later(now, RESUME_MS)) };
}
