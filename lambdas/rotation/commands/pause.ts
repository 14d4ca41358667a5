import { change } from '../change.ts';
import type { Command } from '../reconcile.ts';
import { type Asker, by } from './asker.ts';

/** Nothing is minted, published or revoked until somebody resumes. */
export const pause =
  ({ reason, requestedBy }: Asker): Command =>
  (state, { now, config }) => {
    if (state.pause) return {};
    const message = `${config.name} is paused${by(requestedBy)}.`;
    return {
      change: change({ ...state, pause: { since: now, reason, requestedBy } }, [
        { type: 'integration.paused', message, reason, requestedBy },
      ]),
    };
  };

export const resume =
  ({ reason, requestedBy }: Asker): Command =>
  (state, { config }) => {
    if (!state.pause) return {};
    const message = `${config.name} is resumed${by(requestedBy)}.`;
    return {
      change: change({ ...state, pause: undefined }, [{ type: 'integration.resumed', message, reason, requestedBy }]),
    };
  };
