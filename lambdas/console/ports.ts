import type { IntegrationConfig, IntegrationState, SeenDay, Usage } from '../domain/model.ts';
import type { TrailEntry } from './view.ts';

export interface Loaded {
  readonly config: IntegrationConfig;
  readonly state: IntegrationState;
}

/** What the console reads of ledger and trail. It writes nothing. */
export interface Readings {
  /** Of every integration that was ever registered. */
  names(): Promise<readonly string[]>;
  /** Those that are there, in any order. */
  load(names: readonly string[]): Promise<readonly Loaded[]>;
  usage(integration: string): Promise<readonly Usage[]>;
  seen(integration: string): Promise<readonly SeenDay[]>;
  /** The last records of the integration and of these tokens, the newest first. */
  trail(integration: string, tokenIds: readonly string[]): Promise<readonly TrailEntry[]>;
}
