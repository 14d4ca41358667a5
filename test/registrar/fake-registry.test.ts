import { entriesContract } from '../contracts/entries.contract.ts';
import { registryContract } from '../contracts/registry.contract.ts';
import { createFakeEntries } from './fake-entries.ts';
import { createFakeRegistry } from './fake-registry.ts';

describe('the fake registry', () => {
  registryContract(async () => {
    const { registry, states } = createFakeRegistry();
    return {
      registry,
      state: async (integration) => states.get(integration),
      putState: async (state) => {
        states.set(state.integration, state);
      },
    };
  });
});

describe('the fake ledger of entries', () => {
  entriesContract(async () => {
    const fake = createFakeRegistry();
    const { ledger, records } = createFakeEntries(fake);
    return {
      ledger,
      registry: fake.registry,
      state: async (integration) => fake.states.get(integration),
      putState: async (state) => void fake.states.set(state.integration, state),
      recorded: async ({ id }) => records.some((record) => record.id === id),
    };
  });
});
