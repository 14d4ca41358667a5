/**
 * Is the stored API key one of the Paddle account that our tokens belong to? Paddle takes the key of another account just as
 * well: it mints there, lists what is there, and does not know a token of ours. So a key that was not used before is asked
 * about a token of ours first, and is used for nothing until Paddle has answered it.
 */
import { AlertError, RefusedError } from '../domain/errors.ts';
import { fingerprintOf } from '../domain/fingerprint.ts';
import type { Log } from '../domain/ports.ts';
import type { ApiKeySource } from './api-key.ts';
import { createPaddleClient, type PaddleClient, type PaddleClientOptions } from './client.ts';
import { isCredentialAlert } from './errors.ts';

/** What is known of an account's key. Never the key. */
export interface KnownKey {
  /** Of the key that was found to be the account's. */
  readonly fingerprint?: string;
  /** A token of the account. Paddle keeps tokens for ever, so any will do, also a revoked one. */
  readonly provenBy?: string;
}

/** Throws `EffectError`s only. */
export interface KnownKeys {
  read(account: string): Promise<KnownKey>;
  /** The key with this fingerprint is the account's. */
  verified(account: string, fingerprint: string): Promise<void>;
  /** A token that this key made or read. @returns false when another token was noted before: that one stays */
  proven(account: string, tokenId: string, fingerprint: string): Promise<boolean>;
}

export interface AccountClient extends PaddleClient {
  /** A token that the account is known to own, in case that none was noted yet. */
  owns(tokenId: string): void;
}

export interface AccountClientOptions extends PaddleClientOptions {
  readonly account: string;
  readonly knownKeys: KnownKeys;
  readonly log: Pick<Log, 'warn'>;
}

/** So long may the question take: a mint has a lease to keep (ms). */
const PROBE_DEADLINE_MS = 8_000;

/** The account's client, which uses no key of another account. */
export function createAccountClient({ account, knownKeys, log, ...options }: AccountClientOptions): AccountClient {
  const guard = new KeyGuard({ account, knownKeys, log, ...options });
  const client = createPaddleClient({ ...options, apiKey: guard });
  return {
    ...client,
    owns: (tokenId) => guard.owns(tokenId),
    async create(request) {
      const token = await client.create(request);
      await guard.saw(token.id);
      return token;
    },
    async list(since) {
      const tokens = await client.list(since);
      if (tokens[0]) await guard.saw(tokens[0].id);
      return tokens;
    },
    async get(tokenId) {
      const token = await client.get(tokenId);
      if (token) await guard.saw(token.id);
      return token;
    },
  };
}

/** Hands out a key only once it is known to be the account's. */
class KeyGuard implements ApiKeySource {
  readonly #options: AccountClientOptions;
  /** Keys that this process has found to be the account's: the cached one and its successor, for a while. */
  readonly #admitted = new Set<string>();
  #known: KnownKey = {};
  #ours: string | undefined;
  /** Fingerprint of the key that was handed out last. */
  #last = '';

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  owns(tokenId: string): void {
    this.#ours = tokenId;
  }

  async get(options: { fresh?: boolean } = {}): Promise<string> {
    const { apiKey } = this.#options;
    const key = await apiKey.get(options);
    try {
      await this.#admit(key);
      return key;
    } catch (error) {
      // The cached one may have been replaced since.
      if (options.fresh || !isCredentialAlert(error)) throw error;
      const fresh = await apiKey.get({ fresh: true });
      if (fresh === key) throw error;
      await this.#admit(fresh);
      return fresh;
    }
  }

  /** A token that Paddle has answered for an admitted key: from now on every new key is asked about it. */
  async saw(tokenId: string): Promise<void> {
    if (this.#known.provenBy !== undefined) return;
    const { account, knownKeys, log } = this.#options;
    try {
      const isKept = await knownKeys.proven(account, tokenId, this.#last);
      // Somebody else was faster, perhaps with another key: ask again with that token.
      if (isKept) this.#known = { ...this.#known, provenBy: tokenId };
      else this.#admitted.clear();
    } catch (error) {
      log.warn('A token of the account could not be noted; the next one will be', { account, error });
    }
  }

  async #admit(key: string): Promise<void> {
    const fingerprint = fingerprintOf(`${this.#options.account}\n${key}`);
    // What nothing proves is examined again each time: a token may be known by now.
    if (!this.#admitted.has(fingerprint) && (await this.#isProved(key, fingerprint))) this.#admitted.add(fingerprint);
    this.#last = fingerprint;
  }

  /** @returns false at the very first use of the account: nothing is known that could speak for the key, or against it */
  async #isProved(key: string, fingerprint: string): Promise<boolean> {
    const { account, knownKeys, log } = this.#options;
    this.#known = await knownKeys.read(account);
    if (this.#known.fingerprint === fingerprint) return true;
    const provenBy = this.#known.provenBy ?? this.#ours;
    if (provenBy === undefined) {
      const text = 'An API key is used for the first time, and no token is known yet that could prove its account';
      if (this.#last !== fingerprint) log.warn(text, { account });
      return false;
    }
    await this.#ask(key, provenBy);
    await knownKeys.verified(account, fingerprint);
    return true;
  }

  async #ask(key: string, provenBy: string): Promise<void> {
    const { account } = this.#options;
    const probe = createPaddleClient({
      ...this.#options,
      apiKey: { get: async () => key },
      deadlineMs: PROBE_DEADLINE_MS,
    });
    try {
      if (await probe.get(provenBy)) return;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const text = `It cannot be told whether the new API key of ${account} is one of the same Paddle account, so it is not used. ${error.message}`;
      throw new RefusedError(error.code, text, { cause: error });
    } finally {
      probe.close();
    }
    const text = `The API key stored for ${account} belongs to another Paddle account: it does not know ${provenBy}, a token of ${account}. It is not used, and nothing is minted, revoked or read with it. Store a key of the Paddle account that has ${provenBy}; for another Paddle account, configure an account under a name of its own`;
    throw new AlertError(OTHER_ACCOUNT, text);
  }
}

export const OTHER_ACCOUNT = 'api_key_other_account';
