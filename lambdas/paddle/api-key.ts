/**
 * The account's API key, as its owner stored it. AWS rotates Paddle API keys by itself (managed external secret
 * `PaddleApiKey`), so the stored key may change at any time under a running process.
 */
import type { CredentialSource } from '../contract.ts';
import { AlertError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';

/** Where credentials are kept. Throws `EffectError`s only. */
export interface CredentialStore {
  /** The stored text as it is, possibly empty. */
  read(source: CredentialSource): Promise<string>;
}

export interface ApiKeySource {
  /**
   * The key, checked to be fit for a header.
   * @param options.fresh read the store again: the cached key was refused
   * @throws AlertError when nothing usable is stored; whatever the store throws
   */
  get(options?: { fresh?: boolean }): Promise<string>;
}

const CACHE_MS = 60_000;

/** One per account and process. Simultaneous callers share one read; a failed read is not remembered. */
export function createApiKeySource(options: {
  store: CredentialStore;
  source: CredentialSource;
  clock: Clock;
  cacheMs?: number;
}): ApiKeySource {
  const { store, source, clock, cacheMs = CACHE_MS } = options;
  let cached: { key: string; until: number } | undefined;
  let reading: Promise<string> | undefined;

  async function read(): Promise<string> {
    const key = parseApiKey(await store.read(source), source);
    cached = { key, until: clock.now() + cacheMs };
    return key;
  }

  return {
    async get({ fresh = false } = {}) {
      if (!fresh && cached !== undefined && clock.now() < cached.until) return cached.key;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

/**
 * Takes the bare key, or the JSON of AWS's managed secret, `{"api_key":"…"}`.
 * No error here quotes the text or carries the JSON parser's error, which does.
 */
export function parseApiKey(stored: string, source: CredentialSource): string {
  const text = stored.trim();
  const key = text.startsWith('{') ? keyInJson(text, source) : text;
  if (key === '') throw unusable('api_key_empty', source, 'holds no Paddle API key');
  if (!/^[\x21-\x7e]{1,512}$/.test(key)) {
    throw unusable('api_key_malformed', source, 'holds something that is no Paddle API key');
  }
  return key;
}

function keyInJson(text: string, source: CredentialSource): string {
  let parsed: { api_key?: unknown };
  try {
    parsed = JSON.parse(text);
  } catch {
    throw unusable('api_key_malformed', source, 'begins like JSON but is none');
  }
  return typeof parsed.api_key === 'string' ? parsed.api_key.trim() : '';
}

function unusable(code: string, source: CredentialSource, what: string): AlertError {
  const place = 'secret' in source ? `The secret ${source.secret}` : `The parameter ${source.ssmParameter}`;
  return new AlertError(code, `${place} ${what}: store the key itself, or {"api_key":"…"}`);
}

/**
 * The id under which Paddle knows a key (`apikey_01j…`), which its webhooks name: the middle part of the key, and no
 * secret. @returns `undefined` for a legacy key, which does not hold its id
 * @see https://developer.paddle.com/api-reference/about/api-keys
 */
export function apiKeyId(apiKey: string): string | undefined {
  const [, id] = /^pdl_[a-z]+_(apikey_[a-z\d]{26})_/.exec(apiKey) ?? [];
  return id;
}

/**
 * Tells `onKey` the id of every key that is handed out, once per id and process. Nobody waits for what it does with it:
 * a mint has a lease to keep.
 */
export function withKeyId(source: ApiKeySource, onKey: (keyId: string) => void): ApiKeySource {
  let told: string | undefined;
  return {
    async get(options) {
      const key = await source.get(options);
      const id = apiKeyId(key);
      if (id !== undefined && id !== told) {
        told = id;
        onKey(id);
      }
      return key;
    },
  };
}
