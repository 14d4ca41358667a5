/** Where the accounts' webhook secrets come from, and how long they are remembered. */
import type { CredentialSource } from '../contract.ts';
import { SettingsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { propertiesOf } from '../paddle/envelope.ts';
import type { CredentialReader, SecretDirectory } from './ports.ts';
import { SecretPlaces } from './secret-places.ts';

/** @returns `undefined` for what is no text, and for blanks */
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim()) || undefined;

/** A plain text is the id of a Secrets Manager secret. */
function sourceOf(value: unknown): CredentialSource | undefined {
  const plain = textOf(value);
  if (plain) return { secret: plain };
  const [[kind, where] = [], ...others] = Object.entries(propertiesOf(value) ?? {});
  const place = textOf(where);
  if (!place || others.length > 0) return undefined;
  if (kind === 'secret') return { secret: place };
  return kind === 'ssmParameter' ? { ssmParameter: place } : undefined;
}

/**
 * @param setting JSON: account -> `{"secret":"…"}`, `{"ssmParameter":"…"}`, or the text of a secret's id
 * @param mayBeNone others are found elsewhere
 * @throws SettingsError when it is anything else, or names no account
 */
export function parseWebhookSources(setting: string, mayBeNone = false): ReadonlyMap<string, CredentialSource> {
  let value: unknown;
  try {
    value = JSON.parse(setting);
  } catch (cause) {
    throw new SettingsError(['WEBHOOK_SECRETS is no JSON'], { cause });
  }
  const fields = propertiesOf(value);
  if (!fields) throw new SettingsError(['WEBHOOK_SECRETS as a whole is no source of a secret']);
  const sources = new Map<string, CredentialSource>();
  const faults: string[] = [];
  for (const [account, each] of Object.entries(fields)) {
    const source = sourceOf(each);
    if (account.trim() !== '' && source) sources.set(account.trim(), source);
    else faults.push(`WEBHOOK_SECRETS ${account} is no source of a secret`);
  }
  if (faults.length > 0) throw new SettingsError(faults);
  if (sources.size === 0 && !mayBeNone) throw new SettingsError(['WEBHOOK_SECRETS names no account']);
  return sources;
}

/** More at once than a rotation of the secret needs, few enough that a wrong text costs nothing. */
const MOST_SECRETS = 4;

/** @returns none for anything but the two shapes in which they are stored */
function keysOf(value: unknown): readonly string[] {
  const { endpoint_secret_keys: several, endpoint_secret_key: one } = propertiesOf(value) ?? {};
  const isText = (key: unknown) => typeof key === 'string';
  if (Array.isArray(several) && several.every(isText)) return several;
  return isText(one) ? [one as string] : [];
}

/**
 * @param text the secret itself, `{"endpoint_secret_key":"…"}`, or `{"endpoint_secret_keys":["…","…"]}` while it is being rotated
 * @returns the secrets that are valid now, in JSON to the last blank; empty when the text holds none, never an empty secret
 */
export function parseWebhookSecrets(text: string): readonly string[] {
  const trimmed = text.trim();
  let keys: readonly string[] = [trimmed];
  if (trimmed.startsWith('{')) {
    try {
      keys = keysOf(JSON.parse(trimmed));
    } catch {
      keys = [];
    }
  }
  return keys.filter((key) => key.trim() !== '').slice(0, MOST_SECRETS);
}

/** A person may have pasted a line end or a blank along; Paddle may one day mean it. */
const asPasted = (secrets: readonly string[]): readonly string[] => [
  ...new Set(secrets.flatMap((secret) => [secret, secret.trim()])),
];

const FRESH_MS = 5 * 60_000;
/** A signature that does not match may mean that the secret was rotated: ask again, but not sooner than this. */
const REREAD_AFTER_MS = 5_000;
/** Bad signatures alone drive the distance up to here, so that nobody can make us read all day long. */
const REREAD_AT_MOST_MS = 60_000;

interface Cached {
  readonly secrets: readonly string[];
  readonly readAt: number;
  /** From when on a bad signature may cause another reading, and how far apart such readings are by now. */
  readonly rereadFrom: number;
  readonly distance: number;
}

/** Of accounts; what was read first goes first. */
const MOST_CACHED = 2_000;

/** Remembers the secrets of every account for five minutes. */
export class WebhookSecrets {
  readonly #places: SecretPlaces;
  readonly #reader: CredentialReader;
  readonly #clock: Clock;
  readonly #cache = new Map<string, Cached>();
  readonly #reading = new Map<string, Promise<readonly string[]>>();

  /** @param directory where accounts are found that `sources` does not name; absent: there are no others */
  constructor(
    sources: ReadonlyMap<string, CredentialSource>,
    reader: CredentialReader,
    clock: Clock,
    directory?: SecretDirectory,
  ) {
    this.#places = new SecretPlaces(sources, directory, clock);
    this.#reader = reader;
    this.#clock = clock;
  }

  /** True: it is certain, and nobody was asked. */
  isKnown(account: string): boolean {
    return this.#places.isKnown(account);
  }

  /** False: it is certain, and nobody was asked. */
  mayHave(account: string): boolean {
    return this.#places.mayHave(account);
  }

  /** @throws when it must be asked and cannot be told */
  async has(account: string): Promise<boolean> {
    return (await this.#places.find(account)) !== undefined;
  }

  /**
   * The secrets that are valid for the account, from memory when they are fresh.
   * @throws when they must be read and cannot be: there is no verifying without them
   */
  async current(account: string): Promise<readonly string[]> {
    const cached = this.#cache.get(account);
    if (cached && this.#clock.now() - cached.readAt < FRESH_MS) return cached.secrets;
    return this.#read(account, REREAD_AFTER_MS);
  }

  /**
   * For a signature that does not match: the secrets as they are now, or `undefined` when they are those of before, or
   * were read too lately to ask again.
   */
  async afterMismatch(account: string): Promise<readonly string[] | undefined> {
    const cached = this.#cache.get(account);
    const now = this.#clock.now();
    if (!cached || now < cached.rereadFrom) return undefined;
    const distance = Math.min(cached.distance * 2, REREAD_AT_MOST_MS);
    // Before the reading, so that one which fails counts as well.
    this.#cache.set(account, { ...cached, distance, rereadFrom: now + distance });
    const secrets = await this.#read(account, distance);
    return same(secrets, cached.secrets) ? undefined : secrets;
  }

  /** Reads ahead while the function starts. Never rejects: the first event that needs them reads again. */
  async warm(most: number): Promise<void> {
    const accounts = this.#places.fixed.slice(0, most);
    await Promise.allSettled(accounts.map((account) => this.current(account)));
  }

  /** One reading at a time for each account, whoever waits for it. */
  #read(account: string, distance: number): Promise<readonly string[]> {
    const running = this.#reading.get(account);
    if (running) return running;
    const reading = this.#readNow(account, distance).finally(() => this.#reading.delete(account));
    this.#reading.set(account, reading);
    return reading;
  }

  async #readNow(account: string, distance: number): Promise<readonly string[]> {
    const source = await this.#places.find(account);
    if (!source) throw new RangeError(`no webhook secret is configured for account ${account}`);
    const secrets = asPasted(parseWebhookSecrets(await this.#reader.read(source)));
    const changed = !same(secrets, this.#cache.get(account)?.secrets ?? []);
    const readAt = this.#clock.now();
    const next = changed ? REREAD_AFTER_MS : distance;
    this.#remember(account, { secrets, readAt, distance: next, rereadFrom: readAt + next });
    return secrets;
  }

  #remember(account: string, cached: Cached): void {
    this.#cache.delete(account);
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined && this.#cache.size >= MOST_CACHED) this.#cache.delete(oldest);
    this.#cache.set(account, cached);
  }
}

/** Compares what we hold with what we hold: nothing that a sender could time. */
const same = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((secret, index) => secret === others[index]);
