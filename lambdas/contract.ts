/**
 * What `infra/` and `lambdas/` agree on: names of resources, environment variables, metrics and events.
 * Imports nothing. A name that people, scripts, alarms or rules rely on is written here and nowhere else.
 */

/** Fixed, prefixed names, so that people and scripts can find things without reading stack outputs. */
export const NAMES = {
  stack: 'Paddlewheel',
  ledger: 'paddlewheel-ledger',
  auditTrail: 'paddlewheel-audit-trail',
  bus: 'paddlewheel',
  lookQueue: 'paddlewheel-look.fifo',
  lookDeadLetters: 'paddlewheel-look-dead-letters.fifo',
  failures: 'paddlewheel-failures',
  heartbeat: 'paddlewheel-heartbeat',
  rotate: 'paddlewheel-rotate',
  webhook: 'paddlewheel-webhook',
  observe: 'paddlewheel-observe',
  usage: 'paddlewheel-usage',
  registrar: 'paddlewheel-registrar',
  archive: 'paddlewheel-archive',
  api: 'paddlewheel-webhooks',
  /** Where a webhook secret is kept when the configuration names no other place. */
  webhookSecret: (account: string) => `paddlewheel/${account}/webhook-secret`,
  webhookPath: (account: string) => `/webhooks/paddle/${account}`,
} as const;

/** Environment variables of the functions. `infra/` sets them, `lambdas/shared/env.ts` reads them. */
export const ENV = {
  ledgerTable: 'LEDGER_TABLE',
  auditTable: 'AUDIT_TABLE',
  lookQueueUrl: 'LOOK_QUEUE_URL',
  busName: 'BUS_NAME',
  /** JSON: account name -> id of the Secrets Manager secret or SSM SecureString that holds its webhook secret(s). */
  webhookSecrets: 'WEBHOOK_SECRETS',
  /**
   * `host:port`s, separated by commas, that the site scan may reach although they are not public. Set only for the
   * local AWS, whose demo site is on this machine; absent everywhere else.
   */
  scanPrivateHosts: 'SCAN_PRIVATE_HOSTS',
  /** ARNs of our own roles that read targets, separated by commas. Present: reads that CloudTrail saw are usage. */
  ownRoles: 'OWN_ROLES',
} as const;

/** The sparse index of what is due: one partition per shard, sorted by the instant. */
export const DUE_INDEX = { name: 'due', partitionKey: 'dueShard', sortKey: 'dueAt', shards: 4 } as const;
/** The audit trail by day, for reports. */
export const DAY_INDEX = { name: 'by-day', partitionKey: 'day', sortKey: 'sk' } as const;

export const METRIC_NAMESPACE = 'Paddlewheel';
/** Few and named: each costs money in every account that deploys this. No integration dimension, ever. */
export const METRICS = {
  /** A look ended with trouble: the rotation waits and retries. */
  rotationTrouble: 'RotationTrouble',
  /** A token became current at every target. */
  tokenPublished: 'TokenPublished',
  tokenRevoked: 'TokenRevoked',
  /** A revocation that is due was refused for want of evidence. */
  revocationHeld: 'RevocationHeld',
  /** A webhook was verified and stored. */
  webhookStored: 'WebhookStored',
  /** A webhook was refused; dimension `reason`. */
  webhookRefused: 'WebhookRefused',
  /** Seconds by which the most overdue integration is late, written by the heartbeat. */
  overdueSeconds: 'OverdueSeconds',
  /** Somebody other than Paddlewheel changed a token that Paddlewheel manages. */
  outOfBandChange: 'OutOfBandChange',
  /** A revocation that failed so often that a person must look. */
  revocationStuck: 'RevocationStuck',
} as const;

export const EVENT_SOURCE = 'paddlewheel';
/** Audit record type -> EventBridge `detail-type`. Every state change is announced. */
export const EVENT_TYPES = {
  'rotation.intended': 'Client Token Rotation Started',
  'rotation.escalated': 'Client Token Rotation Escalated',
  'rotation.abandoned': 'Client Token Rotation Abandoned',
  'rotation.trouble': 'Client Token Rotation Delayed',
  'token.minted': 'Client Token Minted',
  'token.adopted': 'Client Token Adopted',
  'token.published': 'Client Token Published',
  'token.superseded': 'Client Token Superseded',
  'token.deployed': 'Client Token Deployed',
  'token.restored': 'Client Token Restored',
  'token.held': 'Client Token Revocation Held',
  'token.released': 'Client Token Revocation Released',
  'token.revoking': 'Client Token Revocation Started',
  'token.spared': 'Client Token Revocation Interrupted',
  'token.revoked': 'Client Token Revoked',
  'token.lost': 'Client Token Revoked Externally',
  'token.orphaned': 'Client Token Orphan Found',
  'token.foreign': 'Client Token Foreign Found',
  'token.stuck': 'Client Token Revocation Stuck',
  'integration.paused': 'Integration Paused',
  'integration.resumed': 'Integration Resumed',
} as const;
export type RecordType = keyof typeof EVENT_TYPES;

/** What `paddlewheel-rotate` takes on its queue. The cause is for the record only: every cause says "look now". */
export interface LookMessage {
  readonly integration: string;
  readonly cause: 'due' | 'deploy' | 'webhook' | 'usage';
  /** Set by a webhook: ask Paddle about this token, whatever the ledger believes. */
  readonly suspect?: string;
}

export const HOSTS = {
  sandbox: 'https://sandbox-api.paddle.com',
  live: 'https://api.paddle.com',
} as const;
export type Environment = keyof typeof HOSTS;
/** Every token value begins with its environment's prefix; so does every API key. */
export const TOKEN_PREFIX = { sandbox: 'test_', live: 'live_' } as const;
export const API_KEY_PREFIXES = { sandbox: ['pdl_sdbx_', 'pdl_test_'], live: ['pdl_live_'] } as const;

/** When an integration rotates: a fixed distance (ms), or cron (five fields) in an IANA time zone. */
export type Schedule = { readonly every: number } | { readonly cron: string; readonly timezone: string };

/** Where a token is published. */
export type Target =
  | { readonly kind: 'ssm'; readonly name: string }
  | { readonly kind: 'secret'; readonly name: string };

/** Where a credential is kept: a Secrets Manager secret (name or ARN) or an SSM SecureString. */
export type CredentialSource = { readonly secret: string } | { readonly ssmParameter: string };

export interface SiteCheck {
  readonly url: string;
  /** Origins, besides the page's own, from which scripts are followed. */
  readonly extraOrigins: readonly string[];
}

/** One account of the configuration, as `infra/` hands it to the registrar: every default filled in, all times in ms. */
export interface AccountSpec {
  readonly name: string;
  readonly environment: Environment;
  /** `https://sandbox-api.paddle.com`, `https://api.paddle.com`, or a stand-in; no trailing slash. */
  readonly apiUrl: string;
  readonly apiKey: CredentialSource;
  readonly webhookSecret: CredentialSource;
  readonly maxRevocationsPerRun: number;
}

/** One integration of the configuration, as `infra/` hands it to the registrar. */
export interface IntegrationSpec {
  readonly name: string;
  readonly account: string;
  readonly schedule: Schedule;
  readonly graceMs: number;
  /** `deployed`: the grace window starts when a consumer reports the new token live, not when it was published. */
  readonly graceFrom: 'published' | 'deployed';
  readonly targets: readonly Target[];
  readonly consumers: readonly string[];
  readonly sites: readonly SiteCheck[];
  /** Clean scans needed before a revocation, and the least time from the first to the last of them. */
  readonly scans: { readonly count: number; readonly overMs: number };
  /** A consumer that has not reported for this long no longer counts. */
  readonly lookBackMs: number;
  /** A hold that lasts longer than this raises an alarm. */
  readonly holdAlarmAfterMs: number;
  /** Take this existing token (`ctkn_…`) over as the first current one instead of minting. */
  readonly adopt?: string;
}

/** Properties of the one custom resource: the whole configuration. CloudFormation hands every leaf over as text, so it goes as JSON. */
export interface RegistrarProperties {
  /** JSON of `{ accounts: AccountSpec[], integrations: IntegrationSpec[] }`. */
  readonly configuration: string;
}
