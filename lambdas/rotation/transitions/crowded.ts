import type { IntegrationState } from '../../domain/model.ts';
import { type Change, type Context, change } from '../change.ts';

/** A rotation is due and cannot begin. Told once; the rotation that begins in the end tells that it is over. */
export const crowded = (state: IntegrationState, message: string, { now }: Context): Change =>
  change({ ...state, crowdedSince: now }, [{ type: 'integration.crowded', message, reason: 'crowded' }]);
