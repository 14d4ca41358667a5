import type { IntegrationState } from '../../domain/model.ts';
import { type Change, change } from '../change.ts';

/** The end of a pause, by a person or by its own. */
export const resumed = (
  state: IntegrationState,
  message: string,
  by: { readonly reason?: string; readonly requestedBy?: string } = {},
): Change => change({ ...state, pause: undefined }, [{ type: 'integration.resumed', message, ...by }]);
