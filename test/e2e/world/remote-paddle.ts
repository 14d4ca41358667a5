/** One account's Paddle as a test holds its strings: over HTTP, since it lives in jest's own process. */
import type { Control, FaultRequest, QuirksChange, SimulatorState } from '../../../local/paddle/simulator.ts';

export class RemotePaddle {
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }

  state = () => this.#call<SimulatorState>('GET', 'state');
  /** Strikes the next matching request, unless it says otherwise. */
  fault = (fault: FaultRequest) => this.#call('POST', 'faults', fault);
  clearFaults = () => this.#call('DELETE', 'faults');
  quirks = (change: QuirksChange) => this.#call('PATCH', 'quirks', change);
  revokeInDashboard = (id: string) => this.#call('POST', `dashboard/client-tokens/${id}/revoke`, {});
  createInDashboard = (name: string, environment?: 'sandbox' | 'live') =>
    this.#call<{ id: string; token: string }>('POST', 'dashboard/client-tokens', { name, environment });
  revokeApiKey = (id: string) => this.#call('POST', `api-keys/${id}/revoke`, {});
  createApiKey = (account?: string) =>
    this.#call<ReturnType<Control['apiKeys']['create']>>('POST', 'api-keys', account ? { account } : {});
  rotateSecret = (destination: string, order: 'new-first' | 'old-first') =>
    this.#call('POST', `notification-settings/${destination}/rotate-secret`, { order });
  finishSecretRotation = (destination: string) =>
    this.#call('POST', `notification-settings/${destination}/finish-secret-rotation`, {});

  /** `active`, `revoked`, or `undefined` for a token that is not there. */
  async statusOf(tokenId: string): Promise<string | undefined> {
    return (await this.state()).tokens.find((token) => token.id === tokenId)?.status;
  }

  /** Tokens that bear a name of this integration's rotations, oldest first. */
  async tokensNamedFor(integration: string) {
    return (await this.state()).tokens.filter((token) => token.name.startsWith(`${integration} · `));
  }

  /** Requests of Paddlewheel's, in the order in which they came: `POST /client-tokens`. */
  async requests(): Promise<string[]> {
    return (await this.state()).requests.map(({ method, path }) => `${method} ${path}`);
  }

  async #call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/_simulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
