/** A Paddle client against a scripted server, and Paddle's answers in short. */

import { EffectError } from '../../lambdas/domain/errors.ts';
import type { ApiKeySource } from '../../lambdas/paddle/api-key.ts';
import { createPaddleClient, type PaddleClient, type PaddleClientOptions } from '../../lambdas/paddle/client.ts';
import { createLocalThrottle } from '../../lambdas/paddle/throttle.ts';
import { type Reply, ScriptedHttp } from '../fakes/scripted-http.ts';

export const NOW = Date.parse('2026-11-22T06:00:00.000Z');
export const KEY = 'pdl_sdbx_apikey_01kaaaaaaaaaaaaaaaaaaaaaaa_old0000000000000000000_abc';
export const NEW_KEY = 'pdl_sdbx_apikey_01kaaaaaaaaaaaaaaaaaaaaaaa_new0000000000000000000_abc';

/** The cached key, and what a fresh reading finds. Every reading is remembered. */
export class FakeApiKey implements ApiKeySource {
  readonly readings: ('cached' | 'fresh')[] = [];
  cached = KEY;
  stored = KEY;
  async get({ fresh = false } = {}): Promise<string> {
    this.readings.push(fresh ? 'fresh' : 'cached');
    if (fresh) this.cached = this.stored;
    return this.cached;
  }
}

export class FakeClock {
  time = NOW;
  now(): number {
    return this.time;
  }
}

const opened: { server: ScriptedHttp; client: PaddleClient }[] = [];

/** A client with a short fuse and no rests, so that a test of a dead server takes no time. */
export async function openPaddle(options: Partial<PaddleClientOptions> = {}) {
  const server = await new ScriptedHttp().open();
  const apiKey = new FakeApiKey();
  const clock = new FakeClock();
  const throttle = createLocalThrottle();
  const rests: number[] = [];
  const client = createPaddleClient({
    apiUrl: server.url,
    environment: 'sandbox',
    apiKey,
    throttle,
    clock,
    rest: async (ms) => {
      rests.push(ms);
      clock.time += ms;
    },
    random: () => 0.5,
    ...options,
  });
  opened.push({ server, client });
  return { server, client, apiKey, clock, throttle, rests };
}

export async function closeAll(): Promise<void> {
  for (const { server, client } of opened.splice(0)) {
    client.close();
    await server.close();
  }
}

/** `ctkn_` and 26 characters that end in `n`. */
export const tokenId = (n: number) => `ctkn_${String(n).padStart(26, '0')}`;
export const ID = tokenId(1);

export const entity = (changes: Record<string, unknown> = {}) => ({
  id: ID,
  token: `test_${'7d279f61a3499fed520f7cd8c08'}`,
  name: 'pricing-page · 01K',
  description: null,
  status: 'active',
  created_at: '2026-11-22T05:59:00.123456Z',
  updated_at: '2026-11-22T05:59:00.123456Z',
  revoked_at: null,
  ...changes,
});

export const revoked = { status: 'revoked', revoked_at: '2026-11-22T06:00:00.000Z' };

export const answered = (data: unknown, status = 200): Reply => ({
  status,
  body: { data, meta: { request_id: 'req-1' } },
});

export const page = (tokens: unknown[], next: string | null, hasMore = next !== null): Reply => ({
  status: 200,
  body: {
    data: tokens,
    meta: { request_id: 'req-1', pagination: { per_page: 200, next, has_more: hasMore, estimated_total: 1 } },
  },
});

export const refused = (
  status: number,
  code: string,
  detail = 'because',
  headers: Record<string, string> = {},
): Reply => ({
  status,
  headers,
  body: { error: { type: 'request_error', code, detail }, meta: { request_id: 'req-1' } },
});

export const HTML: Reply = { status: 502, headers: { 'request-id': 'edge-7' }, body: '<html>Bad gateway</html>' };

/** `AmbiguousError http_502`: class and code of what a call ended in; a value is a failure. */
export async function ending(call: Promise<unknown>): Promise<string> {
  const error = await caught(call);
  return `${error.name} ${error.code}`;
}

export async function caught(call: Promise<unknown>): Promise<EffectError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof EffectError) return error;
    throw error;
  }
  throw new Error('it ended in a value');
}

/** Everything that an error says, down through its causes: nothing secret may be in there. */
export function wholeText(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  const inner = error instanceof AggregateError ? error.errors.map(wholeText) : [];
  return [error.stack, JSON.stringify(error), error.cause ? wholeText(error.cause) : '', ...inner].join('\n');
}
