/** A Paddle of one's own: `startPaddleSimulator()` gives a running one. See README.md beside this file. */
import { randomInt } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type ApiKeyRequest, createApiKey } from './api-keys.ts';
import { type BaseClock, SimulatorClock } from './clock.ts';
import { type Control, createControl } from './control.ts';
import { Deliveries } from './deliveries.ts';
import { Faults } from './faults.ts';
import { createIds, seededRandom } from './ids.ts';
import { DEFAULT_QUIRKS, type QuirksChange } from './quirks.ts';
import { RateLimits } from './rate-limit.ts';
import { createPaddleServer } from './server.ts';
import { type Environment, State } from './state.ts';
import type { World } from './world.ts';

export type { ApiKeyRequest, CreatedApiKey } from './api-keys.ts';
export type { ClientTokenJson, Control, SimulatorState } from './control.ts';
export type { FaultRequest } from './faults.ts';
export type { Permission } from './permissions.ts';
export type { QuirksChange } from './quirks.ts';
export type { Environment } from './state.ts';

export interface SimulatorOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** That of the first key, and of what the dashboard user makes. Absent: that of `apiKeys[0]`, else `sandbox`. */
  readonly environment?: Environment;
  /** Absent: one key of the environment, with every permission. */
  readonly apiKeys?: readonly ApiKeyRequest[];
  /** Absent: the machine's. */
  readonly clock?: BaseClock;
  /** Turned from the start, and again by each reset. */
  readonly quirks?: QuirksChange;
  /** Of ids, token values and shares, 32 bits. Absent: another one each time. */
  readonly seed?: number;
}

export interface PaddleSimulator {
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly url: string;
  /** The first of `apiKeys`. */
  readonly apiKey: string;
  readonly apiKeys: readonly string[];
  readonly environment: Environment;
  readonly control: Control;
  /** Closes every connection and breaks off every delivery. */
  stop(): Promise<void>;
}

/**
 * @throws RangeError for an API key that is not in Paddle's format
 * @throws Error when the port is taken
 */
export async function startPaddleSimulator(options: SimulatorOptions = {}): Promise<PaddleSimulator> {
  const { world, apiKeys } = createWorld(options);
  const control = createControl(world, options.quirks);
  world.clock.onChange(() => world.deliveries.pump());
  const stopping = new AbortController();
  const server = createPaddleServer(world, control, stopping.signal);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: apiKeys[0] ?? '',
    apiKeys,
    environment: world.environment,
    control,
    async stop() {
      stopping.abort();
      for (const each of [world, ...world.others.values()]) each.deliveries.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The simulator without its sockets. */
export function createWorld(options: SimulatorOptions): { world: World; apiKeys: string[] } {
  const seed = options.seed ?? randomInt(2 ** 32);
  const clock = new SimulatorClock(options.clock ?? { now: () => Date.now() });
  // Two streams: turning a knob of the shares leaves the ids as they were.
  const ids = createIds(seededRandom(seed), clock);
  const state = new State();
  const environment = options.environment ?? environmentOf(options.apiKeys?.[0]) ?? 'sandbox';
  const requests = options.apiKeys?.length ? options.apiKeys : [{ environment }];
  const apiKeys = requests.map((request) => createApiKey({ ids, clock, state, environment }, request).key);
  const world: World = {
    environment,
    clock,
    ids,
    state,
    faults: new Faults(),
    limits: new RateLimits(),
    deliveries: new Deliveries(() => world),
    others: new Map(),
    quirks: DEFAULT_QUIRKS,
    chance: seededRandom(seed ^ 0x5eed),
  };
  return { world, apiKeys };
}

function environmentOf(request: ApiKeyRequest | undefined): Environment | undefined {
  if (request?.environment) return request.environment;
  if (request?.key === undefined) return undefined;
  return request.key.startsWith('pdl_live_') ? 'live' : 'sandbox';
}
