/** What a person writes in `paddlewheel.config.ts`. Checked, completed and frozen by `config.ts`. */

/** A length of time: `'30 days'`, `'48 hours'`, `'90 seconds'`. Whole numbers of seconds, minutes, hours, days or weeks. */
export type DurationText = string;

export interface PlatformInput {
  /**
   * With `targets`: opens a namespace, in which accounts and integrations are registered without a deploy (`docs/platform.md`). The
   * folder in Secrets Manager that holds their API keys and webhook secrets: `paddlewheel/sellers/*`.
   */
  readonly credentials?: string;
  /** The folders in which their tokens are published, at most 5: `/paddle/sellers/*` of parameters, `paddle/sellers/*` of secrets. */
  readonly targets?: readonly string[];
  /** ARN of the managed policy that must bound every role. */
  readonly permissionsBoundary?: string;
  /** Runs the functions in these subnets. They must reach AWS, Paddle and your sites from there. */
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  readonly tags?: Readonly<Record<string, string>>;
  /** ARN of a customer-managed key in this account and region. `docs/aws.md` has the statements that its policy needs. */
  readonly kmsKey?: string;
  /** `retain` (default): destroying the stack leaves ledger and audit trail. `destroy`: it deletes them, for ever. */
  readonly removal?: 'retain' | 'destroy';
}

export interface ConfigInput {
  /** Begins the name of every resource, so that several installations can live in one account and region. Default `paddlewheel`. */
  readonly prefix?: string;
  /** Whatever Paddle refuses fails the deploy. Default: the deploy ends well and says so; it is tried again every hour. */
  readonly strict?: boolean;
  /** A CloudWatch dashboard with the console, and the function behind it. Default true. See `docs/console.md`. */
  readonly console?: boolean;
  /** Tables that an earlier installation left behind, to be gone on with. See `docs/aws.md`. Default: new ones. */
  readonly tables?: { readonly ledger: string; readonly auditTrail: string };
  readonly platform?: PlatformInput;
  /**
   * How many webhooks a second are let in, and how many at once; Paddle repeats what is turned away. Default 10 and 20.
   */
  readonly webhookThrottle?: { readonly rate?: number; readonly burst?: number };
  /**
   * From how many public addresses the functions call Paddle, which answers 240 requests a minute to each: those of your NAT
   * gateways, with `platform.vpc`. Default 1, which is right wherever you do not know better.
   */
  readonly paddleAddresses?: number;
  /** Name -> one Paddle account in one environment. The name is part of the webhook's address. */
  readonly accounts: Readonly<Record<string, AccountInput>>;
  readonly integrations: readonly IntegrationInput[];
  /** Who hears of alarms. Default: nobody by e-mail; the topic is there to be subscribed to. */
  readonly alarms?: { readonly email?: readonly string[] };
  /**
   * Records who reads the published parameters and secrets, from CloudTrail, without any change to a build. Needs a trail
   * that logs management events in this account and region. Default false.
   */
  readonly usageFromCloudTrail?: boolean;
  /**
   * Makes a managed policy for each kind of person, to be attached to roles: `paddlewheel-viewer`, `-operator`, `-break-glass`
   * and `-build`. See `docs/security.md`. Default false.
   */
  readonly accessPolicies?: boolean;
  /**
   * Copies the whole audit trail to a locked S3 bucket on the first of each month. Default: no copies; the trail itself is
   * kept for ever. `lock`: `governance` (default) lets people with a special permission delete, `compliance` nobody at all.
   */
  readonly archive?: { readonly keepFor: DurationText; readonly lock?: 'governance' | 'compliance' };
  /** How long function logs are kept, in days; one of CloudWatch's steps (1, 3, 5, 7, 14, 30, 60, 90, …). Default 90. */
  readonly logRetentionDays?: number;
}

/**
 * A Secrets Manager secret or an SSM SecureString: its name, or its ARN where it lies in another account or region. `kmsKey`: the ARN
 * of the customer-managed key that it is encrypted with; `docs/aws.md` has the policies that it needs there.
 */
export type CredentialInput = ({ readonly secret: string } | { readonly ssmParameter: string }) & {
  readonly kmsKey?: string;
};

export interface AccountInput {
  readonly environment: 'sandbox' | 'live';
  /** Where the API key is kept. Paddlewheel reads it at run time; it is never part of a template. */
  readonly apiKey: CredentialInput;
  /** Where the webhook destination's secret is kept. Default: the secret `paddlewheel/<account>/webhook-secret`. */
  readonly webhookSecret?: CredentialInput;
  /**
   * `managed` (default): every deploy creates, finds or repairs the account's notification destination at Paddle and keeps
   * its secret in step. The API key then needs `notification_setting.write`. `manual`: you do both.
   */
  readonly webhooks?: 'managed' | 'manual';
  /**
   * Default true: after a deploy, a simulated event of Paddle must arrive in the audit trail, or the deploy fails. Needs
   * `notification_simulation.write`; without that permission the proof is left out, with a warning.
   */
  readonly proveWebhooks?: boolean;
  /** Default: Paddle's own address for the environment. */
  readonly apiUrl?: string;
  /** At most so many revocations per account and run. Default 5. */
  readonly maxRevocationsPerRun?: number;
  /**
   * Takes what the beacon on your pages (`paddlewheel/beacon`) says, and revokes a superseded token only after it has been
   * silent for `silentFor`, by default 3 days. Default: no beacons. See `docs/last-seen.md`.
   */
  readonly seen?: boolean | { readonly silentFor?: DurationText };
}

export type ScheduleInput = {
  /**
   * Integrations that fall due at the same minute are spread over so long, each always at the same place: `'30 minutes'`. Shorter
   * than the distance of two slots. Default: none is.
   */
  readonly spread?: DurationText;
} & (
  | {
      /** Five fields: minute, hour, day of the month, month, day of the week. */
      readonly cron: string;
      /** IANA name, for instance `Europe/London`. */
      readonly timezone: string;
    }
  | { readonly every: DurationText }
);

/** `kmsKey`: ARN of the customer-managed key that it is encrypted with; a secret that is missing is made under it. */
export type TargetInput =
  | { readonly ssmParameter: string; readonly kmsKey?: string }
  | {
      readonly secret: string;
      /** The secret is a JSON object, and the token is the value of this key: all else in it stays as it is. Default: the token is the whole secret. */
      readonly jsonKey?: string;
      readonly kmsKey?: string;
    };

export type SiteInput =
  | string
  | {
      readonly url: string;
      /** Origins that are the site's own besides that of the page: `headers` go there too. */
      readonly extraOrigins?: readonly string[];
      /** Selectors of what the browser presses, in this order, because something loads only then. */
      readonly clicks?: readonly string[];
      /** What went unread and need not hold a revocation: `{ url: 'https://cdn.example/*', reason: '…' }`. */
      readonly ignore?: readonly { readonly url: string; readonly reason: string }[];
      /** However long caches may keep the page by its headers: a person says that it is no longer than this. */
      readonly acknowledgeCaching?: DurationText;
      /** Name of a request header -> where its value is kept: a preview password, basic authentication. */
      readonly headers?: Readonly<Record<string, CredentialInput>>;
    };

/** What is called after every publication, so that a build starts with the fresh token. See `docs/builds.md`. */
export type DeployHookInput =
  /** An https address that is itself the credential (Amplify, Vercel, Netlify): POST with `{}`. */
  | { readonly kind: 'webhook'; readonly url: CredentialInput; readonly deployWithin?: DurationText }
  /** `repository_dispatch`: starts the workflows of a repository that wait for `eventType`. */
  | {
      readonly kind: 'github';
      /** `owner/name`. */
      readonly repository: string;
      /** Where a token is kept that may write the repository's contents. */
      readonly token: CredentialInput;
      /** Default `client-token-published`. */
      readonly eventType?: string;
      /** Default `https://api.github.com`. */
      readonly apiUrl?: string;
      readonly deployWithin?: DurationText;
    };

export type ConsumerInput =
  | string
  | {
      readonly name: string;
      /** ARN of the role that alone may report for it, through the alias `paddlewheel-usage:consumer-<name>`. Default: whoever may report. */
      readonly role?: string;
      /** For those who know better: whatever this consumer builds goes live. Default: a build alone proves nothing. */
      readonly everyBuildDeploys?: boolean;
      /**
       * Branches that go live, if its reports name their branch. Reports from others are previews. Default: `main`, `master`,
       * `trunk` and the like; pull requests are previews; any other branch counts against a revocation, and never for it.
       */
      readonly branches?: readonly string[];
      /** Stages that are production. Default: `production`, `prod` and `live`; `preview`, `pr-12` and the like are previews. */
      readonly stages?: readonly string[];
    };

export interface IntegrationInput {
  /** Lower-case letters, digits and hyphens, at most 63. Begins the token's name at Paddle. */
  readonly name: string;
  /** Name of an entry of `accounts`. */
  readonly account: string;
  readonly rotate: ScheduleInput;
  /** How long a superseded token stays valid at least. Default 48 hours. */
  readonly grace?: DurationText;
  /** What starts the grace window: the publication (default), or a consumer's report that the new token is live. */
  readonly graceFrom?: 'published' | 'deployed';
  /** Where the current token is written. At least one; no other integration may name the same. */
  readonly publishTo: readonly TargetInput[];
  /**
   * Where it was written before: never written any more, but read, because a page may still take its token from there. List a
   * target here when you take it out of `publishTo`, for as long as it exists; what cannot be read proves nothing.
   */
  readonly formerTargets?: readonly TargetInput[];
  /** Pages that must serve the current token, and no longer the superseded one, before that is revoked. */
  readonly sites?: readonly SiteInput[];
  /** Clean scans needed, and the least time from the first to the last. Default: 3 over 30 minutes. */
  readonly scans?: { readonly count?: number; readonly over?: DurationText };
  /** Who reports which token is deployed. A name, or a name with rules. */
  readonly consumers?: readonly ConsumerInput[];
  /** A consumer silent for longer no longer counts. Default 30 days. */
  readonly lookBack?: DurationText;
  /** A hold that lasts longer raises an alarm. Default 7 days. */
  readonly holdAlarmAfter?: DurationText;
  /** A target that somebody else has overwritten gets the current token back (default), or is only reported. Read once a day. */
  readonly drift?: 'restore' | 'report';
  /** Called after every publication, at least once, until they answer 2xx. At most 5. */
  readonly deployHooks?: readonly DeployHookInput[];
  /**
   * So long after a deploy hook has answered, a report or a page must show the new token; else an alarm tells that the build
   * has probably failed. A hook may have its own. Default 30 minutes.
   */
  readonly deployWithin?: DurationText;
  /** `false`: its pages have no beacon, although its account has `seen`. */
  readonly seen?: false;
  /** Take this token (`ctkn_…`), made in the dashboard, over as the first current one instead of minting. */
  readonly adopt?: string;
}
