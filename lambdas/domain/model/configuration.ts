/** What the registrar wrote at the last deploy. */
import type { AccountSpec, Environment, IntegrationSpec } from '../../contract.ts';
import type { Instant } from './instant.ts';

/** One Paddle account in one environment, as the registrar wrote it. */
export interface Account extends AccountSpec {}

/** One integration's wishes, as the registrar wrote them at the last deploy. Only the registrar writes this. */
export interface IntegrationConfig extends IntegrationSpec {
  readonly environment: Environment;
  /** False once the integration has left the configuration: nothing is minted, published or revoked any more. */
  readonly managed: boolean;
  /** When this schedule came into force. Slots before it do not count, so that a deploy never makes a rotation due. */
  readonly scheduleSince: Instant;
}
