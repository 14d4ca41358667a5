/** What observing the audit trail needs of the world. */
import type { TrailRecord } from '../domain/audit-chain.ts';
import type { AuditRecord } from '../domain/model.ts';
import type { Actor, OwnerState } from './attribute.ts';

export interface EventBus {
  /** @throws when some were not taken; a repeat sends all again, and consumers tell repeats by `detail.id` */
  announce(records: readonly AuditRecord[]): Promise<void>;
}

/** The ledger, for reading only. Both reads are consistent: they see every write that came before the event. */
export interface OwnerLedger {
  owner(tokenId: string): Promise<string | undefined>;
  load(integration: string): Promise<{ config: { readonly account: string }; state: OwnerState } | undefined>;
}

/** Beside the queue, whose runs may all be reading pages for minutes. */
export interface DirectReconcile {
  /** Asks for it, and waits for no end of it. */
  reconcile(integration: string): Promise<void>;
}

/** Which API key is ours, by its id. */
export interface KeyLedger {
  /** `undefined`: not known (yet). */
  read(account: string): Promise<string | undefined>;
  /** Registered by the API: its key is its owner's to look after. */
  isSellers(account: string): Promise<boolean>;
}

/** The audit trail, for adding attributions and nothing else: no function may read it back. */
export interface Attributions {
  /** One conditional put. `duplicate`: the event was attributed before, and that stands. */
  append(item: AttributionItem): Promise<'stored' | 'duplicate'>;
}

/** The chain that shows later whether a record was changed or removed. */
export interface TrailChain {
  /** `already`: the record was chained before, and that stands, whatever it looks like now. */
  append(record: TrailRecord): Promise<'chained' | 'already'>;
}

export type RecordKey = Pick<TrailRecord, 'pk' | 'sk'>;

/** The trail by the hour in which its records were written, `2026-11-22T03`. */
export interface WrittenRecords {
  /**
   * The next records of the hour, a hundred at most.
   * @param after where the last page ended
   */
  page(hour: string, after?: RecordKey): Promise<WrittenPage>;
  /** `undefined`: it is not there. */
  read(key: RecordKey): Promise<TrailRecord | undefined>;
}

export interface WrittenPage {
  readonly records: number;
  /** Those that no chain holds. */
  readonly unchained: readonly RecordKey[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: RecordKey;
}

/** How far the records have been compared with the chains: everything before the hour, and of the hour all up to `after`. */
export interface ComparedThrough {
  readonly hour: string;
  readonly after?: RecordKey;
}

export interface Comparisons {
  /** `undefined`: nothing was ever compared. */
  read(): Promise<ComparedThrough | undefined>;
  save(through: ComparedThrough): Promise<void>;
}

/** Who did what an event tells: a line of its own, right behind the event's, because the event's is never changed. */
export interface AttributionItem {
  readonly pk: string;
  /** The event's key and `#attribution`. */
  readonly sk: string;
  readonly day: string;
  /** The hour of `attributedAt`. */
  readonly writtenIn: string;
  readonly kind: 'attribution';
  readonly source: 'observe';
  /** `<event id>#attribution`. */
  readonly id: string;
  readonly eventId: string;
  /** The event's. */
  readonly type: string;
  /** When it happened, as the event says. */
  readonly at: string;
  readonly attributedAt: string;
  readonly account: string;
  /** Absent on events about an API key. */
  readonly tokenId?: string;
  /** Of an event about an API key, as far as it says. */
  readonly keyId?: string;
  /** Days from an event about an API key until that ends. */
  readonly daysLeft?: number;
  readonly actor: Actor;
  readonly reason: string;
  readonly integration?: string;
  readonly rotationId?: string;
  readonly trigger?: string;
  readonly requestedBy?: string;
}
