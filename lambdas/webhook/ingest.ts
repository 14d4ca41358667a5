/**
 * A webhook's way in: every check in its order, then one put. Nothing that was not verified is stored, and everything that was
 * is: what cannot be read is kept apart, because Paddle would only send it again.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ALARMS, METRICS } from '../contract.ts';
import type { Clock, Log, Metrics } from '../domain/ports.ts';
import { readEvent } from '../paddle/envelope.ts';
import { type TrailItem, unreadableItem, webhookItem } from '../paddle/webhook-record.ts';
import { jsonOf } from './body.ts';
import type { SignatureFault, VerifySignature, WebhookTrail } from './ports.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';

/** What API Gateway lets through. A large event is kept without its `data`. */
export const MOST_BYTES = 10 * 1024 * 1024;

export interface Answer {
  readonly statusCode: 200 | 401 | 404 | 413 | 500;
  readonly headers: Readonly<Record<string, string>>;
  /** `{}` or `{"error":"…"}`: a stranger learns nothing from it. */
  readonly body: string;
}

export interface IngestParts {
  readonly secrets: WebhookSecrets;
  readonly verify: VerifySignature;
  readonly trail: WebhookTrail;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The function behind `POST /webhooks/paddle/{account}`.
 * @returns 200 when the event is in the trail, now or since before, be it as one that cannot be read; 404 unknown account, 413
 * too large, 401 not signed by the account's secret, each with one line in the log and nothing else left behind; 500 when it cannot be
 * known that the event is stored, so that Paddle sends it again
 */
export function createIngest(parts: IngestParts): (event: APIGatewayProxyEventV2) => Promise<Answer> {
  const { clock, log } = parts;
  return async (event) => {
    const account = event.pathParameters?.account ?? '';
    if (!parts.secrets.mayHave(account)) return refuse(parts, 404, 'unknown-account');
    const rawBody = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    if (rawBody.length > MOST_BYTES) return refuse(parts, 413, 'too-large');
    const header = event.headers['paddle-signature'];
    // Before anything is read: a stranger's request without any signature costs nothing.
    if (!header) return notSigned(parts, parts.secrets.isKnown(account) ? account : undefined, 'missing');
    try {
      if (!(await parts.secrets.has(account))) return refuse(parts, 404, 'unknown-account');
      const fault = await signatureFault(parts, account, header, rawBody);
      if (fault) return notSigned(parts, account, fault);
      await keep(parts, itemOf(rawBody, account, new Date(clock.now()).toISOString()));
      return answer(200);
    } catch (error) {
      // The mapping to HTTP, once: API Gateway counts it among its 5xx, and Paddle comes again.
      log.error('The webhook could not be stored; Paddle will send it again', { account, error });
      return answer(500, 'unavailable');
    }
  };
}

function itemOf(rawBody: Buffer, account: string, receivedAt: string): TrailItem {
  const json = jsonOf(rawBody);
  const read = json ? readEvent(json.value) : { faults: ['body'] };
  if ('event' in read) return webhookItem(read.event, account, receivedAt, 'webhook', rawBody);
  return unreadableItem(rawBody, { ...read, fields: json?.value, account, receivedAt, source: 'webhook' });
}

async function keep({ trail, log }: IngestParts, item: TrailItem): Promise<void> {
  if ((await trail.append(item)) === 'duplicate') return;
  if (item.kind !== 'unreadable') return;
  const { account, id, faults, size, digest } = item;
  log.warn('Paddle signed a webhook that cannot be read; it is kept apart', { account, id, faults, size, digest });
}

/** `undefined`: signed by a secret of the account. */
async function signatureFault(
  { secrets, verify, clock }: IngestParts,
  account: string,
  header: string,
  rawBody: Buffer,
): Promise<SignatureFault | undefined> {
  const check = (valid: readonly string[]) => verify({ header, rawBody, secrets: [...valid], now: clock.now() });
  const first = check(await secrets.current(account));
  if (first.ok) return undefined;
  if (first.reason !== 'mismatch' && first.reason !== 'no-secret') return first.reason;
  const renewed = await secrets.afterMismatch(account);
  if (!renewed) return first.reason;
  const second = check(renewed);
  return second.ok ? undefined : second.reason;
}

const ERRORS = { 401: 'unauthorized', 404: 'not found', 413: 'too large' } as const;

/** It is none of ours. The account is not named: a stranger made it up. */
function refuse({ log }: IngestParts, status: keyof typeof ERRORS, fault: string): Answer {
  log.info('A webhook was refused', { fault });
  return answer(status, ERRORS[status]);
}

/** Somebody forges, or the secret is wrong. @param account absent: a stranger may have made it up */
function notSigned({ log, metrics }: IngestParts, account: string | undefined, fault: SignatureFault): Answer {
  metrics.count(METRICS.signatureFailure);
  log.warn('A webhook was refused', { alarm: ALARMS.signatureFailures, account, fault });
  return answer(401, ERRORS[401]);
}

const answer = (statusCode: Answer['statusCode'], error?: string): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(error === undefined ? {} : { error }),
});
