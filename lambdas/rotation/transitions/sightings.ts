/** Tokens on their way out that a target was found to hold. */

import type { IntegrationState, Token } from '../../domain/model.ts';
import { holds } from '../../evidence/targets.ts';
import type { TargetReading } from '../outcome.ts';

const LEAVING: readonly Token['status'][] = ['superseded', 'orphan', 'minted', 'revoking'];

/** One that an emergency has condemned goes at once, wherever it is served. */
export const livesAgain = (token: Token): boolean => LEAVING.includes(token.status) && !token.emergency;

export const sighted = ({ tokens, rotation }: IntegrationState, read: readonly TargetReading[]): readonly Token[] => {
  const texts = [...new Set(read.map(({ text }) => text))];
  return tokens
    .filter((token) => livesAgain(token) && token.id !== rotation?.tokenId)
    .filter((token) => texts.some((text) => holds(text, token)));
};

/** Sightings that the ledger does not hold. */
export const hasUnrecordedSighting = (state: IntegrationState, read: readonly TargetReading[]): boolean =>
  sighted(state, read).some(({ servedAt, servedUntil }) => servedAt === undefined || servedUntil !== undefined);
