/** What the webhook needs of the world. */
import type { CredentialSource } from '../contract.ts';
import type { TrailItem } from '../paddle/webhook-record.ts';

/** Why a signature was not accepted. `no-secret`: there was nothing to compare with. */
export type SignatureFault = 'missing' | 'malformed' | 'stale' | 'future' | 'mismatch' | 'no-secret';

/** Compares the header `Paddle-Signature` with the raw body. `now` is epoch milliseconds. */
export type VerifySignature = (question: {
  header: string | undefined;
  rawBody: Buffer;
  secrets: string[];
  now: number;
}) => { ok: true } | { ok: false; reason: SignatureFault };

/** Reads a credential's text, bounded in time. */
export interface CredentialReader {
  /** @throws when it cannot be read, for whatever reason */
  read(source: CredentialSource): Promise<string>;
}

/** Accounts that no deploy knows. */
export interface SecretDirectory {
  /** `undefined`: there is no such account. @throws when it cannot be told */
  placeOf(account: string): Promise<CredentialSource | undefined>;
}

/** The audit trail, as far as a webhook may touch it. */
export interface WebhookTrail {
  /**
   * One conditional put. `duplicate`: the record was already there, and nothing was changed.
   * @throws when it is not certain that the record is stored
   */
  append(item: TrailItem): Promise<'stored' | 'duplicate'>;
  /** Opens the connection without writing anything. Never rejects. */
  warm(): Promise<void>;
}
