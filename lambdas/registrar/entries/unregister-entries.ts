/** Unregistering is unmanaging: tokens, targets and credentials stay as they are, and nothing is revoked. A run stops before its next effect. */
import { readUnregistration, type Unregistration } from '../../configuration/registration.ts';
import type { Account, IntegrationConfig } from '../../domain/model.ts';
import { inBatches } from '../register.ts';
import { type EntryAnswer, incompleteOr, rejected } from './answers.ts';
import { askForReconciles } from './ask-for-reconciles.ts';
import { carryOut, rehearse, type Step, together } from './carry-out.ts';
import type { EntryCall, EntryPorts } from './ports.ts';
import { recordOf } from './records.ts';
import { ofOthers, outsideOf } from './register-entries.ts';

export async function unregisterEntries(payload: unknown, ports: EntryPorts, call: EntryCall): Promise<EntryAnswer> {
  const read = readUnregistration(payload);
  if ('faults' in read) return rejected(read.faults);
  const { unregistration } = read;
  const { ledger } = ports;
  const accountNames = [...new Set(unregistration.accounts)];
  const outside = outsideOf(call.only, [...accountNames, ...unregistration.integrations]);
  if (outside.length > 0) return rejected(outside);
  // An account takes its integrations along.
  const named = [...new Set([...unregistration.integrations, ...(await integrationsOf(accountNames, ports))])];
  const accounts = await inBatches(accountNames, call.signal, (name) => ledger.account(name));
  const configs = await inBatches(named, call.signal, (name) => ledger.config(name));
  const present = configs.filter((config) => config !== undefined);
  const others = [...outsideOf(call.only, named), ...ofOthers(call.only, present)];
  if (others.length > 0) return rejected(others);
  const faults = [
    ...accounts.flatMap((account, index) => faultOf('account', accountNames[index], account)),
    ...configs.flatMap((config, index) => faultOf('integration', named[index], config)),
  ];
  if (faults.length > 0) return rejected(faults);
  const leaving = { ...unregistration, ...call };
  const groups = [integrationSteps(present, leaving, ports), accountSteps(accounts, leaving, ports)];
  if (unregistration.dryRun) return incompleteOr('rehearsed', await rehearse(groups));
  const first = await carryOut(groups, call.signal);
  // Now that the accounts have left, no integration can come to them any more; those that came just before go along.
  const late = (await integrationsOf(accountNames, ports)).filter((name) => !named.includes(name));
  const lateConfigs = await Promise.all(late.map((name) => ledger.config(name)));
  const lateSteps = integrationSteps(
    lateConfigs.filter((config) => config?.owner === 'api'),
    leaving,
    ports,
  );
  const done = together(first, await carryOut([lateSteps], call.signal));
  await askForReconciles(done.integrations.unregistered, ports, call);
  return incompleteOr('unregistered', done);
}

type Leaving = Unregistration & EntryCall;

async function integrationsOf(accounts: readonly string[], { ledger }: EntryPorts): Promise<readonly string[]> {
  if (accounts.length === 0) return [];
  const among = new Set(accounts);
  const registered = await ledger.integrations();
  return registered.flatMap(({ account, integration }) =>
    account !== undefined && among.has(account) ? [integration] : [],
  );
}

const unmanaged = <T extends Account | IntegrationConfig>(entry: T): T => ({
  ...entry,
  managed: false,
  revision: (entry.revision ?? 0) + 1,
});

const integrationSteps = (
  configs: readonly (IntegrationConfig | undefined)[],
  leaving: Leaving,
  { ledger, ids }: EntryPorts,
): readonly Step[] =>
  configs.flatMap((before): Step[] => {
    if (!before?.managed) return [];
    const { name, account } = before;
    const after = unmanaged(before);
    const record = recordOf({ ...leaving, id: ids.next(), account, integration: name }, after, before);
    const write = () => ledger.putIntegration(after, before, record, leaving.now);
    return [{ kind: 'integration', name, what: 'unregistered', write }];
  });

const accountSteps = (
  accounts: readonly (Account | undefined)[],
  leaving: Leaving,
  { ledger, ids }: EntryPorts,
): readonly Step[] =>
  accounts.flatMap((before): Step[] => {
    if (!before || before.managed === false) return [];
    const { name } = before;
    const after = unmanaged(before);
    const record = recordOf({ ...leaving, id: ids.next(), account: name }, after, before);
    return [{ kind: 'account', name, what: 'unregistered', write: () => ledger.putAccount(after, before, record) }];
  });

function faultOf(
  what: string,
  name: string | undefined,
  entry: Account | IntegrationConfig | undefined,
): readonly string[] {
  if (entry === undefined) return [`${what} "${name}" is not registered`];
  if (entry.owner === 'api') return [];
  return [`${what} "${name}" belongs to the configuration file: take it out there`];
}
