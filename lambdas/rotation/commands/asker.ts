/** What every command shares: who asks, and what cannot be done to an integration in this condition. */

import type { IntegrationState, Token } from '../../domain/model.ts';
import type { Context } from '../change.ts';
import type { Command } from '../reconcile.ts';

export interface Asker {
  readonly reason?: string;
  readonly requestedBy?: string;
  /** Names the request: a second delivery of the same one does nothing. */
  readonly requestId?: string;
  /** The id was made up for this call: whoever repeats the call does not repeat the id. */
  readonly isIdOfCall?: boolean;
}

export const reject = (...faults: string[]) => ({ rejected: faults });

/** Refuses what cannot be done to an integration in this condition. */
export function standing(state: IntegrationState, { config }: Context): string | undefined {
  if (!config.managed && config.owner === 'api')
    return `integration: "${config.name}" was unregistered; register it again first.`;
  if (!config.managed) return `integration: "${config.name}" is no longer in the configuration; deploy it again first.`;
  if (state.pause)
    return `integration: "${config.name}" is paused since ${state.pause.since}; resume it first, or use "emergency".`;
  return undefined;
}

/**
 * A request whose id was taken before. The same request again does nothing; another one under this id is refused, for it
 * would be answered as done.
 * @param what names the request: its action, and the token that it is about
 * @returns `undefined` for a new one
 */
export function taken(state: IntegrationState, { requestId }: Asker, what: string): ReturnType<Command> | undefined {
  const before = state.requests.find((request) => requestId !== undefined && request.requestId === requestId);
  if (!before) return undefined;
  if (before.what === undefined || before.what === what) return {};
  return reject(`requestId: it was given to another request (${before.what}); give each request an id of its own.`);
}

export const by = (requestedBy: string | undefined): string => (requestedBy ? ` by ${requestedBy}` : '');

/**
 * Once a revocation has been decided, a PATCH may be on its way whose answer was lost, and it may take effect at any
 * time: such a token never becomes current again. Nor does one that an emergency has condemned.
 */
export const isDoomed = (token: Token): boolean => token.revokingFrom !== undefined || token.emergency !== undefined;

export const doomed = ({ id, emergency }: Token): string =>
  emergency
    ? `tokenId: ${id} was condemned by an emergency ("${emergency.reason}"); it does not come back.`
    : `tokenId: revoking ${id} has already been tried and may still take effect; it does not come back.`;
