import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CredentialSource } from '../../lambdas/contract.ts';
import type { TrailItem, UnreadableItem, WebhookItem } from '../../lambdas/paddle/webhook-record.ts';
import { createIngest, type IngestParts } from '../../lambdas/webhook/ingest.ts';
import type { CredentialReader, VerifySignature, WebhookTrail } from '../../lambdas/webhook/ports.ts';
import { WebhookSecrets } from '../../lambdas/webhook/webhook-secrets.ts';
import { RecordingLog, RecordingMetrics, StillClock } from '../fakes/runtime.ts';

export const SECRET = 'pdl_ntfset_01h_first';

const hash = (secret: string, ts: string, rawBody: Buffer) =>
  createHmac('sha256', secret).update(`${ts}:`).update(rawBody).digest('hex');

/** Enough of a verifier for the ways that lead through it; the real one has its own tests. */
export const standInVerify: VerifySignature = ({ header, rawBody, secrets, now }) => {
  if (!header) return { ok: false, reason: 'missing' };
  const [, ts, h1] = /^ts=(\d+);h1=([0-9a-f]+)$/.exec(header) ?? [];
  if (ts === undefined || h1 === undefined) return { ok: false, reason: 'malformed' };
  if (now - Number(ts) * 1000 > 5_000) return { ok: false, reason: 'stale' };
  if (secrets.length === 0) return { ok: false, reason: 'no-secret' };
  return secrets.some((secret) => hash(secret, ts, rawBody) === h1) ? { ok: true } : { ok: false, reason: 'mismatch' };
};

/** One text that tests change; counts how often it was read. */
export class FakeReader implements CredentialReader {
  text: string | Error;
  readonly reads: CredentialSource[] = [];
  constructor(text: string | Error) {
    this.text = text;
  }
  async read(source: CredentialSource) {
    this.reads.push(source);
    if (this.text instanceof Error) throw this.text;
    return this.text;
  }
}

/** A table with the condition of the real one: what is there stays. */
export class FakeWebhookTrail implements WebhookTrail {
  readonly items = new Map<string, TrailItem>();
  failure: Error | undefined;
  /** Id of an item that it does not take. */
  refuse: string | undefined;
  async append(item: TrailItem) {
    if (this.failure) throw this.failure;
    if (item.id === this.refuse) throw new Error(`${item.id} is refused`);
    const key = `${item.pk}|${item.sk}`;
    if (this.items.has(key)) return 'duplicate';
    this.items.set(key, JSON.parse(JSON.stringify(item)));
    return 'stored';
  }
  async warm() {}
}

export const TOKEN = 'live_7d279f61a3499fed520f7cd8c08';
export const revoked = {
  event_id: 'evt_01jkdr0rc527wcjdg1txsdxhtf',
  event_type: 'client_token.revoked',
  occurred_at: '2025-06-27T11:26:10.253482Z',
  notification_id: 'ntf_01jkb92mpl7v4rfg8x3q5wz7bn',
  data: { id: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk', token: TOKEN, name: 'Pricing page', status: 'revoked' },
};

export interface RequestOptions {
  account?: string;
  secret?: string;
  /** Replaces the signature; `undefined` leaves it away. */
  header?: string | undefined;
  base64?: boolean;
}

/** The function with its world: `send` signs and delivers as Paddle and API Gateway would. */
export function ingestion(
  text: string | Error = SECRET,
  instruments: Partial<Pick<IngestParts, 'log' | 'metrics'>> = {},
) {
  const clock = new StillClock();
  const reader = new FakeReader(text);
  const sources = new Map<string, CredentialSource>([['sandbox', { secret: 'paddlewheel/sandbox/webhook-secret' }]]);
  const secrets = new WebhookSecrets(sources, reader, clock);
  const parts = {
    trail: new FakeWebhookTrail(),
    log: new RecordingLog(),
    metrics: new RecordingMetrics(),
    clock,
    secrets,
  };
  const ingest = createIngest({ ...parts, ...instruments, verify: standInVerify });

  const request = (body: string | Buffer, options: RequestOptions = {}): APIGatewayProxyEventV2 => {
    const { account = 'sandbox', secret = SECRET, base64 = false } = options;
    const raw = Buffer.from(body);
    const ts = String(Math.floor(clock.now() / 1000));
    const header = 'header' in options ? options.header : `ts=${ts};h1=${hash(secret, ts, raw)}`;
    return {
      pathParameters: { account },
      headers: header === undefined ? {} : { 'paddle-signature': header },
      body: base64 ? raw.toString('base64') : raw.toString('utf8'),
      isBase64Encoded: base64,
    } as unknown as APIGatewayProxyEventV2;
  };
  const send = (event: object | string, options?: RequestOptions) =>
    ingest(request(typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event), options));
  const kept = () => [...parts.trail.items.values()];
  const stored = () => kept().filter((item): item is WebhookItem => item.kind !== 'unreadable');
  const apart = () => kept().filter((item): item is UnreadableItem => item.kind === 'unreadable');
  return { ...parts, reader, ingest, request, send, kept, stored, apart };
}
