/**
 * Brings the ledger in line with the configuration of a deploy. Writes configuration only: nothing is minted, published
 * or revoked here, and the state of an integration that exists is not even read. Running it again is harmless.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AccountSpec, IntegrationSpec, ReconcileRequest } from '../contract.ts';
import type { Account, Instant, IntegrationConfig, Target } from '../domain/model.ts';
import { collide, targetName, withoutTargets } from '../domain/targets.ts';

export interface Configuration {
  readonly accounts: readonly AccountSpec[];
  readonly integrations: readonly IntegrationSpec[];
}

/** The ledger as the registrar uses it. */
export interface Registry {
  account(name: string): Promise<Account | undefined>;
  config(integration: string): Promise<IntegrationConfig | undefined>;
  /** Every integration that was ever registered, managed or not. `reconcileOwed`: changed, and no reconcile asked for since. */
  integrations(): Promise<readonly RegistryEntry[]>;
  /** Who was the last to claim the place, and each of its keys. */
  publishedAt(target: Target): Promise<readonly Claim[]>;
  putAccount(account: Account): Promise<void>;
  /** All or nothing: the changed configuration, and the note that a reconcile is owed. */
  change(config: IntegrationConfig): Promise<void>;
  /** Strikes the note out again, unless there is another by now. */
  reconcileRequested(entry: RegistryEntry): Promise<void>;
  /** All or nothing: the configuration, and, unless there is one, a first state that is due at `dueAt`. */
  create(config: IntegrationConfig, dueAt: Instant): Promise<void>;
}

export interface RegistryEntry {
  readonly integration: string;
  readonly reconcileOwed: boolean;
  /** Absent: registered before that was noted. */
  readonly account?: string;
  /** Absent: the configuration file. */
  readonly owner?: 'api';
  /** Of the API's, when that was noted. */
  readonly revision?: number;
}

/** That an integration has published at a target, and by which of its revisions; absent: the file's. */
export interface Claim {
  readonly integration: string;
  readonly revision?: number;
  readonly target: Target;
}

/** Where reconciles are asked for. `key` tells this request from an earlier one. */
export interface ReconcileQueue {
  send(requests: readonly (ReconcileRequest & { readonly key: string })[]): Promise<void>;
}

export interface Deploy {
  /** CloudFormation's id of the request; names the reconciles that it causes. */
  readonly requestId: string;
  readonly now: Instant;
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
}

/** Names of integrations. What is in none of the lists was not touched. */
export interface Registered {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unmanaged: readonly string[];
}

/** The configuration contradicts what the ledger holds; nothing was written. The message lists every contradiction. */
export class RefusedConfigurationError extends Error {
  override readonly name = 'RefusedConfigurationError';
}

/** @throws RefusedConfigurationError; whatever the ports throw. */
export async function register(
  wanted: Configuration,
  ports: { registry: Registry; queue: ReconcileQueue },
  { requestId, now, signal }: Deploy,
): Promise<Registered> {
  const { registry } = ports;
  const accounts = await inBatches(wanted.accounts, signal, ({ name }) => registry.account(name));
  const stored = await inBatches(wanted.integrations, signal, ({ name }) => registry.config(name));
  refuseContradictions(wanted, accounts, stored, await targetsOfTheApi(wanted, stored, registry, signal));

  await inBatches(wanted.accounts, signal, async (account, index) => {
    if (!isDeepStrictEqual(account, accounts[index])) await registry.putAccount(account);
  });

  const created: string[] = [];
  const changed: string[] = [];
  await inBatches(wanted.integrations, signal, async (spec, index) => {
    const before = stored[index];
    const config = configOf(spec, wanted.accounts, before, now);
    if (!before) {
      await registry.create(config, now);
      created.push(spec.name);
    } else if (!isDeepStrictEqual(config, before)) {
      await registry.change(config);
      changed.push(spec.name);
    }
  });

  const unmanaged = await unmanage(wanted, registry, signal);
  await requestReconciles(ports, requestId, signal);
  return { created, changed, unmanaged };
}

/**
 * For every change, those of an earlier deploy that broke off in between included: without its reconcile, a schedule that
 * now comes sooner would be seen at the old time only. A new integration needs none: it is due, and the heartbeat finds it.
 */
export async function requestReconciles(
  { registry, queue }: { registry: Pick<Registry, 'integrations' | 'reconcileRequested'>; queue: ReconcileQueue },
  requestId: string,
  signal: AbortSignal,
): Promise<void> {
  const owed = (await registry.integrations()).filter(({ reconcileOwed }) => reconcileOwed);
  await queue.send(owed.map(({ integration }) => ({ integration, cause: 'deploy', key: requestId })));
  await inBatches(owed, signal, (entry) => registry.reconcileRequested(entry));
}

function configOf(
  spec: IntegrationSpec,
  accounts: readonly AccountSpec[],
  before: IntegrationConfig | undefined,
  now: Instant,
): IntegrationConfig {
  const account = accounts.find(({ name }) => name === spec.account);
  // Synth has checked this; a template that was edited by hand has not been through it.
  if (!account) throw new RefusedConfigurationError(`"${spec.name}" names the unknown account "${spec.account}"`);
  const scheduleSince = isInForce(spec, before) ? before.scheduleSince : now;
  return { ...spec, environment: account.environment, managed: true, scheduleSince };
}

/** Slots from before the schedule came into force do not count; while an integration was not managed, none did. */
export function isInForce(spec: IntegrationSpec, before: IntegrationConfig | undefined): before is IntegrationConfig {
  return before?.managed === true && isDeepStrictEqual(spec.schedule, before.schedule);
}

/** An integration that left the configuration keeps its tokens and its state; it is only no longer managed. */
async function unmanage(wanted: Configuration, registry: Registry, signal: AbortSignal): Promise<string[]> {
  const names = new Set(wanted.integrations.map(({ name }) => name));
  const gone = (await registry.integrations()).filter(
    ({ integration, owner }) => owner !== 'api' && !names.has(integration),
  );
  const unmanaged: string[] = [];
  await inBatches(gone, signal, async ({ integration: name }) => {
    const before = await registry.config(name);
    if (!before?.managed || before.owner === 'api') return;
    await registry.change({ ...before, managed: false });
    unmanaged.push(name);
  });
  return unmanaged;
}

function refuseContradictions(
  wanted: Configuration,
  accounts: readonly (Account | undefined)[],
  integrations: readonly (IntegrationConfig | undefined)[],
  targets: readonly string[],
): void {
  const taken = [
    ...wanted.accounts.flatMap(({ name }, index) => (isTheApis(accounts[index]) ? [`account "${name}"`] : [])),
    ...wanted.integrations.flatMap(({ name }, index) =>
      isTheApis(integrations[index]) ? [`integration "${name}"`] : [],
    ),
    ...targets,
  ];
  if (taken.length > 0)
    throw new RefusedConfigurationError(
      `${taken.join(', ')}: registered by the API, which owns it. Unregister it there (npx paddlewheel unregister), or use another name.`,
    );
  const faults = [
    ...wanted.accounts.flatMap((account, index) => movedAccount(account, accounts[index])),
    ...wanted.integrations.flatMap((integration, index) => movedIntegration(integration, integrations[index])),
  ];
  if (faults.length > 0) throw new RefusedConfigurationError(`${faults.join('; ')}. Use another name for the new one.`);
}

/** Nothing of the file lies in the namespace; but what was registered while that lay elsewhere is still there. */
async function targetsOfTheApi(
  { integrations }: Configuration,
  stored: readonly (IntegrationConfig | undefined)[],
  registry: Registry,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const added = integrations.flatMap(({ targets }, index) => {
    const before = stored[index];
    return withoutTargets(targets, before?.managed ? before.targets : []);
  });
  const taken = await inBatches(added, signal, async (target) => {
    const names = new Set((await registry.publishedAt(target)).map(({ integration }) => integration));
    const others = await Promise.all([...names].map((name) => registry.config(name)));
    return others
      .filter((other) => other !== undefined)
      .filter((other) => isTheApis(other) && other.targets.some((theirs) => collide(theirs, target)))
      .map(({ name }) => `target ${targetName(target)} of integration "${name}"`);
  });
  return taken.flat();
}

const isTheApis = (entry: { readonly owner?: 'api'; readonly managed?: boolean } | undefined): boolean =>
  entry?.owner === 'api' && entry.managed !== false;

/**
 * Tokens belong to one account of Paddle in one environment. Under a name that suddenly meant another, they would look
 * lost, and Paddlewheel would replace tokens that are well.
 */
export const movedAccount = (account: AccountSpec, before: Account | undefined): readonly string[] =>
  (['environment', 'apiUrl'] as const).flatMap((key) => {
    if (before === undefined || before[key] === account[key]) return [];
    return [`account "${account.name}" has ${key} ${before[key]}, which cannot become ${account[key]}`];
  });

export const movedIntegration = (
  integration: IntegrationSpec,
  before: IntegrationConfig | undefined,
): readonly string[] =>
  before === undefined || before.account === integration.account
    ? []
    : [
        `integration "${integration.name}" belongs to account "${before.account}", and cannot move to "${integration.account}"`,
      ];

const BATCH = 25;

/** One batch after the other, each side by side. The answers are in the order of the items. */
export async function inBatches<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  for (let start = 0; start < items.length; start += BATCH) {
    signal.throwIfAborted();
    const batch = items.slice(start, start + BATCH);
    answers.push(...(await Promise.all(batch.map((item, offset) => run(item, start + offset)))));
  }
  return answers;
}
