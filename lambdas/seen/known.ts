/** Which token a fingerprint names, from a bounded memory: neither a flood nor made-up names read the ledger for each beacon. */
import { fingerprintOf } from '../domain/fingerprint.ts';
import type { Clock } from '../domain/ports.ts';
import { seenEvery } from '../domain/seen.ts';
import { instant } from '../domain/time.ts';
import type { SeenLedger } from './ports.ts';

const MOST_INTEGRATIONS = 500;
/** Tokens come and go with a rotation. */
const KEPT_MS = 60_000;
/** A fingerprint that is not known may be that of a token which was published a moment ago. */
const ASKED_AGAIN_AFTER_MS = 5_000;

export interface Known {
  readonly tokenId: string | undefined;
  /** No more than one write in this time (ms). */
  readonly every: number;
  /** It is revoked, and nobody has been told today that pages use it. */
  readonly isNews: boolean;
}

interface Entry {
  readonly at: number;
  /** `undefined`: nobody listens to this integration. */
  readonly every: number | undefined;
  readonly ids: ReadonlyMap<string, string>;
  readonly untold: ReadonlySet<string>;
}

export class KnownTokens {
  readonly #entries = new Map<string, Entry>();
  readonly #ledger: Pick<SeenLedger, 'listened'>;
  readonly #clock: Clock;

  constructor(ledger: Pick<SeenLedger, 'listened'>, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** `undefined`: nobody listens to this integration. */
  async find(integration: string, fingerprint: string): Promise<Known | undefined> {
    const known = this.#entries.get(integration);
    const age = known ? this.#clock.now() - known.at : Number.POSITIVE_INFINITY;
    const isFresh = age < (known?.ids.has(fingerprint) ? KEPT_MS : ASKED_AGAIN_AFTER_MS);
    const { every, ids, untold } = known && isFresh ? known : await this.#read(integration);
    const tokenId = ids.get(fingerprint);
    return every === undefined ? undefined : { tokenId, every, isNews: tokenId !== undefined && untold.has(tokenId) };
  }

  async #read(integration: string): Promise<Entry> {
    const at = this.#clock.now();
    const found = await this.#ledger.listened(integration, instant(at));
    const ids = new Map((found?.tokens ?? []).map(({ id, value }) => [fingerprintOf(value), id]));
    const entry = { at, every: found && seenEvery(found.seen), ids, untold: new Set(found?.untold) };
    // The longest known goes first.
    this.#entries.delete(integration);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MOST_INTEGRATIONS && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(integration, entry);
    return entry;
  }
}
