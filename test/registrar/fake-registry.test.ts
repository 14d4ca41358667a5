import { registryContract } from '../contracts/registry.contract.ts';
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
