/**
 * What `infra/` and `lambdas/` agree on: names of resources, environment variables, metrics and events.
 * Imports nothing. A name that people, scripts, alarms or rules rely on is written here and nowhere else.
 */

/** `live-eu` -> `LiveEu`. */
export const pascalCase = (name: string): string =>
  name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

/** Begins every name, so that several installations can live in one account and region. */
export const DEFAULT_PREFIX = 'paddlewheel';

/** Of `rotate`: takes all but what ends a token without grace and evidence. IAM sees an alias, and no payload. */
export const OPERATE_ALIAS = 'operate';

/** Of `usage`: the only way in for reports of a consumer that is bound to a role. Its policy names that role. */
export const consumerAlias = (consumer: string): string => `${CONSUMER_ALIAS}${consumer.replaceAll('.', '_')}`;
export const CONSUMER_ALIAS = 'consumer-';

/** Of the registrar: the way in for entries of any name, and for those whose names begin with a prefix. IAM sees an alias, and no payload. */
export const REGISTER_ALIAS = 'register';
export const ONLY_ALIAS = 'only-';

/**
 * Fixed, prefixed names, so that people and scripts can find things without reading stack outputs. What outlives the stack has none: a
 * fixed name would keep the next deploy from making it again. Parameters say what the tables are called.
 */
export const namesFor = (prefix: string) =>
  ({
    stack: pascalCase(prefix),
    ledgerTableParameter: `/${prefix}/ledger-table`,
    auditTableParameter: `/${prefix}/audit-trail-table`,
    bus: prefix,
    reconcileQueue: `${prefix}-reconcile.fifo`,
    reconcileDeadLetters: `${prefix}-reconcile-dead-letters.fifo`,
    failures: `${prefix}-failures`,
    heartbeat: `${prefix}-heartbeat`,
    rotate: `${prefix}-rotate`,
    /** As `FunctionName` of an invocation. */
    operate: `${prefix}-rotate:${OPERATE_ALIAS}`,
    status: `${prefix}-status`,
    webhook: `${prefix}-webhook`,
    observe: `${prefix}-observe`,
    usage: `${prefix}-usage`,
    registrar: `${prefix}-registrar`,
    /** As `FunctionName` of an invocation. */
    register: `${prefix}-registrar:${REGISTER_ALIAS}`,
    backfill: `${prefix}-backfill`,
    /** The schedule that maintains the webhook destinations. */
    webhookMaintenance: `${prefix}-webhook-maintenance`,
    /** The same for accounts that the API has registered; only with a namespace. */
    sellerMaintenance: `${prefix}-seller-maintenance`,
    archive: `${prefix}-archive`,
    /** The schedule that has every record of the audit trail chained. */
    chains: `${prefix}-chains`,
    /** Only there when an integration has sites. */
    browser: `${prefix}-browser`,
    /** Only there when an integration has deploy hooks. */
    hooks: `${prefix}-hooks`,
    /** Only there when an account has `seen`: the function and its API. */
    seen: `${prefix}-seen`,
    /** Only there unless the configuration says `console: false`. */
    console: `${prefix}-console`,
    dashboard: prefix,
    hookQueue: `${prefix}-hooks`,
    /** Managed policies for people and builds; only with `accessPolicies`. */
    policy: (kind: string) => `${prefix}-${kind}`,
    /** Rules that tell who reads a target; only with `usageFromCloudTrail`. */
    readsRule: (which: string) => `${prefix}-reads-${which}`,
    alarmTopic: `${prefix}-alarms`,
    api: `${prefix}-webhooks`,
    /** An alarm is called as its section in the runbook, after the prefix. */
    alarm: (section: string) => section.replace(/^Paddlewheel/, pascalCase(prefix)),
    /** CloudWatch's namespace of our metrics. */
    metrics: pascalCase(prefix),
    /** Where a webhook secret is kept when the configuration names no other place. */
    webhookSecret: (account: string) => `${prefix}/${account}/webhook-secret`,
    webhookPath: (account: string) => `/webhooks/paddle/${account}`,
    seenPath: (integration: string) => `/seen/${integration}`,
  }) as const;
export type Names = ReturnType<typeof namesFor>;

/** Those of an installation with the default prefix. */
export const NAMES = namesFor(DEFAULT_PREFIX);

/** Environment variables of the functions. `infra/` sets them, `lambdas/runtime/environment.ts` reads them. */
export const ENV = {
  ledgerTable: 'LEDGER_TABLE',
  auditTable: 'AUDIT_TABLE',
  reconcileQueueUrl: 'RECONCILE_QUEUE_URL',
  busName: 'BUS_NAME',
  /** JSON: account name -> id of the Secrets Manager secret or SSM SecureString that holds its webhook secret(s). */
  webhookSecrets: 'WEBHOOK_SECRETS',
  /** Where the API for webhooks is reached from outside, without a trailing slash. */
  webhookBaseUrl: 'WEBHOOK_BASE_URL',
  /**
   * `host:port`s, separated by commas, that the site scan may reach although they are not public. Set only for the
   * local AWS, whose demo site is on this machine; absent everywhere else.
   */
  scanPrivateHosts: 'SCAN_PRIVATE_HOSTS',
  /** Name of the function that opens pages in Chromium; absent when no integration has sites. */
  browserFunction: 'BROWSER_FUNCTION',
  /** ARN of the alias `operate` of `rotate`: `observe` has it begin at once, and buttons of the console call it with the permissions of whoever presses them. */
  rotateFunction: 'ROTATE_FUNCTION',
  /** ARNs of our own roles that read targets, separated by commas. Present: reads that CloudTrail saw are usage. */
  ownRoles: 'OWN_ROLES',
  /** From how many addresses the functions call Paddle, all together. Absent: one. */
  paddleAddresses: 'PADDLE_ADDRESSES',
  /** JSON of `Namespace`. Absent: entries come from the configuration file only. */
  namespace: 'NAMESPACE',
  /** Read by Powertools. Absent: `METRIC_NAMESPACE`. */
  metricNamespace: 'POWERTOOLS_METRICS_NAMESPACE',
} as const;

/** The sparse index of what is due: one partition per shard, sorted by the instant. */
export const DUE_INDEX = { name: 'due', partitionKey: 'dueShard', sortKey: 'dueAt', shards: 4 } as const;
/** The audit trail by day, for reports. */
export const DAY_INDEX = { name: 'by-day', partitionKey: 'day', sortKey: 'sk' } as const;
/** The keys of the audit trail's records by the hour in which they were written, whenever what they tell of happened. */
export const WRITTEN_INDEX = { name: 'by-hour-written', partitionKey: 'writtenIn', sortKey: 'sk' } as const;
/** Of every record of the audit trail; a link of a chain has none. */
export const RECORD_KINDS: readonly string[] = ['action', 'webhook', 'attribution', 'simulation', 'unreadable'];

export const METRIC_NAMESPACE = 'Paddlewheel';
/**
 * Ten, each with an alarm: each costs money in every account that deploys this, ten are free, and what nobody is called for is in the
 * log. No dimension, ever, for each value is one more: the log line beside a metric names the integration or the account.
 */
export const METRICS = {
  /** A reconcile ended with a failed step: the rotation waits and retries. */
  rotationFailure: 'RotationFailure',
  /** A superseded token has been held for longer than its integration's `holdAlarmAfter`; written at every reconcile. */
  holdOverdue: 'HoldOverdue',
  /** A webhook was refused, because it is not signed with a secret of the account. */
  signatureFailure: 'SignatureFailure',
  /**
   * Seconds. From the heartbeat, every minute: by how much the most overdue reconcile is late, zero when none is. From
   * `rotate`: how long a rotation under way has gone without publishing, whatever it is that keeps it.
   */
  overdueSeconds: 'OverdueSeconds',
  /** Somebody other than Paddlewheel changed a token that Paddlewheel manages. */
  outOfBandChange: 'OutOfBandChange',
  /** A revocation has failed so often that a person must act; written at every reconcile until it is over. */
  revocationStuck: 'RevocationStuck',
  /** Paddle says, or shows by refusing it, that the account's API key ends, has ended or was exposed. */
  apiKeyProblem: 'ApiKeyProblem',
  /** A page, a report or a target serves a token that is revoked: checkout is down there; written every few minutes. */
  revokedTokenServed: 'RevokedTokenServed',
  /** A deploy hook has answered, and nothing was seen of it in time; written at every reconcile. */
  deploymentOverdue: 'DeploymentOverdue',
  /** Seconds since the audit trail was last known to be complete. */
  auditAgeSeconds: 'AuditAgeSeconds',
} as const;

/**
 * Each is a section of `docs/runbook.md`. Whoever writes a metric of ours that raises one also writes a log line with
 * `alarm: '<name>'` that names the integration or the account: the metric cannot.
 */
export const ALARMS = {
  revokedTokenServed: 'PaddlewheelRevokedTokenServed',
  deploymentOverdue: 'PaddlewheelDeploymentOverdue',
  overdue: 'PaddlewheelOverdue',
  heartbeatSilent: 'PaddlewheelHeartbeatSilent',
  rotationFailure: 'PaddlewheelRotationFailure',
  holdOverdue: 'PaddlewheelHoldOverdue',
  revocationStuck: 'PaddlewheelRevocationStuck',
  outOfBandChange: 'PaddlewheelOutOfBandChange',
  signatureFailures: 'PaddlewheelSignatureFailures',
  apiKeyProblem: 'PaddlewheelApiKeyProblem',
  auditStale: 'PaddlewheelAuditStale',
  reconcileDeadLetters: 'PaddlewheelReconcileDeadLetters',
  failures: 'PaddlewheelFailures',
} as const;
/**
 * Later than this is overdue. Ten thousand integrations that are due at once take 105 minutes through one address, for
 * Paddle answers 240 requests a minute: that is no failure.
 */
export const OVERDUE_SECONDS = 2 * 60 * 60;
/** The backfill runs every hour, and claims nothing for the last two: four runs failed, or none came. */
export const AUDIT_STALE_SECONDS = 6 * 60 * 60;

export const EVENT_SOURCE = 'paddlewheel';
/** Audit record type -> EventBridge `detail-type`. Every state change is announced. */
export const EVENT_TYPES = {
  'rotation.intended': 'Client Token Rotation Started',
  'rotation.escalated': 'Client Token Rotation Escalated',
  'rotation.abandoned': 'Client Token Rotation Abandoned',
  'rotation.delayed': 'Client Token Rotation Delayed',
  'rotation.recovered': 'Client Token Rotation Recovered',
  'token.minted': 'Client Token Minted',
  'token.adopted': 'Client Token Adopted',
  'token.adoption-abandoned': 'Client Token Adoption Abandoned',
  'token.published': 'Client Token Published',
  'token.superseded': 'Client Token Superseded',
  'token.deployed': 'Client Token Deployed',
  'token.restored': 'Client Token Restored',
  'token.drifted': 'Client Token Target Changed',
  'token.reappeared': 'Client Token Reappeared',
  'token.held': 'Client Token Revocation Held',
  'token.released': 'Client Token Revocation Released',
  'token.forced': 'Client Token Revocation Forced',
  'token.revoking': 'Client Token Revocation Started',
  'token.revocation-interrupted': 'Client Token Revocation Interrupted',
  'token.revoked': 'Client Token Revoked',
  'token.lost': 'Client Token Revoked Externally',
  'token.orphaned': 'Client Token Orphan Found',
  'token.foreign': 'Client Token Foreign Found',
  'token.unclaimed': 'Client Token Unclaimed Found',
  'token.condemned': 'Client Token Condemned',
  'token.stuck': 'Client Token Revocation Stuck',
  'token.revoked-served': 'Revoked Client Token Served',
  'token.revoked-gone': 'Revoked Client Token Gone',
  'token.revoked-seen': 'Revoked Client Token Seen',
  'build.requested': 'Client Token Build Requested',
  'deployment.overdue': 'Client Token Deployment Overdue',
  'deployment.recovered': 'Client Token Deployment Recovered',
  'hook.called': 'Deploy Hook Called',
  'hook.failed': 'Deploy Hook Failed',
  'integration.crowded': 'Integration Crowded',
  'integration.paused': 'Integration Paused',
  'integration.resumed': 'Integration Resumed',
  'integration.registered': 'Integration Registered',
  'integration.changed': 'Integration Changed',
  'integration.unregistered': 'Integration Unregistered',
  'account.registered': 'Account Registered',
  'account.changed': 'Account Changed',
  'account.unregistered': 'Account Unregistered',
} as const;
export type RecordType = keyof typeof EVENT_TYPES;

/**
 * After these, builds must run: the targets hold another token than a build may have read before. Restoring counts: a
 * build that ran in between may have taken a token that never became current, and such a token is revoked. And where a
 * revoked token is served, only another build can help.
 */
export const PUBLICATIONS = [
  'token.published',
  'token.restored',
  'build.requested',
] as const satisfies readonly RecordType[];
export const PUBLICATION_EVENTS = PUBLICATIONS.map((type) => EVENT_TYPES[type]);

/**
 * What `paddlewheel-rotate` takes on its queue, and from `observe` at once, when somebody else revoked a token. The cause is for the record only: every cause says "reconcile now". What
 * was heard about a token is in the ledger before the message is sent.
 */
export interface ReconcileRequest {
  readonly integration: string;
  readonly cause: 'due' | 'deploy' | 'webhook' | 'usage' | 'backfill' | 'seen';
  /** So many of the account are due that one list of its tokens costs less than a question about each. */
  readonly crowded?: true;
}

/** Nothing is reconciled: can `rotate` do its work? What it finds is put into the ledger under the id. */
export interface CheckRequest {
  readonly integration: string;
  readonly cause: 'check';
  readonly checkId: string;
  /** Epoch ms. */
  readonly askedAt: number;
}

/** What the schedule tells `paddlewheel-observe`, whose other events are the stream's. */
export interface ChainRequest {
  readonly action: 'chain-missing';
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
export type Schedule = {
  /** Integrations that share a slot are spread over so long (ms), each always at the same place. Absent: none is. */
  readonly spreadMs?: number;
} & ({ readonly every: number } | { readonly cron: string; readonly timezone: string });

/** Where a token is published. */
export type Target =
  | { readonly kind: 'ssm'; readonly name: string; readonly kmsKey?: string }
  | {
      readonly kind: 'secret';
      readonly name: string;
      /** The secret is a JSON object, and the token is the value of this key. Absent: the token is the whole secret. */
      readonly jsonKey?: string;
      /** ARN of the customer-managed key that it is, or is to be, encrypted with. Absent: the account's default key. */
      readonly kmsKey?: string;
    };

/**
 * Where a credential is kept: a Secrets Manager secret or an SSM SecureString, each by its name or, for one in another account or
 * region, its ARN. `kmsKey`: ARN of the customer-managed key that it is encrypted with.
 */
export type CredentialSource = ({ readonly secret: string } | { readonly ssmParameter: string }) & {
  readonly kmsKey?: string;
};

export interface SiteCheck {
  readonly url: string;
  /** Origins that are the site's own besides that of the page: `headers` go there too. */
  readonly extraOrigins: readonly string[];
  /** Selectors of what the browser presses, in this order, because something loads only then. */
  readonly clicks?: readonly string[];
  /** What went unread and need not hold a revocation; `*` in the URL stands for anything. */
  readonly ignore?: readonly { readonly url: string; readonly reason: string }[];
  /** However long caches may keep the page: a person says that it is no longer than this. */
  readonly acknowledgeCachingMs?: number;
  /** Name of a request header -> where its value is kept: a preview password, basic authentication. */
  readonly headers?: Readonly<Record<string, CredentialSource>>;
}

/** Who reports builds and deployments, and what of it is production. */
export interface ConsumerSpec {
  readonly name: string;
  /** ARN of the role that alone may report for it. Absent: whoever may report is believed. */
  readonly role?: string;
  /** Whatever this consumer builds goes live: its builds count as deployments. Absent: a build proves nothing. */
  readonly everyBuildDeploys?: boolean;
  /** Branches that go live; reports from others are previews. Absent: the usual names. */
  readonly branches?: readonly string[];
  /** Stages that are production; reports of others are previews. Absent: the usual names. */
  readonly stages?: readonly string[];
}

/** What is called after every publication, so that a build starts. The address or the token is a credential: it alone starts builds. */
export type DeployHook = {
  /** Its builds take longer, or less, than the others of the integration. */
  readonly deployWithinMs?: number;
} /** A POST to a secret https address: build hooks of Amplify, Vercel, Netlify and others. */ & (
  | { readonly kind: 'webhook'; readonly url: CredentialSource }
  /** GitHub's `repository_dispatch`. */
  | {
      readonly kind: 'github';
      /** `owner/name`. */
      readonly repository: string;
      readonly token: CredentialSource;
      readonly eventType: string;
      /** `https://api.github.com`, or that of an Enterprise server; no trailing slash. */
      readonly apiUrl: string;
    }
);

export const DEPLOY_WITHIN_MS = 30 * 60_000;

/** A beacon on the pages says which token they use: a superseded one is revoked only after it has been silent for so long. */
export interface SeenSpec {
  readonly silentForMs: number;
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
  /** `managed`: the registrar keeps the notification destination and its secret. `manual`: a person does. */
  readonly webhooks: 'managed' | 'manual';
  /** Sends a test event through a managed destination after each change, and fails when it does not arrive. */
  readonly proveWebhooks: boolean;
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
  /** Read as evidence, never written. */
  readonly formerTargets?: readonly Target[];
  /** A name alone has no rules of its own. */
  readonly consumers: readonly (string | ConsumerSpec)[];
  readonly sites: readonly SiteCheck[];
  /** Clean scans needed before a revocation, and the least time from the first to the last of them. */
  readonly scans: { readonly count: number; readonly overMs: number };
  /** A consumer that has not reported for this long no longer counts. */
  readonly lookBackMs: number;
  /** A hold that lasts longer than this raises an alarm. */
  readonly holdAlarmAfterMs: number;
  /** A target that somebody else has overwritten gets the current token back, or is only reported. */
  readonly drift: 'restore' | 'report';
  /** Take this existing token (`ctkn_…`) over as the first current one instead of minting. */
  readonly adopt?: string;
  /** Called after every publication. Absent: none. */
  readonly deployHooks?: readonly DeployHook[];
  /** So long after a hook has answered 2xx, its deployment must have been seen. Absent: `DEPLOY_WITHIN_MS`. */
  readonly deployWithinMs?: number;
  /** Absent: no beacons are taken, and none are evidence. */
  readonly seen?: SeenSpec;
}

/** What entries of the registrar's API may use: `platform.credentials` and `platform.targets` of the configuration. */
export interface Namespace {
  /** Of secrets, with a slash at the end: `paddlewheel/sellers/`. */
  readonly credentials: string;
  /** With a slash at the end. One before it: of parameters; none: of secrets. */
  readonly targets: readonly string[];
  /** Addresses besides Paddle's own that an account may name. */
  readonly apiUrls: readonly string[];
  /** Replaces every account's `apiUrl`. */
  readonly standIn?: string;
  /** Pages can be opened: there is a browser. */
  readonly sites: boolean;
}

/** Properties of the one custom resource: the whole configuration. CloudFormation hands every leaf over as text, so it goes as JSON. */
export interface RegistrarProperties {
  /** Where the destinations point to, so that a new address is a change that CloudFormation reports. */
  readonly webhookBaseUrl?: string;
  /** Present: what fails at Paddle fails the deploy. Otherwise it is told, and tried again every hour. */
  readonly strict?: 'true';
  /** JSON of `{ accounts: AccountSpec[], integrations: IntegrationSpec[] }`. */
  readonly configuration: string;
}
