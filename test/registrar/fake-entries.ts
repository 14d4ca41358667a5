/** The ledger as the registrar's API sees it, in memory, beside the fake registry that deploys see. */
import { isDeepStrictEqual } from 'node:util';
import { ConflictError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { targetName, withoutTargets } from '../../lambdas/domain/targets.ts';
import type { EntryLedger, EntryRecord } from '../../lambdas/registrar/entries/ports.ts';
import type { Claim } from '../../lambdas/registrar/register.ts';
import type { createFakeRegistry } from './fake-registry.ts';

/** As a table stores and returns it: never the same object. */
const copy = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

const placeOf = (target: Target): string => targetName(target).replace(':', ' ');

export function createFakeEntries({
  registry,
  accounts,
  configs,
  states,
  entries,
}: ReturnType<typeof createFakeRegistry>) {
  const records: EntryRecord[] = [];
  const places = new Map<string, Claim>();
  /** Called before each write: whoever is quicker, or breaks down, goes here. */
  const before = { write: async (_: string): Promise<void> => {} };
  const isStill = (name: string, stored: unknown, read: unknown) => {
    const [a, b] = [stored, read].map((each) => copy(each) as { owner?: string; revision?: number } | undefined);
    if (!isDeepStrictEqual([a?.owner, a?.revision], [b?.owner, b?.revision]))
      throw new ConflictError(`somebody else wrote ${name} first`);
  };
  const ledger: EntryLedger = {
    account: registry.account,
    config: registry.config,
    integrations: registry.integrations,
    reconcileRequested: registry.reconcileRequested,
    accounts: async () => [...accounts.values()].flatMap(({ name, owner }) => (owner === 'api' ? [name] : [])),
    async publishedAt({ kind, name }) {
      const place = `${kind} ${name}`;
      return [...places].flatMap(([key, claim]) => (key === place || key.startsWith(`${place}#`) ? [claim] : []));
    },
    async putAccount(account, read, record) {
      await before.write(account.name);
      isStill(account.name, accounts.get(account.name), read);
      accounts.set(account.name, copy(account));
      records.push(copy(record));
    },
    async putIntegration(config, read, record, dueAt, claims = []) {
      const { name, revision } = config;
      await before.write(name);
      isStill(name, configs.get(name), read);
      const account = accounts.get(config.account);
      if (config.managed && (account?.owner !== 'api' || account.managed === false))
        throw new ConflictError(`the account of ${name} is not there`);
      const added = config.managed ? withoutTargets(config.targets, read?.managed ? read.targets : []) : [];
      for (const target of added) {
        const known = claims.find((claim) => placeOf(claim.target) === placeOf(target));
        if (!isDeepStrictEqual(places.get(placeOf(target)), known))
          throw new ConflictError(`somebody else has taken ${placeOf(target)}`);
      }
      configs.set(name, copy(config));
      records.push(copy(record));
      for (const target of added) places.set(placeOf(target), copy({ integration: name, revision, target }));
      entries.set(name, read !== undefined || states.has(name));
      if (states.has(name)) return;
      states.set(name, { integration: name, version: 1, tokens: [], sweeps: [], requests: [], dueAt });
    },
  };
  return { ledger, records, before };
}
