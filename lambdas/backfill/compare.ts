/** What Paddle's active tokens and our states say of each other. Pure: it only names whom to ask; `rotate` asks Paddle again. */

import type { Instant, IntegrationState, PaddleToken } from '../domain/model.ts';
import { parseTokenName } from '../domain/token-name.ts';

export interface Comparison {
  /** Tokens that a state believes alive and that Paddle does not list as active. */
  readonly lost: readonly TokenReference[];
  /** Active tokens that bear the name of an integration of ours and that no state knows. */
  readonly unclaimed: readonly TokenReference[];
  /** Active tokens that have nothing to do with us. Never touched. */
  readonly foreign: readonly PaddleToken[];
}

export interface TokenReference {
  readonly integration: string;
  readonly tokenId: string;
}

/** Lists show a new token with a delay. */
const LIST_LAG_MS = 10 * 60_000;
const ALIVE: ReadonlySet<string> = new Set(['minted', 'current', 'superseded', 'orphan']);

/**
 * @param others ids that are in the list, too, of tokens of which nothing else can be read
 * @param active every active token of the account, listed before the states were read: so a token that was minted
 *   meanwhile is in a state, and never looks like an unclaimed one
 */
export function compare(
  active: readonly PaddleToken[],
  states: readonly IntegrationState[],
  now: Instant,
  others: readonly string[] = [],
): Comparison {
  const listed = new Set([...active.map(({ id }) => id), ...others]);
  const known = new Set(states.flatMap(({ tokens }) => tokens.map(({ id }) => id)));
  const integrations = new Map(states.map((state) => [state.integration, state]));
  const settled = new Date(Date.parse(now) - LIST_LAG_MS).toISOString();
  const lost = states.flatMap(({ integration, tokens }) =>
    tokens
      .filter(({ id, status, createdAt }) => ALIVE.has(status) && !listed.has(id) && createdAt < settled)
      .map(({ id }) => ({ integration, tokenId: id })),
  );
  const unclaimed: TokenReference[] = [];
  const foreign: PaddleToken[] = [];
  for (const token of active.filter(({ id, createdAt }) => !known.has(id) && createdAt < settled)) {
    const state = integrations.get(parseTokenName(token.name)?.integration ?? '');
    if (!state) foreign.push(token);
    else if (!isAwaited(token, state)) unclaimed.push({ integration: state.integration, tokenId: token.id });
  }
  return { lost, unclaimed, foreign };
}

/** A rotation under way will find it by its name, or is about to adopt it. */
export function isAwaited(
  token: { id: string; name: string },
  { rotation }: Pick<IntegrationState, 'rotation'>,
): boolean {
  if (!rotation) return false;
  const adopts = rotation.source.kind !== 'mint' && rotation.source.tokenId === token.id;
  return adopts || rotation.tokenName === token.name;
}
