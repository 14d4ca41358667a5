import type { IntegrationState, Token } from './model.ts';

export const currentToken = (state: IntegrationState): Token | undefined =>
  state.tokens.find((token) => token.status === 'current');

/** Any token that Paddle has answered for the integration's account: it is there for ever. */
export const knownTokenId = (state: IntegrationState): string | undefined =>
  (currentToken(state) ?? state.tokens[0])?.id;

export const tokenById = (state: IntegrationState, id: string): Token | undefined =>
  state.tokens.find((token) => token.id === id);
