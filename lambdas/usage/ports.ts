/** What reporting usage needs of the world. */
import type { ConsumerSpec, Environment } from '../contract.ts';
import type { Instant, Reporter, Token } from '../domain/model.ts';
import type { Place } from '../domain/usage.ts';

/** The ledger's configuration and state, read consistently, never written: only `rotate` writes the state. */
export interface StateReader {
  load(integration: string): Promise<
    | {
        config: { readonly environment: Environment; readonly consumers?: readonly (string | ConsumerSpec)[] };
        state: {
          readonly tokens: readonly Pick<Token, 'id' | 'value' | 'status'>[];
          /** Revoked ones that the state has forgotten else. */
          readonly watch?: { readonly tokens: readonly { readonly id: string; readonly value: string }[] };
        };
      }
    | undefined
  >;
}

export interface UsageReport {
  readonly integration: string;
  readonly consumer: string;
  readonly tokenId: string;
  readonly build?: string;
  readonly phase: 'build' | 'deploy';
  readonly branch?: string;
  readonly stage?: string;
  /** Each place keeps its own last word, so that a preview never takes the place of production. */
  readonly place: Place;
  /** When we heard of it. */
  readonly at: Instant;
  readonly by?: Reporter;
}

/** The usage records in the ledger. */
export interface UsageRecords {
  /** The token that this consumer last reported for this build, in either phase; `undefined` when it never did. */
  tokenOfBuild(integration: string, consumer: string, build: string): Promise<string | undefined>;
  /**
   * Stores the report as the consumer's latest, and in the history of its build. Repeating it changes nothing; an older report
   * never replaces a newer one, neither as the latest nor as the last deployment.
   */
  record(report: UsageReport): Promise<void>;
}
