import type { Instant } from '../../domain/model.ts';
import { change } from '../change.ts';
import type { Command } from '../reconcile.ts';
import { resumed } from '../transitions/pause.ts';
import { type Asker, by, reject } from './asker.ts';

/** Nothing is minted, published or revoked until somebody resumes, or until the pause ends. Asked again: another end, or none. */
export const pause =
  ({ reason, requestedBy, until }: Asker & { readonly until?: Instant }): Command =>
  (state, { now, config }) => {
    if (until !== undefined && until <= now) return reject(`until: ${until} has passed; a pause ends in the future.`);
    if (state.pause && until === state.pause.until) return {};
    const message = `${config.name} is paused${by(requestedBy)}${until ? ` until ${until}` : ''}.`;
    const next = state.pause ? { ...state.pause, until } : { since: now, until, reason, requestedBy };
    return {
      change: change({ ...state, pause: next }, [
        { type: 'integration.paused', message, reason, requestedBy, details: { until } },
      ]),
    };
  };

export const resume =
  ({ reason, requestedBy }: Asker): Command =>
  (state, { config }) => {
    if (!state.pause) return {};
    const message = `${config.name} is resumed${by(requestedBy)}.`;
    return { change: resumed(state, message, { reason, requestedBy }) };
  };
