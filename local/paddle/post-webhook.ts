import http from 'node:http';
import https from 'node:https';

const MAX_KEPT_BODY = 1024;

export interface PostResult {
  /** 0: no answer. */
  readonly status: number;
  readonly contentType: string | null;
  /** The beginning of the answer; without an answer, why there was none. */
  readonly body: string;
}

export interface WebhookPost {
  readonly url: string;
  readonly body: string;
  readonly signature: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One attempt at one destination. Redirects are not followed. Resolves in any case, within `timeoutMs`. */
export function postWebhook({ url, body, signature, timeoutMs, signal }: WebhookPost): Promise<PostResult> {
  const { promise, resolve } = Promise.withResolvers<PostResult>();
  const failed = (why: string) => resolve({ status: 0, contentType: null, body: why });
  if (signal.aborted || !/^https?:/.test(url)) {
    failed('no connection');
    return promise;
  }
  const { request } = url.startsWith('https:') ? https : http;
  const headers = { 'Content-Type': 'application/json', 'User-Agent': 'Paddle', 'Paddle-Signature': signature };
  // One delivery, one connection: nothing is left open when the simulator stops.
  const outgoing = request(url, { method: 'POST', headers, agent: false });
  const end = () => outgoing.destroy();
  const timer = setTimeout(() => {
    failed('no answer in time');
    end();
  }, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  outgoing.on('error', () => failed('no connection'));
  outgoing.once('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    failed('no connection');
  });
  outgoing.once('response', async (response) => {
    const answer = { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? null };
    try {
      resolve({ ...answer, body: await beginning(response) });
    } catch {
      failed('no connection');
    }
    end();
  });
  outgoing.end(body);
  return promise;
}

async function beginning(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length >= MAX_KEPT_BODY) break;
  }
  return text.slice(0, MAX_KEPT_BODY);
}
