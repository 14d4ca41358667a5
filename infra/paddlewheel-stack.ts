import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { type EventBus, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { ENV, NAMES } from '../lambdas/contract.ts';
import type { Bundles, Handler } from './bundle.ts';
import type { Configuration } from './config.ts';
import { Archive } from './constructs/archive.ts';
import { AuditTrail } from './constructs/audit-trail.ts';
import { grantKeepCredentials, grantPublish, grantReadCredentials } from './constructs/credentials.ts';
import { DeployHooks, HOOKS_TIMEOUT, publications } from './constructs/deploy-hooks.ts';
import { Failures } from './constructs/failures.ts';
import { Ledger } from './constructs/ledger.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { NodeFunction } from './constructs/node-function.ts';
import { Observation } from './constructs/observation.ts';
import { ObservedReads } from './constructs/observed-reads.ts';
import { Registration } from './constructs/registration.ts';
import { Heartbeat, ReconcileQueue, ROTATE_TIMEOUT } from './constructs/rotation.ts';
import { WebhookIngest } from './constructs/webhook-ingest.ts';

export interface OnTokenPublishedOptions {
  /** The name of one integration. Default: every one. */
  readonly integration?: string;
  /** What is started: a CodePipeline, a CodeBuild project, a queue, a function. Default: none; add some to the rule. */
  readonly target?: IRuleTarget;
  readonly description?: string;
  readonly ruleName?: string;
}

export interface PaddlewheelStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly bundles: Bundles;
  /** `host:port`s of this machine that the site scan may reach. Only for the local AWS. */
  readonly scanPrivateHosts?: readonly string[];
  /** Address of the local AWS. Absent on AWS. */
  readonly emulatorUrl?: string;
}

/** The whole of Paddlewheel: wiring only. What a part may do is said by the verbs that it is given. */
export class PaddlewheelStack extends Stack {
  /** Every change of state, as it is announced. */
  readonly bus: EventBus;
  private readonly integrations: ReadonlySet<string>;

  constructor(scope: Construct, id: string, props: PaddlewheelStackProps) {
    super(scope, id, { description: 'Rotates Paddle client-side tokens', ...props });
    const { accounts, integrations, alarms, logRetentionDays, usageFromCloudTrail, archive } = props.configuration;
    const targets = integrations.flatMap((integration) => integration.targets);

    this.integrations = new Set(integrations.map(({ name }) => name));
    const ledger = new Ledger(this, 'Ledger');
    const auditTrail = new AuditTrail(this, 'AuditTrail');
    const reconciles = new ReconcileQueue(this, 'Reconciles');
    const failures = new Failures(this, 'Failures');
    if (archive) new Archive(this, 'Archive', { auditTrail, failures, ...archive });
    const fn = (handler: Handler, description: string, options: FunctionOptions) =>
      new NodeFunction(this, handler.charAt(0).toUpperCase() + handler.slice(1), {
        name: NAMES[handler],
        description,
        bundle: props.bundles[handler],
        memorySize: options.memorySize,
        timeout: options.timeout,
        logRetentionDays,
        failures: options.async ? failures : undefined,
        retryAttempts: options.retryAttempts,
      });

    // heartbeat -> reconcile queue -> rotate
    const heartbeat = fn('heartbeat', 'Finds what is due', small({ async: true }));
    ledger.grantFindDue(heartbeat);
    reconciles.grantSend(heartbeat);
    new Heartbeat(this, 'Schedule', {
      name: NAMES.heartbeat,
      description: 'Asks once a minute which integrations are due',
      every: 'rate(1 minute)',
      fn: heartbeat,
      failures,
    });

    // rotate -> Paddle, targets, ledger, audit trail
    const rotate = fn('rotate', 'Reconciles one integration', {
      // Scanning a site parses its scripts, which takes processor time, and that comes with memory.
      memorySize: 1024,
      timeout: ROTATE_TIMEOUT,
      async: true,
    });
    reconciles.feed(rotate);
    if (props.scanPrivateHosts?.length) rotate.env(ENV.scanPrivateHosts, props.scanPrivateHosts.join(','));
    ledger.grantReconcile(rotate);
    auditTrail.grantAppend(rotate);
    auditTrail.grantReadRecords(rotate);
    grantReadCredentials(
      rotate,
      accounts.map(({ apiKey }) => apiKey),
    );
    grantPublish(rotate, targets);

    // Paddle -> webhook -> audit trail
    const webhook = fn('webhook', 'Verifies and stores the webhooks of Paddle', small({ seconds: 10 }));
    auditTrail.grantAppend(webhook);
    const { emulatorUrl } = props;
    const ingest = new WebhookIngest(this, 'WebhookIngest', { fn: webhook, accounts, logRetentionDays, emulatorUrl });

    // audit trail -> observe -> event bus, reconcile queue
    const observe = fn('observe', 'Announces what the audit trail gains', small({ seconds: 60 }));
    ledger.grantReadState(observe);
    auditTrail.grantAppend(observe);
    auditTrail.grantChain(observe);
    reconciles.grantSend(observe);
    this.bus = new Observation(this, 'Observation', { fn: observe, auditTrail, failures }).bus;

    // event bus -> hooks -> builds
    const withHooks = integrations.filter(({ deployHooks = [] }) => deployHooks.length > 0);
    if (withHooks.length > 0) {
      const hooks = fn('hooks', 'Starts builds', { memorySize: 256, timeout: HOOKS_TIMEOUT });
      new DeployHooks(this, 'DeployHooks', {
        ...{ fn: hooks, bus: this.bus, ledger, auditTrail, failures },
        integrations: withHooks,
      });
    }

    // frontend build -> usage -> ledger
    const usage = fn('usage', 'Answers the current token and records its use', {
      ...small({ async: true }),
      // A report can be repeated by whoever made it; CloudTrail tells of a read only once.
      retryAttempts: usageFromCloudTrail ? 2 : 0,
    });
    ledger.grantReportUsage(usage);
    reconciles.grantSend(usage);
    if (usageFromCloudTrail) {
      ledger.grantFindTargets(usage);
      new ObservedReads(this, 'ObservedReads', { usage, rotate, targets, failures });
    }

    // cdk deploy -> registrar -> ledger, Paddle's notification destinations and their secrets
    const registrar = fn('registrar', 'Writes the configuration to the ledger, and registers the webhooks', {
      memorySize: 512,
      timeout: Duration.minutes(5),
      async: true,
    });
    ledger.grantRegister(registrar);
    reconciles.grantSend(registrar);
    auditTrail.grantReadSimulations(registrar);
    const managed = accounts.filter(({ webhooks }) => webhooks === 'managed');
    grantReadCredentials(
      registrar,
      managed.map(({ apiKey }) => apiKey),
    );
    grantKeepCredentials(
      registrar,
      managed.map(({ webhookSecret }) => webhookSecret),
    );
    const registration = new Registration(this, 'Registration', {
      fn: registrar,
      accounts,
      integrations,
      webhookBaseUrl: ingest.baseUrl,
    });
    // What is registered is reconciled soon after: by then, `rotate` must be allowed to do what it may have to. And the
    // test event of a new destination must find its whole way.
    registration.node.addDependency(rotate, webhook, ingest);
    // What was pending is tried again, an overlap of two secrets is ended, and a secret that is a year old is replaced.
    new Heartbeat(this, 'WebhookMaintenance', {
      name: NAMES.webhookMaintenance,
      description: "Maintains the accounts' notification destinations",
      every: 'rate(1 hour)',
      fn: registrar,
      failures,
      input: { action: 'maintain-webhooks', accounts: managed.map(({ name }) => name) },
    });

    // Paddle's lists of events and tokens -> audit trail, reconcile queue
    const backfill = fn('backfill', 'Fills in what webhooks missed', {
      memorySize: 512,
      timeout: Duration.minutes(10),
      async: true,
    });
    ledger.grantBackfill(backfill);
    auditTrail.grantAppend(backfill);
    auditTrail.grantReadEvents(backfill);
    reconciles.grantSend(backfill);
    grantReadCredentials(
      backfill,
      accounts.map(({ apiKey }) => apiKey),
    );
    new Heartbeat(this, 'BackfillSchedule', {
      name: NAMES.backfill,
      description: 'Fills in what webhooks missed',
      every: 'rate(1 hour)',
      fn: backfill,
      failures,
      input: { accounts: accounts.map(({ name }) => name) },
    });

    new Monitoring(this, 'Monitoring', { email: alarms.email, reconcileDeadLetters: reconciles.deadLetters, failures });
    this.describe(
      ingest,
      accounts.map(({ name }) => name),
    );
    const description = 'How the webhooks of each account stood after the deploy';
    new CfnOutput(this, 'Webhooks', { value: registration.webhooks, description });
  }

  /**
   * A rule for every publication: the targets hold a fresh token, or hold the current one again, so builds must run.
   * `detail` of the event is the audit record: `integration`, `tokenId`, `rotationId`; never the token itself.
   * @throws Error for an integration that is not configured: its rule would wait for ever
   */
  onTokenPublished(id: string, options: OnTokenPublishedOptions = {}): Rule {
    const { integration, target, description, ruleName } = options;
    if (integration !== undefined && !this.integrations.has(integration))
      throw new Error(`there is no integration "${integration}" (integrations: ${[...this.integrations].join(', ')})`);
    const eventPattern = publications(integration === undefined ? undefined : [integration]);
    const targets = target ? [target] : [];
    return new Rule(this, id, { eventBus: this.bus, ruleName, description, eventPattern, targets });
  }

  /** What people and scripts look up after a deploy. */
  private describe(ingest: WebhookIngest, accounts: readonly string[]): void {
    const output = (id: string, value: string, description: string) => new CfnOutput(this, id, { value, description });
    output('ApiId', ingest.api.apiId, 'Id of the API that receives webhooks');
    output('WebhookBaseUrl', ingest.baseUrl, 'Address of the API that receives webhooks');
    for (const account of accounts)
      output(
        `WebhookUrl${pascal(account)}`,
        ingest.webhookUrl(account),
        `Paddle's destination of "${account}" points here`,
      );
    output('LedgerTable', NAMES.ledger, 'Configuration, state and usage');
    output('AuditTable', NAMES.auditTrail, 'Every webhook event and every action');
    output('ReconcileQueue', NAMES.reconcileQueue, 'What is to be reconciled');
    output('EventBus', NAMES.bus, 'Every change of state');
    for (const handler of ['heartbeat', 'rotate', 'webhook', 'observe', 'usage', 'registrar', 'backfill'] as const)
      output(`${pascal(handler)}Function`, NAMES[handler], 'Name of the function');
  }
}

interface FunctionOptions {
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly async?: boolean;
  readonly retryAttempts?: number;
}

const small = ({ seconds = 30, async = false }: { seconds?: number; async?: boolean }) => ({
  memorySize: 256,
  timeout: Duration.seconds(seconds),
  async,
});

/** `live-eu` -> `LiveEu`. */
const pascal = (name: string) =>
  name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
