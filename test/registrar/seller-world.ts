/** Destinations of accounts whose key cannot be used. */
import { AlertError } from '../../lambdas/domain/errors.ts';
import type { Account } from '../../lambdas/domain/model.ts';
import { type DestinationRecord, freshRecord } from '../../lambdas/registrar/destinations/model.ts';
import type { DestinationPorts } from '../../lambdas/registrar/destinations/ports.ts';
import { FakeIds } from '../fakes/fake-ids.ts';
import { RecordingLog } from '../fakes/runtime.ts';

const records = new WeakMap<DestinationPorts, Map<string, DestinationRecord>>();

export function noDestinations(accounts: readonly Account[], why: string): DestinationPorts {
  const stored = new Map<string, DestinationRecord>();
  const fails = () => Promise.reject(new AlertError('api_key_empty', why));
  const ports: DestinationPorts = {
    ledger: {
      account: async (name) => accounts.find((account) => account.name === name),
      load: async (name) => stored.get(name) ?? freshRecord(name),
      async save(previous, next) {
        stored.set(next.account, { ...next, version: previous.version + 1 });
        return stored.get(next.account) as DestinationRecord;
      },
    },
    secrets: { read: async () => [], write: async () => {} },
    trail: { holds: async () => false },
    paddle: () => ({ list: fails, create: fails, change: fails }) as never,
    ...{
      clock: { now: () => 0 },
      ids: new FakeIds(),
      log: new RecordingLog(),
      rest: async () => {},
      baseUrl: 'https://x',
    },
  };
  records.set(ports, stored);
  return ports;
}

export const createDestinationLedgerOf = (ports: DestinationPorts) => ({
  failureOf: (account: string) => records.get(ports)?.get(account)?.failure,
});
