import type { IntegrationState, Rotation, Source, Trigger } from '../domain/model.ts';
import { anchorAfter } from '../domain/schedule.ts';
import { tokenNameOf } from '../domain/token-name.ts';
import { attribution, type Change, type Context, change } from './change.ts';
import { isCrowded } from './snapshot.ts';

export interface Intent {
  readonly trigger: Trigger;
  readonly source: Source;
  readonly emergency: boolean;
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly requestId?: string;
  /** Names the request that has this id. */
  readonly what?: string;
}

const REQUESTS_KEPT = 20;

/** Manual requests already taken, so that a repeated delivery of one does not rotate twice. */
export const remember = (
  { requests }: IntegrationState,
  { requestId, what }: Pick<Intent, 'requestId' | 'what'>,
  rotationId: string,
): IntegrationState['requests'] =>
  requestId ? [...requests, { requestId, rotationId, what }].slice(-REQUESTS_KEPT) : requests;

/** Writes a rotation down before anything is done. Every slot of the schedule up to now counts as used by it. */
export function intend(state: IntegrationState, intent: Intent, context: Context): Change {
  const rotation = newRotation(intent, context);
  const requests = remember(state, intent, rotation.rotationId);
  const next: IntegrationState = {
    ...state,
    rotation,
    retry: undefined,
    requests,
    crowdedSince: isCrowded(state) ? state.crowdedSince : undefined,
    ...(intent.emergency ? { lastEmergency: { rotationId: rotation.rotationId, at: context.now } } : {}),
    scheduleAnchor:
      intent.trigger === 'rollback'
        ? state.scheduleAnchor
        : anchorAfter(context.config, { isFirst: intent.trigger === 'first' }, context.now),
  };
  const details = { source: intent.source, emergency: intent.emergency, tokenName: rotation.tokenName };
  const message = `Rotation ${rotation.rotationId} of ${state.integration} begun (${intent.trigger}).`;
  return change(next, [{ type: 'rotation.intended', message, details, ...attribution(rotation) }]);
}

function newRotation(intent: Intent, { now, runId, config, nextId }: Context): Rotation {
  const rotationId = nextId();
  return {
    rotationId,
    trigger: intent.trigger,
    source: intent.source,
    tokenName: tokenNameOf(config.name, rotationId),
    intendedAt: now,
    reason: intent.reason,
    requestedBy: intent.requestedBy,
    emergency: intent.emergency,
    phase: 'intended',
    clearedBy: runId,
    mayHavePosted: intent.source.kind === 'mint',
    emptyLists: 0,
    doubted: false,
  };
}
