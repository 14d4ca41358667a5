/** What the ledger keeps about an account's notification destination, in `ACCOUNT#a / DESTINATION`. */
import type { Instant } from '../../domain/model.ts';

export interface SecretRotation {
  /** The generation that takes over. */
  readonly to: number;
  readonly requestedAt: Instant;
  readonly reason?: string;
  /** How long both secrets stay valid after the new destination has taken up its work. */
  readonly overlapMs: number;
  /** The new destination has been tested, or the test was left out on purpose. */
  readonly checkedAt?: Instant;
  /** Both destinations receive everything since then. */
  readonly openedAt?: Instant;
}

/**
 * Paddle rotates no webhook secret, so each secret is a destination of its own: a generation, told apart by its
 * address. Everything else is read back from Paddle, secrets included, so that a lost record costs nothing.
 */
export interface DestinationRecord {
  readonly account: string;
  /** 0: not yet stored. */
  readonly version: number;
  readonly generation: number;
  readonly destinationId?: string;
  /** Since when this generation is in service. */
  readonly secretSince?: Instant;
  readonly rotation?: SecretRotation;
  /** The destination through which a test event has last arrived. */
  readonly proved?: { readonly destinationId: string; readonly at: Instant };
  /** Why the destination is not in order; the hourly maintenance tries again. */
  readonly failure?: { readonly code: string; readonly message: string; readonly since: Instant };
  /** One run at a time changes something. */
  readonly lease?: { readonly runId: string; readonly until: Instant };
}

export const freshRecord = (account: string): DestinationRecord => ({ account, version: 0, generation: 1 });

/** Both secrets stay valid for a day unless a person says otherwise. */
export const DEFAULT_OVERLAP_MS = 24 * 3_600_000;
/** A secret older than this is replaced. */
export const MOST_SECRET_AGE_MS = 365 * 24 * 3_600_000;

/** The address of a generation. The route ignores the query; to Paddle it is another destination. */
export const addressOf = (endpoint: string, generation: number): string =>
  generation === 1 ? endpoint : `${endpoint}?d=${generation}`;

/** The generation whose address this is; `undefined` for every other address. */
export function generationOf(endpoint: string, address: string): number | undefined {
  if (address === endpoint) return 1;
  const [, digits] = address.startsWith(`${endpoint}?`) ? (/\?d=([1-9]\d{0,5})$/.exec(address) ?? []) : [];
  const generation = Number(digits);
  return generation > 1 && address === addressOf(endpoint, generation) ? generation : undefined;
}
