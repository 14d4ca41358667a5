/** What follows from a new line in the audit trail. Lines come at least once and in any order across tokens; every effect bears that. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { ALARMS, EVENT_TYPES, METRICS } from '../contract.ts';
import { isOfChain, type TrailRecord } from '../domain/audit-chain.ts';
import { hourOf } from '../domain/audit-keys.ts';
import { redactDeep } from '../domain/mask.ts';
import type { AuditRecord } from '../domain/model.ts';
import type { Clock, Log, Metrics, ReconcileQueue, TokenReports } from '../domain/ports.ts';
import { propertiesOf } from '../paddle/envelope.ts';
import { isAboutKeys, keyProblemOf } from './api-key-problem.ts';
import { type Actor, attribute, type Facts, parseOurName, type TokenEvent } from './attribute.ts';
import type { Attributions, DirectReconcile, EventBus, KeyLedger, OwnerLedger, TrailChain } from './ports.ts';

export interface ObserveParts {
  readonly bus: EventBus;
  readonly ledger: OwnerLedger;
  readonly keys: KeyLedger;
  readonly trail: Attributions;
  readonly chain: TrailChain;
  readonly reports: TokenReports;
  readonly queue: ReconcileQueue;
  readonly direct: DirectReconcile;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** So many reconciles begin at once within so long (ms): a thousand side by side would take all that the AWS account may run. */
const MOST_DIRECT = 5;
const DIRECT_WITHIN_MS = 15_000;

/**
 * The function behind the trail's stream (INSERT, new image).
 * @returns the first line that failed, if any did: the stream comes again with it and all after it. Stopping there keeps a
 * repeat from announcing everything behind it twice.
 */
export function createObserve(parts: ObserveParts): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  const direct = seldom(parts);
  return async (event) => {
    for (const record of event.Records) {
      try {
        await observeOne({ ...parts, direct }, record);
      } catch (error) {
        const sequenceNumber = record.dynamodb?.SequenceNumber ?? '';
        parts.log.error('A line of the audit trail could not be followed up; it comes again', {
          sequenceNumber,
          error,
        });
        return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
      }
    }
    return { batchItemFailures: [] };
  };
}

/** Paddle tells of one revocation twice, as a change and as an end: each integration once. */
function seldom({ direct, clock }: Pick<ObserveParts, 'direct' | 'clock'>): DirectReconcile {
  const begun = new Map<string, number>();
  return {
    async reconcile(integration) {
      const now = clock.now();
      for (const [name, at] of begun) if (Math.abs(now - at) >= DIRECT_WITHIN_MS) begun.delete(name);
      if (begun.has(integration) || begun.size >= MOST_DIRECT) return;
      begun.set(integration, now);
      await direct.reconcile(integration);
    },
  };
}

async function observeOne(parts: ObserveParts, record: DynamoDBRecord): Promise<void> {
  if (record.eventName !== 'INSERT' || !record.dynamodb?.NewImage) return;
  const line = unmarshall(record.dynamodb.NewImage as Record<string, AttributeValue>) as TrailRecord;
  // A link is no line; it would be chained for ever.
  if (!isOfChain(line)) await observeLine(parts, line);
}

/** @returns `already`: it had been chained before */
export async function observeLine(parts: ObserveParts, line: TrailRecord): Promise<'chained' | 'already'> {
  // Neither waits for the other: a line that nobody can announce is chained all the same, and a reconcile is not held up.
  const outcomes = await Promise.allSettled([followUp(parts, line), parts.chain.append(line)]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (reasons.length > 1) throw new AggregateError(reasons, reasons.map(String).join('; '));
  const [, chained] = outcomes;
  if (chained.status === 'rejected' || reasons.length === 1) throw reasons[0];
  return chained.value;
}

async function followUp(parts: ObserveParts, line: TrailRecord): Promise<void> {
  if (line.kind === 'action') return announce(parts.bus, line);
  if (line.kind === 'webhook' && line.tokenId) return attributeWebhook(parts, line as unknown as WebhookLine);
  if (line.kind === 'webhook' && isAboutKeys(String(line.type)))
    return noticeKeyProblem(parts, line as unknown as AccountLine);
  // Attributions, which are our own writes, simulations, what cannot be read, other events: kept, and nothing follows.
}

async function announce(
  bus: EventBus,
  { pk, sk, day, writtenIn, kind, ...record }: Record<string, unknown>,
): Promise<void> {
  // A type that the contract does not know could never be subscribed to: fail, rather than skip a state change silently.
  if (!Object.hasOwn(EVENT_TYPES, String(record.type))) throw new RangeError(`no event type for ${record.type}`);
  await bus.announce([redactDeep(record) as AuditRecord]);
}

/** As much of the webhook's line as is needed here. */
interface AccountLine {
  readonly pk: string;
  readonly sk: string;
  readonly day: string;
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly account: string;
  /** JSON; absent when the event had none, or more than is kept. */
  readonly data?: string;
}

/** Paddle documents an object; whatever else comes says nothing about a token or a key. */
const dataOf = ({ data }: AccountLine): Readonly<Record<string, unknown>> =>
  (data === undefined ? undefined : propertiesOf(JSON.parse(data))) ?? {};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

interface WebhookLine extends AccountLine {
  readonly tokenId: string;
}

/** Without its key, Paddlewheel can neither mint nor revoke. Tokens stay valid, so there are days to mend it: tell somebody. */
async function noticeKeyProblem({ keys, trail, clock, log, metrics }: ObserveParts, line: AccountLine): Promise<void> {
  const { pk, day, id, type, at, account } = line;
  const problem = keyProblemOf({ type, at, data: dataOf(line) }, await keys.read(account));
  if (!problem) return;
  const { keyId, reason, message, daysLeft } = problem;
  if (reason !== 'other-api-key' && !(await keys.isSellers(account))) {
    metrics.count(METRICS.apiKeyProblem);
    log.warn(message, { alarm: ALARMS.apiKeyProblem, account, keyId, reason, daysLeft, eventId: id });
  }
  const attributedAt = new Date(clock.now()).toISOString();
  await trail.append({
    ...{ pk, sk: `${line.sk}#attribution`, day, writtenIn: hourOf(attributedAt) },
    ...{
      kind: 'attribution',
      source: 'observe',
      id: `${id}#attribution`,
      eventId: id,
      type,
      at,
      attributedAt,
      account,
    },
    ...{ actor: 'external', reason, keyId, daysLeft },
  });
}

/** The report and the reconcile first, the line in the trail last: a crash in between repeats, and never skips. */
async function attributeWebhook(parts: ObserveParts, line: WebhookLine): Promise<void> {
  const { trail, clock } = parts;
  const { id, type, tokenId, account } = line;
  const { name, status } = dataOf(line);
  const event: TokenEvent = { id, type, tokenId, at: line.at, name: textOf(name), status: textOf(status) };
  const { touchesHeldToken, ...attribution } = attribute(event, await gather(parts, event, account));
  if (touchesHeldToken && attribution.integration) {
    await reportChange(parts, event, attribution.integration, attribution.actor);
  }
  const attributedAt = new Date(clock.now()).toISOString();
  await trail.append({
    pk: line.pk,
    sk: `${line.sk}#attribution`,
    day: line.day,
    writtenIn: hourOf(attributedAt),
    kind: 'attribution',
    source: 'observe',
    id: `${id}#attribution`,
    eventId: id,
    type,
    at: line.at,
    attributedAt,
    account,
    tokenId,
    ...attribution,
  });
}

/** What was heard is in the ledger before anybody is asked to follow it up: a message alone could be lost. */
async function reportChange(parts: ObserveParts, event: TokenEvent, integration: string, actor: Actor): Promise<void> {
  const { reports, queue, clock, log, metrics } = parts;
  const { id, type, tokenId } = event;
  const says = type === 'client_token.revoked' || event.status === 'revoked' ? ({ says: 'revoked' } as const) : {};
  await reports.report([{ integration, tokenId, source: 'webhook', at: new Date(clock.now()).toISOString(), ...says }]);
  await queue.send([{ integration, cause: 'webhook', key: id }]);
  if (actor === 'paddlewheel') return;
  if ('says' in says) await atOnce(parts, integration);
  const alarm = ALARMS.outOfBandChange;
  log.warn('Somebody else changed a token of ours', { alarm, integration, tokenId, eventId: id, type });
  metrics.count(METRICS.outOfBandChange);
}

/** A page may be without a token. What the message does later, this does now; should it fail, the message is there. */
async function atOnce({ direct, log }: ObserveParts, integration: string): Promise<void> {
  try {
    await direct.reconcile(integration);
  } catch (error) {
    log.warn('A reconcile could not begin at once; the queue has it', { integration, error });
  }
}

/**
 * A webhook may come before our own record of the token, so its name is a lead as well. It is only a lead: what counts is
 * whether that integration's state knows of it. An integration of another account is none: the account vouched for the event.
 */
async function gather(parts: ObserveParts, event: TokenEvent, account: string): Promise<Facts | undefined> {
  const owner = await parts.ledger.owner(event.tokenId);
  const leads = [owner, parseOurName(event.name)?.integration];
  // What one minted, another may have taken over since: the name says whose mint it was.
  if (event.type === 'client_token.created') leads.reverse();
  for (const integration of leads) {
    const found = integration === undefined ? undefined : await parts.ledger.load(integration);
    if (integration !== undefined && found?.config.account === account)
      return { integration, owned: integration === owner, state: found.state };
  }
  return undefined;
}
