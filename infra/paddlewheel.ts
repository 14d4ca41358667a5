import { Aspects, Stack, Token } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Prepared, prebuiltCode } from './code.ts';
import { parseConfig } from './config.ts';
import type { ConfigInput } from './config-input.ts';
import { publications } from './constructs/deploy-hooks.ts';
import { emulatorOf, ForEmulator } from './emulator.ts';
import { setPrefix } from './naming.ts';
import { describe } from './outputs.ts';
import { applyPlatform } from './platform.ts';
import { type Functions, Wiring } from './wiring.ts';

export interface OnTokenPublishedOptions {
  /** The name of one integration. Default: every one. */
  readonly integration?: string;
  /** What is started: a CodePipeline, a CodeBuild project, a queue, a function. Default: none; add some to the rule. */
  readonly target?: IRuleTarget;
  readonly description?: string;
  readonly ruleName?: string;
}

/** `hooks` is there when an integration has deploy hooks, `seen` when an account has `seen`. */
export interface PaddlewheelFunctions {
  /** Finds what is due, once a minute. */
  readonly heartbeat: IFunction;
  /** What people invoke to change something: rotate, pause and the others. */
  readonly rotate: IFunction;
  /** What people invoke to read: status, plan, check. */
  readonly status: IFunction;
  readonly webhook: IFunction;
  readonly observe: IFunction;
  /** What builds and deployments invoke. */
  readonly usage: IFunction;
  readonly registrar: IFunction;
  readonly backfill: IFunction;
  readonly hooks?: IFunction;
  readonly seen?: IFunction;
}

/** The whole configuration: what `defineConfig` takes. */
export interface PaddlewheelProps extends ConfigInput {}

/**
 * One installation of Paddlewheel, for any stack. Everything in it is called by its `prefix`: two in one account and region
 * need two prefixes.
 */
export class Paddlewheel extends Construct {
  /** Every change of state, as it is announced. */
  readonly bus: IEventBus;
  /** Begins the names of all resources. */
  readonly prefix: string;
  readonly functions: PaddlewheelFunctions;
  /** Configuration, state and usage. */
  readonly ledgerTable: ITableV2;
  /** Every webhook event and every action. Append-only: grant nobody to write here. */
  readonly auditTable: ITableV2;
  /** Where the alarms speak; subscribe to it whoever should hear. */
  readonly alarmTopic: ITopic;
  /** By the names that they have in the runbook, such as `PaddlewheelOutOfBandChange`. */
  readonly alarms: Readonly<Record<string, IAlarm>>;
  /** Account -> the address that its notification destination at Paddle points to. */
  readonly webhookUrls: Readonly<Record<string, string>>;
  /** Where the beacon on a page reports to, with the integration's name behind it. Only with `seen`. */
  readonly seenBaseUrl?: string;
  /** After the deploy: how the webhooks of each account stand, in words. */
  readonly webhooks: string;
  readonly #integrations: readonly string[];
  readonly #wiring: Wiring;
  readonly #rules: Construct;

  /** @throws ConfigError with every fault of the configuration */
  constructor(scope: Construct, id: string, props: PaddlewheelProps);
  /** @internal */
  constructor(scope: Construct, id: string, props: PaddlewheelProps | Prepared);
  constructor(scope: Construct, id: string, props: PaddlewheelProps | Prepared) {
    super(scope, id);
    const given =
      props instanceof Prepared
        ? props
        : new Prepared(parseConfig(props, { ...process.env, ...placeOf(this) }), prebuiltCode());
    const { prefix, integrations, platform } = given.configuration;
    this.prefix = prefix;
    refuseTwin(this, prefix);
    setPrefix(this, prefix);
    this.#integrations = integrations.map(({ name }) => name);
    const emulator = emulatorOf(this, given.configuration);
    this.#wiring = new Wiring(this, given, emulator);
    this.#rules = new Construct(this, 'Published');

    const { functions, ledger, auditTrail, bus, monitoring, ingest, registration } = this.#wiring;
    this.functions = lambdasOf(functions);
    this.bus = bus;
    [this.ledgerTable, this.auditTable] = [ledger.table, auditTrail.table];
    [this.alarmTopic, this.alarms] = [monitoring.topic, monitoring.alarms];
    this.webhookUrls = ingest.webhookUrls;
    this.webhooks = registration.webhooks;
    this.seenBaseUrl = this.#wiring.seenBaseUrl;
    describe(this, {
      ...{ prefix, apiId: ingest.api.apiId, webhookBaseUrl: ingest.baseUrl },
      ...{
        webhookUrls: this.webhookUrls,
        webhooks: this.webhooks,
        seenBaseUrl: this.seenBaseUrl,
        email: given.configuration.alarms.email,
      },
      ...{ ledgerTable: this.ledgerTable.tableName, auditTable: this.auditTable.tableName },
    });
    applyPlatform(this, platform);
    if (emulator) Aspects.of(this).add(new ForEmulator());
  }

  /**
   * A rule for every publication: the targets hold a fresh token, or hold the current one again, so builds must run.
   * `detail` of the event is the audit record: `integration`, `tokenId`, `rotationId`; never the token itself.
   * @throws Error for an integration that is not configured: its rule would wait for ever
   */
  onTokenPublished(id: string, options: OnTokenPublishedOptions = {}): Rule {
    const { integration, target, description, ruleName } = options;
    const known = this.#integrations;
    if (integration !== undefined && !known.includes(integration))
      throw new Error(`there is no integration "${integration}" (integrations: ${known.join(', ')})`);
    const eventPattern = publications(integration === undefined ? undefined : [integration]);
    const targets = target ? [target] : [];
    return new Rule(this.#rules, id, { eventBus: this.bus, ruleName, description, eventPattern, targets });
  }

  /** A build or a deployment: takes the current token and reports its use. Not for consumers that are bound to a role. */
  grantReport(grantee: IGrantable): Grant {
    return this.#wiring.access.grantReport(grantee);
  }

  /** Somebody who looks: state, plans, checks, audit trail, and whether the functions are there. Changes nothing. */
  grantView(grantee: IGrantable): Grant {
    return this.#wiring.access.grantView(grantee);
  }

  /** Somebody who acts: looks, rotates, holds and pauses. Ends no token without grace and evidence. */
  grantOperate(grantee: IGrantable): Grant {
    return this.#wiring.access.grantOperate(grantee);
  }

  /**
   * Whoever registers accounts and integrations at run time, in the namespace that `platform.credentials` and `platform.targets`
   * open. `prefix`: of names that begin with it only; end it with a hyphen, for `acme` begins `acmeco`, too.
   * @throws Error when no namespace is open
   */
  grantRegister(grantee: IGrantable, prefix?: string): Grant {
    return this.#wiring.access.grantRegister(grantee, prefix);
  }

  /** Somebody for the worst case: acts, and also ends tokens without grace and evidence. */
  grantBreakGlass(grantee: IGrantable): Grant {
    return this.#wiring.access.grantBreakGlass(grantee);
  }
}

/** What is known of it. What only the deploy knows is no reason to refuse anything. */
function placeOf(paddlewheel: Construct) {
  const { account, region } = Stack.of(paddlewheel);
  return {
    CDK_DEFAULT_ACCOUNT: Token.isUnresolved(account) ? undefined : account,
    CDK_DEFAULT_REGION: Token.isUnresolved(region) ? undefined : region,
  };
}

const lambdasOf = (functions: Functions): PaddlewheelFunctions =>
  Object.fromEntries(Object.entries(functions).map(([name, { lambda }]) => [name, lambda])) as never;

/** @throws Error when another installation would make resources of the same names at the same place */
function refuseTwin(paddlewheel: Paddlewheel, prefix: string): void {
  const here = Stack.of(paddlewheel);
  const { account, region } = here;
  const agnostic = Token.isUnresolved(account) || Token.isUnresolved(region);
  const twin = paddlewheel.node.root.node.findAll().find((other) => {
    if (other === paddlewheel || !(other instanceof Paddlewheel) || other.prefix !== prefix) return false;
    const there = Stack.of(other);
    return there === here || (!agnostic && there.account === account && there.region === region);
  });
  if (twin)
    throw new Error(`${twin.node.path} has the prefix "${prefix}" already: give one of the two another \`prefix\``);
}
