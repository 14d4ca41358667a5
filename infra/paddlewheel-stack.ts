import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { type EventBus, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { DEFAULT_PREFIX, ENV, type Names, namesFor, pascalCase } from '../lambdas/contract.ts';
import type { Bundle, Bundles, Handler } from './bundle.ts';
import type { Configuration } from './config.ts';
import { Archive } from './constructs/archive.ts';
import { AuditTrail } from './constructs/audit-trail.ts';
import { Browser } from './constructs/browser.ts';
import { Console } from './constructs/console.ts';
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
import { setPrefix } from './naming.ts';
import { applyPlatform } from './platform.ts';

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
  /** The code of the browser; needed when an integration has sites. */
  readonly browserBundle?: Bundle;
  /** `host:port`s of this machine that the site scan may reach. Only for the local AWS. */
  readonly scanPrivateHosts?: readonly string[];
  /** Address of the local AWS. Absent on AWS. */
  readonly emulatorUrl?: string;
}

/** The whole of Paddlewheel: wiring only. What a part may do is said by the verbs that it is given. */
export class PaddlewheelStack extends Stack {
  /** Every change of state, as it is announced. */
  readonly bus: EventBus;
  readonly #props: PaddlewheelStackProps;
  readonly #names: Names;
  readonly #ledger: Ledger;
  readonly #auditTrail: AuditTrail;
  readonly #reconciles: ReconcileQueue;
  readonly #failures: Failures;

  constructor(scope: Construct, id: string, props: PaddlewheelStackProps) {
    super(scope, id, { description: 'Rotates Paddle client-side tokens', ...props });
    const { prefix = DEFAULT_PREFIX, tables, archive, alarms, platform } = props.configuration;
    setPrefix(this, prefix);
    this.#props = props;
    this.#names = namesFor(prefix);
    this.#ledger = new Ledger(this, 'Ledger', tables?.ledger);
    this.#auditTrail = new AuditTrail(this, 'AuditTrail', tables?.auditTrail);
    this.#reconciles = new ReconcileQueue(this, 'Reconciles');
    this.#failures = new Failures(this, 'Failures');
    const [auditTrail, failures] = [this.#auditTrail, this.#failures];
    if (archive) new Archive(this, 'Archive', { auditTrail, failures, ...archive });

    const heartbeat = this.#heartbeat();
    const rotate = this.#rotate();
    const { webhook, ingest } = this.#webhooks();
    const observe = this.#observe();
    this.bus = new Observation(this, 'Observation', { fn: observe, auditTrail, failures }).bus;
    this.#deployHooks();
    this.#usage(rotate);
    this.#console(rotate);
    const registrar = this.#registrar();
    const registration = this.#registration(registrar, ingest);
    // What is registered is reconciled soon after: by then, `rotate` must be allowed to do what it may have to. And the
    // test event of a new destination must find its whole way.
    registration.node.addDependency(rotate, webhook, ingest);
    // Nothing is asked about accounts and integrations before they are in the ledger.
    for (const schedule of this.#schedules(heartbeat, registrar, this.#backfill()))
      schedule.node.addDependency(registration);
    new Monitoring(this, 'Monitoring', { ...alarms, reconcileDeadLetters: this.#reconciles.deadLetters, failures });
    this.#describe(ingest, registration);
    applyPlatform(this, platform);
  }

  /**
   * A rule for every publication: the targets hold a fresh token, or hold the current one again, so builds must run.
   * `detail` of the event is the audit record: `integration`, `tokenId`, `rotationId`; never the token itself.
   * @throws Error for an integration that is not configured: its rule would wait for ever
   */
  onTokenPublished(id: string, options: OnTokenPublishedOptions = {}): Rule {
    const { integration, target, description, ruleName } = options;
    const known = this.#props.configuration.integrations.map(({ name }) => name);
    if (integration !== undefined && !known.includes(integration))
      throw new Error(`there is no integration "${integration}" (integrations: ${known.join(', ')})`);
    const eventPattern = publications(integration === undefined ? undefined : [integration]);
    const targets = target ? [target] : [];
    return new Rule(this, id, { eventBus: this.bus, ruleName, description, eventPattern, targets });
  }

  #function(handler: Handler, description: string, options: FunctionOptions): NodeFunction {
    const { configuration, bundles } = this.#props;
    return new NodeFunction(this, pascalCase(handler), {
      name: this.#names[handler],
      description,
      bundle: bundles[handler],
      memorySize: options.memorySize,
      timeout: options.timeout,
      logRetentionDays: configuration.logRetentionDays,
      failures: options.async ? this.#failures : undefined,
      retryAttempts: options.retryAttempts,
    });
  }

  get #apiKeys() {
    return this.#props.configuration.accounts.map(({ apiKey }) => apiKey);
  }

  /** heartbeat -> reconcile queue */
  #heartbeat(): NodeFunction {
    const heartbeat = this.#function('heartbeat', 'Finds what is due', small({ async: true }));
    this.#ledger.grantFindDue(heartbeat);
    this.#reconciles.grantSend(heartbeat);
    return heartbeat;
  }

  /** reconcile queue -> rotate -> Paddle, targets, ledger, audit trail */
  #rotate(): NodeFunction {
    const { configuration, scanPrivateHosts } = this.#props;
    const rotate = this.#function('rotate', 'Reconciles one integration', {
      // Scanning a site parses its scripts, which takes processor time, and that comes with memory.
      memorySize: 1024,
      timeout: ROTATE_TIMEOUT,
      async: true,
    });
    this.#reconciles.feed(rotate);
    if (scanPrivateHosts?.length) rotate.env(ENV.scanPrivateHosts, scanPrivateHosts.join(','));
    this.#ledger.grantReconcile(rotate);
    this.#auditTrail.grantAppend(rotate);
    this.#auditTrail.grantReadRecords(rotate);
    grantReadCredentials(rotate, this.#apiKeys);
    const targets = configuration.integrations.flatMap((integration) => integration.targets);
    const former = configuration.integrations.flatMap(({ formerTargets = [] }) => formerTargets);
    grantPublish(rotate, targets, former);
    this.#grantScan(rotate);
    return rotate;
  }

  /** rotate -> browser, and the credentials of sites that are not for everybody. */
  #grantScan(rotate: NodeFunction): void {
    const { configuration, browserBundle: bundle, scanPrivateHosts: privateHosts } = this.#props;
    const sites = configuration.integrations.flatMap((integration) => integration.sites);
    grantReadCredentials(
      rotate,
      sites.flatMap(({ headers = {} }) => Object.values(headers)),
    );
    if (sites.length === 0 || !bundle) return;
    const { logRetentionDays } = configuration;
    new Browser(this, 'Browser', { bundle, logRetentionDays, privateHosts }).grantOpen(rotate);
  }

  /** Paddle -> webhook -> audit trail */
  #webhooks(): { webhook: NodeFunction; ingest: WebhookIngest } {
    const { configuration, emulatorUrl } = this.#props;
    const { accounts, logRetentionDays, webhookThrottle: throttle } = configuration;
    const webhook = this.#function('webhook', 'Verifies and stores the webhooks of Paddle', small({ seconds: 10 }));
    this.#auditTrail.grantAppend(webhook);
    const ingest = new WebhookIngest(this, 'WebhookIngest', {
      ...{ fn: webhook, accounts, logRetentionDays, throttle, emulatorUrl },
    });
    return { webhook, ingest };
  }

  /** audit trail -> observe -> event bus, reconcile queue */
  #observe(): NodeFunction {
    const observe = this.#function('observe', 'Announces what the audit trail gains', small({ seconds: 60 }));
    this.#ledger.grantReadState(observe);
    this.#ledger.grantReport(observe);
    this.#auditTrail.grantAppend(observe);
    this.#auditTrail.grantChain(observe);
    this.#reconciles.grantSend(observe);
    return observe;
  }

  /** event bus -> hooks -> builds */
  #deployHooks(): void {
    const integrations = this.#props.configuration.integrations.filter(
      ({ deployHooks = [] }) => deployHooks.length > 0,
    );
    if (integrations.length === 0) return;
    const fn = this.#function('hooks', 'Starts builds', { memorySize: 256, timeout: HOOKS_TIMEOUT });
    const [ledger, auditTrail, failures] = [this.#ledger, this.#auditTrail, this.#failures];
    new DeployHooks(this, 'DeployHooks', { fn, bus: this.bus, ledger, auditTrail, failures, integrations });
  }

  /** frontend build -> usage -> ledger */
  #usage(rotate: NodeFunction): void {
    const { usageFromCloudTrail, integrations } = this.#props.configuration;
    const usage = this.#function('usage', 'Answers the current token and records its use', {
      ...small({ async: true }),
      // A report can be repeated by whoever made it; CloudTrail tells of a read only once.
      retryAttempts: usageFromCloudTrail ? 2 : 0,
    });
    this.#ledger.grantReportUsage(usage);
    this.#reconciles.grantSend(usage);
    if (!usageFromCloudTrail) return;
    this.#ledger.grantFindTargets(usage);
    const targets = integrations.flatMap((integration) => integration.targets);
    new ObservedReads(this, 'ObservedReads', { usage, rotate, targets, failures: this.#failures });
  }

  /** people -> console -> ledger, audit trail */
  #console(rotate: NodeFunction): void {
    if (!this.#props.configuration.console) return;
    const fn = this.#function('console', 'Shows how every integration stands', { ...small({}), memorySize: 512 });
    new Console(this, 'Dashboard', { fn, rotate, ledger: this.#ledger, auditTrail: this.#auditTrail });
  }

  /** cdk deploy -> registrar -> ledger, Paddle's notification destinations and their secrets */
  #registrar(): NodeFunction {
    const registrar = this.#function(
      'registrar',
      'Writes the configuration to the ledger, and registers the webhooks',
      {
        memorySize: 512,
        timeout: Duration.minutes(5),
        async: true,
      },
    );
    this.#ledger.grantRegister(registrar);
    this.#reconciles.grantSend(registrar);
    this.#auditTrail.grantReadSimulations(registrar);
    const managed = this.#managed;
    grantReadCredentials(
      registrar,
      managed.map(({ apiKey }) => apiKey),
    );
    grantKeepCredentials(
      registrar,
      managed.map(({ webhookSecret }) => webhookSecret),
    );
    return registrar;
  }

  get #managed() {
    return this.#props.configuration.accounts.filter(({ webhooks }) => webhooks === 'managed');
  }

  #registration(fn: NodeFunction, { baseUrl: webhookBaseUrl }: WebhookIngest): Registration {
    const { accounts, integrations, strict } = this.#props.configuration;
    return new Registration(this, 'Registration', { fn, accounts, integrations, webhookBaseUrl, strict });
  }

  /** Paddle's lists of events and tokens -> audit trail, reconcile queue */
  #backfill(): NodeFunction {
    const backfill = this.#function('backfill', 'Fills in what webhooks missed', {
      memorySize: 512,
      timeout: Duration.minutes(10),
      async: true,
    });
    this.#ledger.grantBackfill(backfill);
    this.#ledger.grantReport(backfill);
    this.#auditTrail.grantAppend(backfill);
    this.#auditTrail.grantReadEvents(backfill);
    this.#reconciles.grantSend(backfill);
    grantReadCredentials(backfill, this.#apiKeys);
    return backfill;
  }

  #schedules(heartbeat: NodeFunction, registrar: NodeFunction, backfill: NodeFunction): Heartbeat[] {
    const failures = this.#failures;
    return [
      new Heartbeat(this, 'Schedule', {
        name: this.#names.heartbeat,
        description: 'Asks once a minute which integrations are due',
        every: 'rate(1 minute)',
        ...{ fn: heartbeat, failures },
      }),
      // What was pending is tried again, an overlap of two secrets is ended, and a secret that is a year old is replaced.
      new Heartbeat(this, 'WebhookMaintenance', {
        name: this.#names.webhookMaintenance,
        description: "Maintains the accounts' notification destinations",
        every: 'rate(1 hour)',
        ...{ fn: registrar, failures },
        input: { action: 'maintain-webhooks', accounts: this.#managed.map(({ name }) => name) },
      }),
      new Heartbeat(this, 'BackfillSchedule', {
        name: this.#names.backfill,
        description: 'Fills in what webhooks missed',
        every: 'rate(1 hour)',
        ...{ fn: backfill, failures },
        input: { accounts: this.#props.configuration.accounts.map(({ name }) => name) },
      }),
    ];
  }

  /** What people and scripts look up after a deploy. */
  #describe(ingest: WebhookIngest, registration: Registration): void {
    const { accounts, alarms } = this.#props.configuration;
    const names = this.#names;
    const output = (id: string, value: string, description: string) => new CfnOutput(this, id, { value, description });
    output('ApiId', ingest.api.apiId, 'Id of the API that receives webhooks');
    output('WebhookBaseUrl', ingest.baseUrl, 'Address of the API that receives webhooks');
    for (const { name } of accounts)
      output(`WebhookUrl${pascalCase(name)}`, ingest.webhookUrl(name), `Paddle's destination of "${name}" points here`);
    output('LedgerTable', this.#ledger.table.tableName, 'Configuration, state and usage');
    output('AuditTable', this.#auditTrail.table.tableName, 'Every webhook event and every action');
    output('ReconcileQueue', names.reconcileQueue, 'What is to be reconciled');
    output('EventBus', names.bus, 'Every change of state');
    for (const handler of ['heartbeat', 'rotate', 'webhook', 'observe', 'usage', 'registrar', 'backfill'] as const)
      output(`${pascalCase(handler)}Function`, names[handler], 'Name of the function');
    output('Webhooks', registration.webhooks, 'How the webhooks of each account stood after the deploy');
    if (alarms.email.length > 0) {
      const told = `AWS has asked ${alarms.email.join(', ')} to confirm; until somebody follows the link in that mail, no alarm arrives there`;
      output('ConfirmEmail', told, 'What is left to be done for alarms by e-mail');
    }
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
