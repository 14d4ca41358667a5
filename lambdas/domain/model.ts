/** The nouns of the domain, as the ledger keeps them. Plain data: no methods, no SDK, no clock. */
export type { CredentialSource, Schedule, SiteCheck, Target } from '../contract.ts';
export type * from './model/audit-record.ts';
export type * from './model/configuration.ts';
export type * from './model/evidence.ts';
export type * from './model/instant.ts';
export type * from './model/rotation.ts';
export type * from './model/state.ts';
export type * from './model/token.ts';
export type * from './model/watch.ts';
