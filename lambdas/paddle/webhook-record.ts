/** What an event of Paddle leaves in the audit trail: one line, or, when it cannot be read, one that is kept apart. */
import { createHash } from 'node:crypto';
import { auditPartition, eventSortKey, hourOf } from '../domain/audit-keys.ts';
import { holdsNothing, MOST_LEVELS, redactDeep } from '../domain/mask.ts';
import { type Envelope, plainId, plainType, propertiesOf } from './envelope.ts';

type Source = 'webhook' | 'backfill';

/** All texts but `size`, so that it goes to DynamoDB without a marshaller. */
export interface WebhookItem {
  readonly pk: string;
  readonly sk: string;
  /** `2026-11-22`, for the index by day. Simulations have none: no report shows them. */
  readonly day?: string;
  /** `2026-11-22T03`: of `receivedAt`. */
  readonly writtenIn: string;
  readonly kind: 'webhook' | 'simulation';
  /** `backfill`: no webhook came, and Paddle's list of events had it. */
  readonly source: Source;
  readonly id: string;
  readonly type: string;
  /** As Paddle sent it, precision included, in UTC. */
  readonly at: string;
  readonly account: string;
  readonly tokenId?: string;
  readonly notificationId?: string;
  readonly receivedAt: string;
  /**
   * JSON of the event's `data`, with everything in it masked that is not for logs. Absent when the event has none, and when
   * it is too large or too deep to be kept; of events about tokens and keys it is then what says which and how.
   */
  readonly data?: string;
  /** Only when `data` was not kept whole: how many bytes came, and their SHA-256, hex. */
  readonly size?: number;
  readonly digest?: string;
}

/** What Paddle sent and nobody here can read: kept for a person, at the account, where no report shows it. */
export interface UnreadableItem {
  readonly pk: string;
  /** `UNREADABLE#` and the id: the same thing comes again, and is kept once. */
  readonly sk: string;
  readonly writtenIn: string;
  readonly kind: 'unreadable';
  readonly source: Source;
  /** Its own, if that can be read, else made of its digest. */
  readonly id: string;
  readonly type: string;
  /** The same as `receivedAt`. */
  readonly at: string;
  readonly account: string;
  readonly receivedAt: string;
  readonly size: number;
  readonly digest: string;
  /** Names of what could not be read: `event_id, occurred_at`. */
  readonly faults: string;
}

export type TrailItem = WebhookItem | UnreadableItem;

const SIMULATION = 'ntfsimevt_';
/** Simulated events are kept apart from what really happened. */
export const simulationPartition = (account: string): string => `SIMULATION#${account}`;
const TOKEN_ID = /^ctkn_[a-z\d]{1,64}$/;
/** Of JSON, in UTF-8. Paddle's events about tokens and keys are a hundredth of it; an item of DynamoDB holds 400 KB. */
export const MOST_DATA_BYTES = 64 * 1024;

/**
 * @param account the one whose secret verified the event; the event itself does not say
 * @param receivedAt ISO 8601
 * @param body as it came; an item of a list has none of its own
 */
export function webhookItem(
  event: Envelope,
  account: string,
  receivedAt: string,
  source: Source = 'webhook',
  body?: Buffer,
): WebhookItem {
  const simulated = event.event_id.startsWith(SIMULATION);
  const id = propertiesOf(event.data)?.id;
  // An odd id is no reason to lose the event: it is then kept with the account's.
  const tokenId = isAboutToken(event) && typeof id === 'string' && TOKEN_ID.test(id) ? id : undefined;
  return {
    pk: simulated ? simulationPartition(account) : auditPartition({ tokenId, account }),
    sk: eventSortKey(event.occurred_at, event.event_id),
    day: simulated ? undefined : event.occurred_at.slice(0, 10),
    writtenIn: hourOf(receivedAt),
    kind: simulated ? 'simulation' : 'webhook',
    source,
    id: event.event_id,
    type: event.event_type,
    at: event.occurred_at,
    account,
    tokenId,
    notificationId: event.notification_id,
    receivedAt,
    ...keptOf(event, body),
  };
}

/** @param what the body as it came, or the item of a list */
export function unreadableItem(
  what: Buffer | { readonly item: unknown },
  about: { fields?: unknown; faults: readonly string[]; account: string; receivedAt: string; source: Source },
): UnreadableItem {
  const { account, receivedAt, source, faults } = about;
  const fields = propertiesOf(about.fields);
  const print = fingerprint(Buffer.isBuffer(what) ? what : bytesOf(what.item));
  const id = plainId(fields?.event_id) ?? plainId(fields?.id) ?? `sha256-${print.digest}`;
  return {
    pk: auditPartition({ account }),
    sk: `UNREADABLE#${id}`,
    writtenIn: hourOf(receivedAt),
    kind: 'unreadable',
    source,
    id,
    type: plainType(fields?.event_type) ?? 'unreadable',
    at: receivedAt,
    account,
    receivedAt,
    ...print,
    faults: faults.join(', '),
  };
}

const isAboutToken = ({ event_type }: Envelope): boolean => event_type.startsWith('client_token.');

function keptOf(event: Envelope, body: Buffer | undefined): Pick<WebhookItem, 'data' | 'size' | 'digest'> {
  if (event.data === undefined) return {};
  const whole = maskedText(event.data, event);
  if (whole !== undefined) return { data: whole };
  const print = fingerprint(body ?? bytesOf(event));
  const essentials = essentialsOf(event);
  return essentials ? { data: maskedText(essentials, event), ...print } : print;
}

/** @returns `undefined` for what is larger or deeper than anything that is kept */
function maskedText(data: unknown, event: Envelope): string | undefined {
  if (!isWithin(data, MOST_LEVELS)) return undefined;
  const text = JSON.stringify(data);
  if (Buffer.byteLength(text) > MOST_DATA_BYTES) return undefined;
  if (holdsNothing(text)) return text;
  const masked = JSON.stringify(redactDeep(data, tokenValueOf(event)));
  return Buffer.byteLength(masked) > MOST_DATA_BYTES ? undefined : masked;
}

/** Shorter is no token, and would tear other texts apart. */
const SHORTEST_VALUE = 10;

/** The value that the event is about, so that it is found wherever it stands; `undefined` when it is about no token. */
function tokenValueOf(event: Envelope): string | undefined {
  if (!isAboutToken(event)) return undefined;
  const token = propertiesOf(event.data)?.token;
  return typeof token === 'string' && token.length >= SHORTEST_VALUE && token.length <= 1_000 ? token : '';
}

/** What attribution and the alarms about API keys go by. */
const ESSENTIAL = ['id', 'name', 'status', 'api_key_id', 'expires_at', 'created_at', 'updated_at', 'revoked_at'];
const LONGEST_ESSENTIAL = 300;

function essentialsOf({ event_type, data }: Envelope): object | undefined {
  const fields = propertiesOf(data);
  if (!fields || !/^(client_token|api_key)/.test(event_type)) return undefined;
  const short = ESSENTIAL.map((name) => [name, fields[name]] as const).filter(
    ([, value]) => typeof value === 'string' && value.length <= LONGEST_ESSENTIAL,
  );
  return Object.fromEntries(short);
}

const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1)));

/** JSON cannot be written at any depth at which it can be read. */
const bytesOf = (value: unknown): Buffer =>
  Buffer.from(JSON.stringify(isWithin(value, MOST_LEVELS) ? value : redactDeep(value)) ?? '');

const fingerprint = (bytes: Buffer): { readonly size: number; readonly digest: string } => ({
  size: bytes.length,
  digest: createHash('sha256').update(bytes).digest('hex'),
});
