import type { SimulatorClock } from './clock.ts';
import type { Deliveries } from './deliveries.ts';
import type { Faults } from './faults.ts';
import type { Ids } from './ids.ts';
import type { Quirks } from './quirks.ts';
import type { RateLimits } from './rate-limit.ts';
import type { Environment, State } from './state.ts';

/** Everything that the parts share. */
export interface World {
  /** Where the dashboard user works, unless they say otherwise. */
  readonly environment: Environment;
  readonly clock: SimulatorClock;
  readonly ids: Ids;
  readonly state: State;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly deliveries: Deliveries;
  /** Other Paddle accounts, by name: with tokens, destinations and events of their own. */
  readonly others: Map<string, World>;
  quirks: Quirks;
  /** The source of the shares; values in [0, 1). */
  chance: () => number;
}
