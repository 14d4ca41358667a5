/** Registers accounts and integrations at run time: gather, judge all of it, then write. Nothing is minted, published or revoked. */
import { isDeepStrictEqual } from 'node:util';
import { namesIn, type Registration, readRegistration, type Wanted } from '../../configuration/registration.ts';
import type { AccountSpec, IntegrationSpec, Namespace, Target } from '../../contract.ts';
import { groupedBy } from '../../domain/grouped.ts';
import type { Account, IntegrationConfig } from '../../domain/model.ts';
import { collide, targetName, withoutTargets } from '../../domain/targets.ts';
import { type Claim, inBatches, isInForce, movedAccount, movedIntegration } from '../register.ts';
import { type EntryAnswer, incompleteOr, rejected } from './answers.ts';
import { askForReconciles } from './ask-for-reconciles.ts';
import { carryOut, rehearse, type Step } from './carry-out.ts';
import type { EntryCall, EntryPorts } from './ports.ts';
import { recordOf } from './records.ts';

interface Known {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly configs: ReadonlyMap<string, IntegrationConfig>;
}

export async function registerEntries(
  payload: unknown,
  namespace: Namespace,
  ports: EntryPorts,
  call: EntryCall,
): Promise<EntryAnswer> {
  const { ledger } = ports;
  const named = namesIn(payload);
  // Before anything else: whoever may not touch an entry learns nothing of it.
  const outside = outsideOf(call.only, named.all);
  if (outside.length > 0) return rejected(outside);
  const accounts = await find(named.accounts, call, (name) => ledger.account(name));
  const registered = [...accounts.values()].filter(isManaged).map(({ name }) => name);
  const read = readRegistration(payload, namespace, registered);
  if ('faults' in read) return rejected(read.faults);
  const { registration } = read;
  const configs = await find(
    registration.integrations.map(({ name }) => name),
    call,
    (name) => ledger.config(name),
  );
  const others = ofOthers(call.only, [...configs.values()]);
  if (others.length > 0) return rejected(others);
  const known = { accounts, configs };
  const claims = await claimsOf(registration, known, ports, call);
  const faults = [
    ...accountFaults(registration, known),
    ...integrationFaults(registration, known, call),
    ...(await targetFaults(registration, claims, ports, call)),
  ];
  if (faults.length > 0) return rejected(faults);
  const groups = [
    accountSteps(registration, known, ports, call),
    integrationSteps(registration, { ...known, claims }, ports, call),
  ];
  if (registration.dryRun) return incompleteOr('rehearsed', await rehearse(groups));
  const done = await carryOut(groups, call.signal);
  await askForReconciles(done.integrations.changed, ports, call);
  return incompleteOr('registered', done);
}

const isManaged = ({ owner, managed }: Account): boolean => owner === 'api' && managed !== false;

async function find<T>(
  names: readonly string[],
  { signal }: EntryCall,
  get: (name: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const unique = [...new Set(names)];
  const found = await inBatches(unique, signal, get);
  return new Map(unique.flatMap((name, index) => (found[index] === undefined ? [] : [[name, found[index]]])));
}

/** Whoever comes in by an alias that is bound to a prefix touches nothing else. */
export const outsideOf = (only: string, names: readonly string[]): readonly string[] =>
  [...new Set(names)]
    .filter((name) => !name.startsWith(only))
    .map((name) => `${name}: does not begin with ${only}, and this way in is for names that do`);

/** An integration may be called as if it were theirs, and be of another's account. Which, is not said. */
export const ofOthers = (only: string, configs: readonly IntegrationConfig[]): readonly string[] =>
  configs
    .filter(({ account }) => !account.startsWith(only))
    .map(({ name }) => `integration "${name}": is of an account that does not begin with ${only}: use another name`);

const FILE = 'belongs to the configuration file: change it there, or use another name';

/** @param after what would be stored: whoever asks for what is there already has overlooked nobody, and may have asked before */
function entryFaults(
  what: string,
  { name, revision }: Wanted<{ readonly name: string }>,
  after: Account | IntegrationConfig | undefined,
  before: Account | IntegrationConfig | undefined,
): readonly string[] {
  if (before !== undefined && before.owner !== 'api') return [`${what} "${name}": ${FILE}`];
  if (revision === undefined || revision === before?.revision || isAsBefore(after, before)) return [];
  const now = before ? `has revision ${before.revision} by now` : 'is not registered, and has no revision';
  return [`${what} "${name}": ${now}, not ${revision}: export it again`];
}

const NEW_NAME = '. Use another name for the new one';

const accountFaults = ({ accounts }: Registration, known: Known): readonly string[] =>
  accounts.flatMap((account) => {
    const before = known.accounts.get(account.name);
    const moved = movedAccount(account, before).map((fault) => `${fault}${NEW_NAME}`);
    return [...entryFaults('account', account, accountOf(account, before), before), ...moved];
  });

const integrationFaults = (
  { integrations, accounts }: Registration,
  known: Known,
  call: EntryCall,
): readonly string[] =>
  integrations.flatMap((integration) => {
    const before = known.configs.get(integration.name);
    const { account } = integration;
    const isOwn = accounts.some(({ name }) => name === account) || known.accounts.get(account)?.owner === 'api';
    const moved = movedIntegration(integration, before).map((fault) => `${fault}${NEW_NAME}`);
    // It never moves to another environment: its account does not.
    const after = before && configOf(integration, before.environment, before, call);
    return [
      ...entryFaults('integration', integration, after, before),
      ...(isOwn ? moved : [`integration "${integration.name}": account "${account}" ${FILE}`]),
    ];
  });

/** A target that an integration does not have yet, and who has claimed it, or a key of it. */
interface Added {
  readonly name: string;
  readonly target: Target;
  readonly claims: readonly Claim[];
}

function claimsOf(
  { integrations }: Registration,
  { configs }: Known,
  { ledger }: EntryPorts,
  { signal }: EntryCall,
): Promise<readonly Added[]> {
  const added = integrations.flatMap(({ name, targets }) => {
    const before = configs.get(name);
    return withoutTargets(targets, before?.managed ? before.targets : []).map((target) => ({ name, target }));
  });
  return inBatches(added, signal, async (each) => ({ ...each, claims: await ledger.publishedAt(each.target) }));
}

/** Within one call the schema has looked; here, what others have registered before. Only the account's own can be there. */
async function targetFaults(
  { integrations }: Registration,
  added: readonly Added[],
  { ledger }: EntryPorts,
  call: EntryCall,
): Promise<readonly string[]> {
  const wanted = new Map(integrations.map((integration) => [integration.name, integration.targets]));
  const faults = await inBatches(added, call.signal, async ({ name, target, claims }) => {
    const others = new Set(claims.map(({ integration }) => integration).filter((other) => other !== name));
    const taken = await inBatches([...others], call.signal, async (other) => {
      const config = await ledger.config(other);
      const targets = wanted.get(other) ?? (config?.managed ? config.targets : []);
      return targets.some((theirs) => collide(theirs, target)) ? [other] : [];
    });
    return taken.flat().map((other) => `integration "${name}": ${targetName(target)} is already taken by ${other}`);
  });
  return faults.flat();
}

function accountSteps(
  { accounts, ...asked }: Registration,
  known: Known,
  { ledger, ids }: EntryPorts,
  call: EntryCall,
): readonly Step[] {
  return accounts.flatMap((wanted): Step[] => {
    const before = known.accounts.get(wanted.name);
    const account = accountOf(wanted, before);
    if (isAsBefore(account, before)) return [];
    const isNew = before === undefined || before.managed === false;
    const record = recordOf({ ...asked, ...call, id: ids.next(), account: account.name }, account, before);
    const write = () => ledger.putAccount(account, before, record);
    return [{ kind: 'account', name: account.name, what: isNew ? 'created' : 'changed', write }];
  });
}

function integrationSteps(
  { integrations, accounts, ...asked }: Registration,
  known: Known & { readonly claims: readonly Added[] },
  { ledger, ids }: EntryPorts,
  call: EntryCall,
): readonly Step[] {
  const claims = groupedBy(known.claims, (added) => added.name);
  const given = new Map<string, AccountSpec>(accounts.map((account) => [account.name, account]));
  return integrations.flatMap((wanted): Step[] => {
    const { name, account } = wanted;
    const before = known.configs.get(name);
    const environment = (given.get(account) ?? known.accounts.get(account))?.environment;
    // Unknown accounts are faults.
    if (environment === undefined) return [];
    const config = configOf(wanted, environment, before, call);
    if (isAsBefore(config, before)) return [];
    const isNew = !before?.managed;
    const record = recordOf({ ...asked, ...call, id: ids.next(), account, integration: name }, config, before);
    const read = claims.get(name)?.flatMap((added) => added.claims);
    const write = () => ledger.putIntegration(config, before, record, call.now, read);
    return [{ kind: 'integration', name, what: isNew ? 'created' : 'changed', write }];
  });
}

const isAsBefore = <T extends Account | IntegrationConfig>(after: T | undefined, before: T | undefined): boolean =>
  before !== undefined && isDeepStrictEqual({ ...after, revision: before.revision }, before);

const accountOf = ({ revision: _, ...spec }: Wanted<AccountSpec>, before: Account | undefined): Account => ({
  ...spec,
  owner: 'api',
  revision: (before?.revision ?? 0) + 1,
});

const configOf = (
  { revision: _, ...spec }: Wanted<IntegrationSpec>,
  environment: Account['environment'],
  before: IntegrationConfig | undefined,
  { now }: EntryCall,
): IntegrationConfig => ({
  ...spec,
  environment,
  managed: true,
  scheduleSince: isInForce(spec, before) ? before.scheduleSince : now,
  owner: 'api',
  revision: (before?.revision ?? 0) + 1,
});
