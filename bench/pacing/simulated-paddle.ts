/** The simulator of `local/paddle` without its sockets: its API, and its 240 calls a minute and address with their lock-out. */
import { randomUUID } from 'node:crypto';
import type { Transport } from '../../lambdas/paddle/transport.ts';
import { answer, apiRoutes, refused } from '../../local/paddle/api.ts';
import { createToken } from '../../local/paddle/client-tokens.ts';
import { Refusal } from '../../local/paddle/errors.ts';
import { createWorld } from '../../local/paddle/simulator.ts';
import type { VirtualTime } from './virtual-time.ts';

/** To Paddle and back. */
const ROUND_TRIP_MS = 150;
const RULES = { perMinute: 240, lockOutMs: 60_000 };

export class SimulatedPaddle {
  lockOuts = 0;
  readonly calls = new Map<string, number>();
  readonly #time: VirtualTime;
  /** A world for each account, one set of limits for all: Paddle counts addresses. */
  readonly #accounts = new Map<
    string,
    ReturnType<typeof createWorld> & { readonly routes: ReturnType<typeof apiRoutes> }
  >();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  keyOf(account: string): string {
    return this.#account(account).apiKeys[0] ?? '';
  }

  /** A token that is there from the beginning. */
  token(account: string, name: string) {
    return createToken(this.#account(account).world, 'sandbox', { name });
  }

  transport(account: string, address: string): Transport {
    const { world, routes } = this.#account(account);
    const limits = this.#limits;
    return {
      close: () => {},
      send: async (request) => {
        await this.#time.sleep(ROUND_TRIP_MS / 2);
        const requestId = randomUUID();
        const { method, url, headers, body = '' } = request;
        this.calls.set(address, (this.calls.get(address) ?? 0) + 1);
        let response: ReturnType<typeof answer>;
        try {
          limits.count(address, this.#time.now(), RULES);
          response = answer(world, routes, { method, url, headers: { ...headers }, text: body, requestId });
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          this.lockOuts += 1;
          response = refused(error, requestId);
        }
        await this.#time.sleep(ROUND_TRIP_MS / 2);
        const sent = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]);
        const text = response.text ?? JSON.stringify(response.json ?? {});
        return { status: response.status, headers: Object.fromEntries(sent), body: text };
      },
    };
  }

  get #limits() {
    return this.#account('').world.limits;
  }

  #account(name: string) {
    const known = this.#accounts.get(name);
    if (known) return known;
    const created = createWorld({ clock: this.#time, seed: this.#accounts.size + 1 });
    const account = { ...created, routes: apiRoutes(created.world) };
    this.#accounts.set(name, account);
    return account;
  }
}
