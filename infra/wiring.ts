import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENV, type Names, namesFor, OPERATE_ALIAS, pascalCase } from '../lambdas/contract.ts';
import { roomsOf } from './capacity.ts';
import type { Handler, Prepared } from './code.ts';
import { Access } from './constructs/access.ts';
import { Archive } from './constructs/archive.ts';
import { AuditTrail } from './constructs/audit-trail.ts';
import { Browser } from './constructs/browser.ts';
import { Console } from './constructs/console.ts';
import {
  grantKeepCredentials,
  grantPublish,
  grantReadCredentials,
  grantReadTargets,
} from './constructs/credentials.ts';
import { DeployHooks, HOOKS_TIMEOUT } from './constructs/deploy-hooks.ts';
import { Failures } from './constructs/failures.ts';
import { LastSeen } from './constructs/last-seen.ts';
import { Ledger } from './constructs/ledger.ts';
import { Monitoring } from './constructs/monitoring.ts';
import {
  grantKeepWebhookSecretsIn,
  grantPublishIn,
  grantReadKeysIn,
  grantReadWebhookSecretsIn,
  openNamespace,
} from './constructs/namespace.ts';
import { NodeFunction } from './constructs/node-function.ts';
import { Observation } from './constructs/observation.ts';
import { ObservedReads } from './constructs/observed-reads.ts';
import { Registration } from './constructs/registration.ts';
import { ReconcileQueue, ROTATE_TIMEOUT } from './constructs/rotation.ts';
import { schedules } from './constructs/schedules.ts';
import { WebhookIngest } from './constructs/webhook-ingest.ts';
import type { Emulator } from './emulator.ts';

type Optional = 'hooks' | 'console' | 'seen';
/** `hooks` is there when an integration has deploy hooks, `seen` when one has beacons, `console` unless it is left out. */
export type Functions = Readonly<Record<Exclude<Handler, Optional>, NodeFunction> & { [K in Optional]?: NodeFunction }>;

/** Puts the parts of an installation together: wiring only. What a part may do is said by the verbs that it is given. */
export class Wiring {
  readonly ledger: Ledger;
  readonly auditTrail: AuditTrail;
  readonly bus: IEventBus;
  readonly functions: Functions;
  /** Lets people and builds do what is theirs. */
  readonly access: Access;
  readonly ingest: WebhookIngest;
  readonly registration: Registration;
  readonly monitoring: Monitoring;
  readonly seenBaseUrl: string | undefined;
  readonly #scope: Construct;
  readonly #props: Prepared;
  readonly #emulator: Emulator | undefined;
  readonly #names: Names;
  readonly #reconciles: ReconcileQueue;
  readonly #failures: Failures;

  constructor(scope: Construct, props: Prepared, emulator: Emulator | undefined) {
    const { prefix, tables, archive, alarms } = props.configuration;
    this.#scope = scope;
    this.#props = props;
    this.#emulator = emulator;
    this.#names = namesFor(prefix);
    this.ledger = new Ledger(scope, 'Ledger', tables?.ledger);
    this.auditTrail = new AuditTrail(scope, 'AuditTrail', tables?.auditTrail);
    this.#reconciles = new ReconcileQueue(scope, 'Reconciles');
    this.#failures = new Failures(scope, 'Failures');
    const [auditTrail, failures] = [this.auditTrail, this.#failures];
    if (archive) new Archive(scope, 'Archive', { auditTrail, failures, ...archive });

    const heartbeat = this.#heartbeat();
    const rotate = this.#rotate();
    const { webhook, ingest } = this.#webhooks();
    this.ingest = ingest;
    const observe = this.#observe(rotate);
    this.bus = new Observation(scope, 'Observation', { fn: observe, auditTrail, failures }).bus;
    const hooks = this.#deployHooks();
    const { seen, seenBaseUrl } = this.#lastSeen();
    this.seenBaseUrl = seenBaseUrl;
    const [status, usage, shown] = [this.#status(), this.#usage(rotate), this.#console(rotate)];
    const { accessPolicies: policies, integrations } = props.configuration;
    const people = { heartbeat, status, rotate, usage, console: shown, policies, integrations };
    this.access = new Access(scope, 'Access', { ...people, ledger: this.ledger, auditTrail });
    const registrar = this.#registrar();
    this.registration = this.#registration(registrar, ingest);
    // What is registered is reconciled soon after: by then, `rotate` must be allowed to do what it may have to. And the
    // test event of a new destination must find its whole way.
    this.registration.node.addDependency(rotate, webhook, ingest);
    const backfill = this.#backfill();
    // Nothing is asked about accounts and integrations before they are in the ledger.
    const ticking = { heartbeat, registrar, backfill, observe, failures };
    for (const schedule of schedules(scope, this.#names, props.configuration, ticking))
      schedule.node.addDependency(this.registration);
    const reconcileDeadLetters = this.#reconciles.deadLetters;
    this.monitoring = new Monitoring(scope, 'Monitoring', { ...alarms, reconcileDeadLetters, failures });
    const all = { heartbeat, rotate, status, webhook, observe, usage, registrar, backfill };
    this.functions = { ...all, ...(hooks && { hooks }), ...(shown && { console: shown }), ...(seen && { seen }) };
  }

  #function(handler: Handler, description: string, options: FunctionOptions): NodeFunction {
    const { configuration, code } = this.#props;
    return new NodeFunction(this.#scope, pascalCase(handler), {
      name: this.#names[handler],
      description,
      code: Code.fromAsset(code[handler].directory),
      memorySize: options.memorySize,
      timeout: options.timeout,
      logRetentionDays: configuration.logRetentionDays,
      failures: options.async ? this.#failures : undefined,
      retryAttempts: options.retryAttempts,
    });
  }

  /** Whoever calls Paddle, or hands out the work, goes by the same pace. */
  #keepsPace(fn: NodeFunction): void {
    const { paddleAddresses } = this.#props.configuration;
    if (paddleAddresses > 1) fn.env(ENV.paddleAddresses, String(paddleAddresses));
  }

  get #apiKeys() {
    return this.#props.configuration.accounts.map(({ apiKey }) => apiKey);
  }

  /** heartbeat -> reconcile queue */
  #heartbeat(): NodeFunction {
    // What is too much for a moment is handed out over the minute.
    const heartbeat = this.#function('heartbeat', 'Finds what is due', small({ seconds: 60, async: true }));
    this.#keepsPace(heartbeat);
    this.ledger.grantFindDue(heartbeat);
    this.#reconciles.grantSend(heartbeat);
    this.#reconciles.grantDepth(heartbeat);
    return heartbeat;
  }

  /** reconcile queue -> rotate -> Paddle, targets, ledger, audit trail */
  #rotate(): NodeFunction {
    const { configuration } = this.#props;
    const scanPrivateHosts = this.#emulator?.privateHosts;
    const rotate = this.#function('rotate', 'Reconciles one integration', {
      // Scanning a site parses its scripts, which takes processor time, and that comes with memory.
      memorySize: 1024,
      timeout: ROTATE_TIMEOUT,
      async: true,
    });
    this.#reconciles.feed(rotate, configuration.paddleAddresses);
    this.#keepsPace(rotate);
    if (scanPrivateHosts?.length) rotate.env(ENV.scanPrivateHosts, scanPrivateHosts.join(','));
    this.ledger.grantReconcile(rotate);
    this.auditTrail.grantAppend(rotate);
    this.auditTrail.grantReadRecords(rotate);
    const rooms = roomsOf(configuration, 'rotate');
    grantReadCredentials(rotate, this.#apiKeys, rooms.apiKeys);
    const targets = configuration.integrations.flatMap((integration) => integration.targets);
    const former = configuration.integrations.flatMap(({ formerTargets = [] }) => formerTargets);
    grantPublish(rotate, targets, rooms.targets);
    grantReadTargets(rotate, former, rooms.former);
    if (configuration.namespace) {
      grantReadKeysIn(rotate, configuration.namespace);
      grantPublishIn(rotate, configuration.namespace);
    }
    this.#grantScan(rotate);
    return rotate;
  }

  /** rotate -> browser, and the credentials of sites that are not for everybody. */
  #grantScan(rotate: NodeFunction): void {
    const { configuration, code } = this.#props;
    const privateHosts = this.#emulator?.privateHosts;
    const sites = configuration.integrations.flatMap((integration) => integration.sites);
    const headers = sites.flatMap((site) => Object.values(site.headers ?? {}));
    grantReadCredentials(rotate, headers, roomsOf(configuration, 'rotate').headers);
    if (sites.length === 0 || !code.browser) return;
    const { logRetentionDays } = configuration;
    new Browser(this.#scope, 'Browser', { code: code.browser, logRetentionDays, privateHosts }).grantOpen(rotate);
  }

  /** Paddle -> webhook -> audit trail */
  #webhooks(): { webhook: NodeFunction; ingest: WebhookIngest } {
    const { configuration } = this.#props;
    const emulatorUrl = this.#emulator?.url;
    const { accounts, logRetentionDays, webhookThrottle: throttle } = configuration;
    const webhook = this.#function('webhook', 'Verifies and stores the webhooks of Paddle', small({ seconds: 10 }));
    this.auditTrail.grantAppend(webhook);
    if (configuration.namespace) {
      this.ledger.grantFindAccounts(webhook);
      grantReadWebhookSecretsIn(webhook, configuration.namespace);
    }
    const ingest = new WebhookIngest(this.#scope, 'WebhookIngest', {
      ...{ fn: webhook, accounts, logRetentionDays, throttle, emulatorUrl },
      rooms: roomsOf(configuration, 'webhook').secrets,
    });
    return { webhook, ingest };
  }

  /** audit trail -> observe -> event bus, reconcile queue, rotate, chains */
  #observe(rotate: NodeFunction): NodeFunction {
    const options = small({ seconds: 60, async: true });
    const observe = this.#function('observe', 'Announces what the audit trail gains, and chains it', options);
    this.ledger.grantReadState(observe);
    this.ledger.grantReport(observe);
    this.ledger.grantKeepComparison(observe);
    this.auditTrail.grantAppend(observe);
    this.auditTrail.grantChain(observe);
    this.auditTrail.grantFindUnchained(observe);
    this.#reconciles.grantSend(observe);
    // By the alias that ends no token without evidence: whoever takes over `observe` must not be able to.
    const operate = `${rotate.lambda.functionArn}:${OPERATE_ALIAS}`;
    observe.env(ENV.rotateFunction, operate);
    observe.allow(['lambda:InvokeFunction'], [operate]);
    return observe;
  }

  /** event bus -> hooks -> builds */
  #deployHooks(): NodeFunction | undefined {
    const integrations = this.#props.configuration.integrations.filter(
      ({ deployHooks = [] }) => deployHooks.length > 0,
    );
    if (integrations.length === 0) return undefined;
    const fn = this.#function('hooks', 'Starts builds', { memorySize: 256, timeout: HOOKS_TIMEOUT });
    const [ledger, auditTrail, failures] = [this.ledger, this.auditTrail, this.#failures];
    const rooms = roomsOf(this.#props.configuration, 'hooks').credentials;
    new DeployHooks(this.#scope, 'DeployHooks', {
      fn,
      bus: this.bus,
      ledger,
      auditTrail,
      failures,
      integrations,
      rooms,
    });
    return fn;
  }

  /** pages -> seen -> ledger; of a revoked token, `rotate` by its queue */
  #lastSeen(): { seen?: NodeFunction; seenBaseUrl?: string } {
    const { integrations, logRetentionDays } = this.#props.configuration;
    if (!integrations.some(({ seen }) => seen)) return {};
    const fn = this.#function('seen', 'Counts the beacons of pages', small({ seconds: 10 }));
    this.#reconciles.grantSend(fn);
    const [ledger, emulatorUrl] = [this.ledger, this.#emulator?.url];
    const { baseUrl } = new LastSeen(this.#scope, 'LastSeen', { fn, ledger, logRetentionDays, emulatorUrl });
    return { seen: fn, seenBaseUrl: baseUrl };
  }

  /** person -> status -> ledger; checks go by way of `rotate`, which holds what they need */
  #status(): NodeFunction {
    const status = this.#function('status', 'Answers what people ask, and changes nothing', small({ async: true }));
    this.ledger.grantAnswer(status);
    const { namespace } = this.#props.configuration;
    if (namespace) {
      openNamespace(status, namespace);
      this.ledger.grantFindAccounts(status);
    }
    this.#reconciles.grantSend(status);
    return status;
  }

  /** frontend build -> usage -> ledger */
  #usage(rotate: NodeFunction): NodeFunction {
    const { usageFromCloudTrail, integrations } = this.#props.configuration;
    const usage = this.#function('usage', 'Answers the current token and records its use', {
      ...small({ async: true }),
      // A report can be repeated by whoever made it; CloudTrail tells of a read only once.
      retryAttempts: usageFromCloudTrail ? 2 : 0,
    });
    this.ledger.grantReportUsage(usage);
    this.#reconciles.grantSend(usage);
    if (!usageFromCloudTrail) return usage;
    this.ledger.grantFindTargets(usage);
    const targets = integrations.flatMap((integration) => integration.targets);
    new ObservedReads(this.#scope, 'ObservedReads', { usage, rotate, targets, failures: this.#failures });
    return usage;
  }

  /** people -> console -> ledger, audit trail */
  #console(rotate: NodeFunction): NodeFunction | undefined {
    if (!this.#props.configuration.console) return undefined;
    const fn = this.#function('console', 'Shows how every integration stands', { ...small({}), memorySize: 512 });
    const { ledger, auditTrail } = this;
    new Console(this.#scope, 'Dashboard', { fn, rotate, ledger, auditTrail });
    return fn;
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
    this.ledger.grantRegister(registrar);
    this.#keepsPace(registrar);
    this.#reconciles.grantSend(registrar);
    this.auditTrail.grantReadSimulations(registrar);
    const managed = this.#managed;
    const rooms = roomsOf(this.#props.configuration, 'registrar');
    const [keys, secrets] = [managed.map(({ apiKey }) => apiKey), managed.map(({ webhookSecret }) => webhookSecret)];
    grantReadCredentials(registrar, keys, rooms.apiKeys);
    grantKeepCredentials(registrar, secrets, rooms.secrets);
    const { namespace } = this.#props.configuration;
    if (namespace) {
      openNamespace(registrar, namespace);
      grantReadKeysIn(registrar, namespace);
      grantKeepWebhookSecretsIn(registrar, namespace);
      this.auditTrail.grantRecordEntries(registrar);
      this.ledger.grantRequireAccounts(registrar);
      this.access.admitTo(registrar);
    }
    return registrar;
  }

  get #managed() {
    return this.#props.configuration.accounts.filter(({ webhooks }) => webhooks === 'managed');
  }

  #registration(fn: NodeFunction, { baseUrl: webhookBaseUrl }: WebhookIngest): Registration {
    const { accounts, integrations, strict } = this.#props.configuration;
    return new Registration(this.#scope, 'Registration', { fn, accounts, integrations, webhookBaseUrl, strict });
  }

  /** Paddle's lists of events and tokens -> audit trail, reconcile queue */
  #backfill(): NodeFunction {
    const backfill = this.#function('backfill', 'Fills in what webhooks missed', {
      memorySize: 512,
      timeout: Duration.minutes(10),
      async: true,
    });
    this.ledger.grantBackfill(backfill);
    this.#keepsPace(backfill);
    this.ledger.grantReport(backfill);
    this.auditTrail.grantAppend(backfill);
    this.auditTrail.grantReadEvents(backfill);
    this.#reconciles.grantSend(backfill);
    const { namespace } = this.#props.configuration;
    grantReadCredentials(backfill, this.#apiKeys, roomsOf(this.#props.configuration, 'backfill').apiKeys);
    if (namespace) grantReadKeysIn(backfill, namespace);
    return backfill;
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
