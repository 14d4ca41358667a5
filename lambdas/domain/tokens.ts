import type { IntegrationState, Token } from './model.ts';

export const currentToken = (state: IntegrationState): Token | undefined =>
  state.tokens.find((token) => token.status === 'current');

export const tokenById = (state: IntegrationState, id: string): Token | undefined =>
  state.tokens.find((token) => token.id === id);
