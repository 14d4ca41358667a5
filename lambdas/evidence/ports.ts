/** What the evidence needs of the world. */
import type { SeenDay, Target, Usage } from '../domain/model.ts';

/** SSM and Secrets Manager, to read. */
export interface TargetReader {
  /** The text where the token belongs, whatever it is. `undefined`: there is none. */
  read(target: Target): Promise<string | undefined>;
}

export interface UsageReports {
  /** The latest report of every consumer of the integration. */
  usage(integration: string): Promise<readonly Usage[]>;
}

export interface SeenReports {
  /** What beacons said of the tokens of the integration, each token and day, for as long as it is kept. */
  seen(integration: string): Promise<readonly SeenDay[]>;
}

/** At most so many revocations per account and window, counted before the first destructive call. */
export interface RevocationCap {
  /** Takes one place in the account's current window; false when none is left. */
  reserve(account: string, max: number, tokenId: string): Promise<boolean>;
}

export type { PageReading, SiteFinding, SiteScanner } from './sites/finding.ts';
