/** Unregistering is unmanaging: tokens, targets and credentials stay as they are, and nothing is revoked. A run stops before its next effect. */
import { readUnregistration } from '../../configuration/registration.ts';
import type { Account, IntegrationConfig } from '../../domain/model.ts';
import { inBatches, requestReconciles } from '../register.ts';
import { type EntryAnswer, incompleteOr, rejected } from './answers.ts';
import { carryOut, rehearse, type Step } from './carry-out.ts';
import type { EntryCall, EntryPorts } from './ports.ts';
import { recordOf } from './records.ts';
import { outsideOf } from './register-entries.ts';

export async function unregisterEntries(payload: unknown, ports: EntryPorts, call: EntryCall): Promise<EntryAnswer> {
  const read = readUnregistration(payload);
  if ('faults' in read) return rejected(read.faults);
  const { accounts: accountNames, integrations: integrationNames, dryRun, ...asked } = read.unregistration;
  const { ledger, ids } = ports;
  // An account takes its integrations along.
  const registered = await ledger.integrations();
  const along = registered.filter(({ account }) => account !== undefined && accountNames.includes(account));
  const named = [...new Set([...integrationNames, ...along.map(({ integration }) => integration)])];
  const uniqueAccounts = [...new Set(accountNames)];
  const outside = outsideOf(
    call.only,
    [...uniqueAccounts, ...named].map((name) => ({ name })),
  );
  if (outside.length > 0) return rejected(outside);
  const accounts = await inBatches(uniqueAccounts, call.signal, (name) => ledger.account(name));
  const configs = await inBatches(named, call.signal, (name) => ledger.config(name));
  const faults = [
    ...outsideOf(
      call.only,
      [...uniqueAccounts, ...named].map((name) => ({ name })),
    ),
    ...accounts.flatMap((account, index) => faultOf('account', uniqueAccounts[index], account)),
    ...configs.flatMap((config, index) => faultOf('integration', named[index], config)),
  ];
  if (faults.length > 0) return rejected(faults);
  const unmanaged = <T extends Account | IntegrationConfig>(entry: T): T => ({
    ...entry,
    managed: false,
    revision: (entry.revision ?? 0) + 1,
  });
  const integrationSteps = configs.flatMap((before): Step[] => {
    if (!before?.managed) return [];
    const { name, account } = before;
    const after = unmanaged(before);
    const record = recordOf({ ...asked, ...call, id: ids.next(), account, integration: name }, after, before);
    const write = () => ledger.putIntegration(after, before, record, call.now);
    return [{ kind: 'integration', name, what: 'unregistered', write }];
  });
  const accountSteps = accounts.flatMap((before): Step[] => {
    if (!before || before.managed === false) return [];
    const { name } = before;
    const after = unmanaged(before);
    const record = recordOf({ ...asked, ...call, id: ids.next(), account: name }, after, before);
    return [{ kind: 'account', name, what: 'unregistered', write: () => ledger.putAccount(after, before, record) }];
  });
  const groups = [integrationSteps, accountSteps];
  if (dryRun) return incompleteOr('rehearsed', await rehearse(groups));
  const done = await carryOut(groups, call.signal);
  await requestReconciles({ registry: ledger, queue: ports.queue }, call.requestId, call.signal);
  return incompleteOr('unregistered', done);
}

function faultOf(
  what: string,
  name: string | undefined,
  entry: Account | IntegrationConfig | undefined,
): readonly string[] {
  if (entry === undefined) return [`${what} "${name}" is not registered`];
  if (entry.owner === 'api') return [];
  return [`${what} "${name}" belongs to the configuration file: take it out there`];
}
