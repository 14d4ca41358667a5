/** Paddle as the tour meets it: the bundled simulator, or any Paddle-compatible API that the environment names. */
import { createHmac, randomUUID } from 'node:crypto';
import { startPaddleSimulator } from '../paddle/simulator.ts';

export interface PaddleSide {
  readonly title: string;
  readonly url: string;
  readonly simulated: boolean;
  readonly apiKey: string;
  readonly paddleJs?: string;
  /** Given for a Paddle that cannot reach this machine; otherwise the deploy registers the destination. */
  readonly webhookSecret?: string;
  statusOf(tokenId: string): Promise<string>;
  /** As somebody does in the dashboard. Only the simulator has one here. */
  revoke?(tokenId: string): void;
  /** Waits for what is still to be delivered. @returns the ids of all events about these tokens that were sent */
  deliverOutstanding(url: string, tokenIds: readonly string[]): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** @throws Error naming what is missing, when a Paddle is given without its key or webhook secret */
export async function connectPaddle(env: Readonly<Record<string, string | undefined>>): Promise<PaddleSide> {
  const url = env.PADDLEWHEEL_PADDLE_URL?.replace(/\/+$/, '');
  if (!url) return simulatedPaddle();
  const { PADDLEWHEEL_PADDLE_API_KEY: apiKey, PADDLEWHEEL_WEBHOOK_SECRET: secret } = env;
  const missing = Object.entries({ PADDLEWHEEL_PADDLE_API_KEY: apiKey, PADDLEWHEEL_WEBHOOK_SECRET: secret })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!apiKey || !secret) throw new Error(`PADDLEWHEEL_PADDLE_URL is set, so ${missing.join(' and ')} must be, too`);
  return givenPaddle(url, apiKey, secret);
}

async function simulatedPaddle(): Promise<PaddleSide> {
  const simulator = await startPaddleSimulator({ quirks: { webhooks: { maxAttempts: 20 } } });
  const call = createCall(simulator.url, simulator.apiKey);
  return {
    title: 'Paddle simulator',
    url: simulator.url,
    simulated: true,
    apiKey: simulator.apiKey,
    paddleJs: `${simulator.url}/paddle/v2/paddle.js`,
    statusOf: async (id) => (await call<{ status: string }>('GET', `/client-tokens/${id}`)).status,
    revoke: (id) => void simulator.control.dashboard.revoke(id),
    async deliverOutstanding(_url, tokenIds) {
      await simulator.control.deliveries.idle(20_000);
      return simulator.control
        .state()
        .events.filter((event) => event.entity_id !== null && tokenIds.includes(event.entity_id))
        .map((event) => event.id);
    },
    stop: () => simulator.stop(),
  };
}

/** Somebody else's Paddle cannot reach this machine's loopback, so the tour signs and sends what it would send. */
function givenPaddle(url: string, apiKey: string, secret: string): PaddleSide {
  const call = createCall(url, apiKey);
  return {
    title: 'the given Paddle',
    url,
    simulated: false,
    apiKey,
    webhookSecret: secret,
    statusOf: async (id) => (await call<{ status: string }>('GET', `/client-tokens/${id}`)).status,
    async deliverOutstanding(destination, tokenIds) {
      const sent: string[] = [];
      for (const id of tokenIds) {
        const data = await call<{ status: string; created_at: string; revoked_at: string | null }>(
          'GET',
          `/client-tokens/${id}`,
        );
        const types = data.status === 'revoked' ? ['created', 'revoked'] : ['created'];
        for (const type of types) sent.push(await sendEvent(destination, secret, `client_token.${type}`, data));
      }
      return sent;
    },
    stop: async () => {},
  };
}

async function sendEvent(
  destination: string,
  secret: string,
  type: string,
  data: { created_at: string; revoked_at: string | null },
): Promise<string> {
  const id = () => randomUUID().replaceAll('-', '').slice(0, 26);
  const event_id = `evt_${id()}`;
  const occurred_at = (type.endsWith('revoked') && data.revoked_at) || data.created_at;
  const body = JSON.stringify({ event_id, event_type: type, occurred_at, notification_id: `ntf_${id()}`, data });
  const ts = Math.floor(Date.now() / 1000);
  const h1 = createHmac('sha256', secret).update(`${ts}:${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'paddle-signature': `ts=${ts};h1=${h1}` };
  const answer = await fetch(destination, { method: 'POST', body, headers, signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  if (answer.status !== 200) throw new Error(`the webhook ${type} was answered ${answer.status}`);
  return event_id;
}

function createCall(url: string, apiKey: string) {
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'paddle-version': '1' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}`);
    return (JSON.parse(text) as { data: T }).data;
  };
}
