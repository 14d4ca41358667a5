/** The few calls to Paddle that a smoke test makes itself: to look, and to clear away. */
import { API_KEY_PREFIXES, HOSTS } from '../../lambdas/contract.ts';

const ANSWER_MS = 15_000;

export interface ClientToken {
  readonly id: string;
  readonly status: string;
  readonly token: string;
}

/** @throws RangeError for anything but the key of a sandbox: what is tried out must never be live */
export function mustBeSandboxKey(key: string | undefined): string {
  if (!key) throw new RangeError('PADDLE_SANDBOX_API_KEY is not set: the API key of a Paddle sandbox account');
  if (API_KEY_PREFIXES.live.some((prefix) => key.startsWith(prefix)))
    throw new RangeError('PADDLE_SANDBOX_API_KEY is a live key. Refused: nothing was called.');
  if (!API_KEY_PREFIXES.sandbox.some((prefix) => key.startsWith(prefix)))
    throw new RangeError(`PADDLE_SANDBOX_API_KEY does not begin with ${API_KEY_PREFIXES.sandbox.join(' or ')}`);
  return key;
}

export class SandboxPaddle {
  readonly apiKey: string;
  readonly #url: string;
  constructor(apiKey: string, url: string = HOSTS.sandbox) {
    this.apiKey = mustBeSandboxKey(apiKey);
    this.#url = url.replace(/\/+$/, '');
  }

  token = (id: string) => this.#call<ClientToken>('GET', `/client-tokens/${id}`);
  tokens = () => this.#call<readonly ClientToken[]>('GET', '/client-tokens?status=active');

  /** A token that is revoked already is as good. */
  async revoke(id: string): Promise<void> {
    if ((await this.token(id)).status !== 'revoked')
      await this.#call('PATCH', `/client-tokens/${id}`, { status: 'revoked' });
  }

  /** @returns how many there were */
  async removeDestinations(begin: string): Promise<number> {
    const all = await this.#call<readonly { id: string; destination: string }[]>('GET', '/notification-settings');
    const ours = all.filter(({ destination }) => destination.startsWith(begin));
    for (const { id } of ours) await this.#call('DELETE', `/notification-settings/${id}`);
    return ours.length;
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json', 'paddle-version': '1' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Paddle answered ${method} ${path.split('?')[0]} with ${answer.status}`);
    return text === '' ? (undefined as T) : (JSON.parse(text) as { data: T }).data;
  }
}
