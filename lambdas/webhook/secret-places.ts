/** Where an account's webhook secret is kept: said by the deploy, or, for an account that came by the API, by the ledger. */
import type { CredentialSource } from '../contract.ts';
import type { Clock } from '../domain/ports.ts';
import { Bounded } from './bounded.ts';
import type { SecretDirectory } from './ports.ts';

/** As accounts are called; nothing else is asked for. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** The place of an account never changes; that there is one does. */
const KNOWN_MS = 10 * 60_000;
const UNKNOWN_MS = 60_000;
const MOST = 2_000;

export class SecretPlaces {
  readonly #fixed: ReadonlyMap<string, CredentialSource>;
  readonly #directory: SecretDirectory | undefined;
  readonly #known: Bounded<CredentialSource>;
  /** Apart, so that a flood of invented names drives nobody out who is known. */
  readonly #unknown: Bounded<true>;

  /** @param directory absent: there are the fixed ones and no others */
  constructor(fixed: ReadonlyMap<string, CredentialSource>, directory: SecretDirectory | undefined, clock: Clock) {
    this.#fixed = fixed;
    this.#directory = directory;
    this.#known = new Bounded(MOST, KNOWN_MS, clock);
    this.#unknown = new Bounded(MOST, UNKNOWN_MS, clock);
  }

  get fixed(): readonly string[] {
    return [...this.#fixed.keys()];
  }

  /** Without asking anybody: true only when it is certain that there is one. */
  isKnown(account: string): boolean {
    return (this.#fixed.get(account) ?? this.#known.get(account)) !== undefined;
  }

  /** Without asking anybody: false only when it is certain that there is none. */
  mayHave(account: string): boolean {
    if (this.#fixed.has(account)) return true;
    return this.#directory !== undefined && NAME.test(account) && this.#unknown.get(account) === undefined;
  }

  /** One read at most for each account, remembered for a while, that there is none as well. @throws what the directory throws */
  async find(account: string): Promise<CredentialSource | undefined> {
    const remembered = this.#fixed.get(account) ?? this.#known.get(account);
    if (remembered || !this.#directory || !this.mayHave(account)) return remembered;
    const found = await this.#directory.placeOf(account);
    if (found) this.#known.set(account, found);
    else this.#unknown.set(account, true);
    return found;
  }
}
