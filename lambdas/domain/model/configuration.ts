/** What the registrar wrote, at a deploy or when it was asked to. */
import type { AccountSpec, Environment, IntegrationSpec } from '../../contract.ts';
import type { Instant } from './instant.ts';

/** Whose an entry is, and who alone may change it. Absent: the configuration file's. */
export interface Owned {
  readonly owner?: 'api';
  /** Only with an owner: 1 at first, and one more with each change. */
  readonly revision?: number;
}

/** One Paddle account in one environment, as the registrar wrote it. */
export interface Account extends AccountSpec, Owned {
  /** False once the API has unregistered it. Absent: true. */
  readonly managed?: boolean;
}

/** One integration's wishes, as the registrar wrote them at the last deploy. Only the registrar writes this. */
export interface IntegrationConfig extends IntegrationSpec, Owned {
  readonly environment: Environment;
  /** False once the integration has left the configuration: nothing is minted, published or revoked any more. */
  readonly managed: boolean;
  /** When this schedule came into force. Slots before it do not count, so that a deploy never makes a rotation due. */
  readonly scheduleSince: Instant;
}
