/** Whose a token is that was found in a build, by what the integrations' answers say of theirs. */
import { fingerprintOf } from '../lambdas/domain/fingerprint.ts';
import type { FoundToken } from './artifact.ts';
import type { FunctionAnswer } from './ports.ts';

export interface KnownToken {
  readonly id: string;
  readonly status: string;
  readonly fingerprint: string;
}

export const knownTokens = ({ tokens = [] }: FunctionAnswer): readonly KnownToken[] => tokens as readonly KnownToken[];

export const ownerIn = (found: FoundToken, known: readonly KnownToken[]): KnownToken | undefined => {
  const fingerprint = fingerprintOf(found.value);
  return known.find((token) => token.fingerprint === fingerprint);
};

export const environmentOf = ({ value }: FoundToken): 'live' | 'sandbox' =>
  value.startsWith('live_') ? 'live' : 'sandbox';

const MOST_PLACES = 3;
export const places = (files: FoundToken['files']): string =>
  files.length > MOST_PLACES
    ? `${files.slice(0, MOST_PLACES).join(', ')} and ${files.length - MOST_PLACES} more`
    : files.join(', ');
