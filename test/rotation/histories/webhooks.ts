/** Paddle's webhooks, through the real receiver and the real observer: sent again, out of order, forged. */
import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { PaddleToken } from '../../../lambdas/domain/model.ts';
import type { QueuedReconcile } from '../../../lambdas/domain/ports.ts';
import { DAY } from '../../../lambdas/domain/time.ts';
import { createObserve } from '../../../lambdas/observe/observe.ts';
import type { AttributionItem } from '../../../lambdas/observe/ports.ts';
import { createIngest } from '../../../lambdas/webhook/ingest.ts';
import { verifySignature } from '../../../lambdas/webhook/verify-signature.ts';
import { WebhookSecrets } from '../../../lambdas/webhook/webhook-secrets.ts';
import { RecordingMetrics } from '../../fakes/runtime.ts';
import { inserted } from '../../observe/fakes.ts';
import { FakeReader, FakeWebhookTrail } from '../../webhook/fakes.ts';
import type { Stage } from './stage.ts';

const SECRET = 'pdl_ntfset_01h_histories';
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

export interface PaddleEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly token: PaddleToken;
  readonly byUs: boolean;
  delivered: number;
}

export class Webhooks {
  readonly events: PaddleEvent[] = [];
  readonly #stage: Stage;
  readonly #trail = new FakeWebhookTrail();
  readonly #attributions = new Map<string, AttributionItem>();
  readonly #ingest;
  readonly #observe;
  readonly #answered = new Set<string>();

  constructor(stage: Stage, send: (request: QueuedReconcile) => void) {
    this.#stage = stage;
    const { clock, account, ledger } = stage;
    const parts = { clock, log: SILENT, metrics: new RecordingMetrics() };
    const sources = new Map([[account.name, { secret: 'webhook-secret' }]]);
    const secrets = new WebhookSecrets(sources, new FakeReader(SECRET), clock);
    this.#ingest = createIngest({ ...parts, secrets, verify: verifySignature, trail: this.#trail });
    this.#observe = createObserve({
      ...parts,
      ledger,
      reports: ledger,
      bus: { announce: async () => {} },
      keys: { isSellers: async () => false, read: async () => undefined },
      chain: { append: async () => 'chained' },
      queue: { send: async (requests) => requests.forEach(send) },
      direct: { reconcile: async (integration) => send({ integration, cause: 'webhook', key: 'direct' }) },
      trail: {
        append: async (item) => {
          if (this.#attributions.has(item.id)) return 'duplicate';
          this.#attributions.set(item.id, item);
          return 'stored';
        },
      },
    });
  }

  happened(type: 'created' | 'revoked', token: PaddleToken, byUs: boolean): void {
    const at = this.#stage.clock.iso();
    const id = `evt_${String(this.events.length).padStart(26, '0')}`;
    this.events.push({ id, type: `client_token.${type}`, at, token, byUs, delivered: 0 });
  }

  async deliver(event: PaddleEvent): Promise<void> {
    const { clock, account, oracle } = this.#stage;
    const { id, type, at, token } = event;
    const data = { id: token.id, token: token.token, name: token.name, status: token.status };
    const body = JSON.stringify({
      event_id: id,
      event_type: type,
      occurred_at: at,
      notification_id: `ntf_${id}`,
      data,
    });
    const request = (secret: string) => {
      const ts = String(Math.floor(clock.now() / 1000));
      const h1 = createHmac('sha256', secret).update(`${ts}:${body}`).digest('hex');
      const headers = { 'paddle-signature': `ts=${ts};h1=${h1}` };
      return {
        pathParameters: { account: account.name },
        headers,
        body,
        isBase64Encoded: false,
      } as unknown as APIGatewayProxyEventV2;
    };
    const kept = this.#trail.items.size;
    const forged = await this.#ingest(request('pdl_ntfset_forged'));
    if (forged.statusCode === 200 || this.#trail.items.size !== kept) oracle.fault(`a forged ${id} was taken`);
    const { statusCode } = await this.#ingest(request(SECRET));
    if (statusCode !== 200) {
      oracle.fault(`${id} was answered ${statusCode}`);
      return;
    }
    event.delivered += 1;
    this.#answered.add(id);
    const stored = [...this.#trail.items.values()].filter((item) => item.id === id);
    if (stored.length !== 1 || this.#trail.items.size !== this.#answered.size)
      oracle.fault(`${id} is in the trail ${stored.length} times`);
    const failed = await this.#observe({ Records: stored.map((item) => inserted(item)) });
    if (failed.batchItemFailures.length > 0) oracle.fault(`${id} could not be followed up`);
    this.#attributed(event);
    const owner = this.#stage.chronicle.tokens.get(token.id)?.owner;
    if (type === 'client_token.revoked' && !event.byUs && owner) oracle.healing.told(owner, token.token);
  }

  #attributed({ id, type, at, byUs, token }: PaddleEvent): void {
    const actor = this.#attributions.get(`${id}#attribution`)?.actor;
    const { oracle, chronicle } = this.#stage;
    const life = chronicle.tokens.get(token.id);
    if (!life) return;
    // A mint in doubt is remembered for a day. If others took the token over, nobody knows by then whose it was.
    const isForgotten = this.#stage.clock.now() > Date.parse(at) + DAY && !token.name.startsWith(`${life.owner} · `);
    if (byUs && actor !== 'paddlewheel' && actor !== 'unknown' && !isForgotten)
      oracle.fault(`${type} of ${token.id} was ours, and is attributed to ${actor}`);
    // Others may have been faster than a revocation of ours that was under way: both answers are right then.
    const state = this.#stage.ledger.states.get(life.owner ?? '');
    const wasUnderWay = state?.tokens.find((each) => each.id === token.id)?.revokingSince !== undefined;
    if (!byUs && actor === 'paddlewheel' && !wasUnderWay)
      oracle.fault(`${type} of ${token.id} was not ours, and is attributed to us`);
  }
}
