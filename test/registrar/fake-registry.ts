import type { Account, IntegrationConfig, IntegrationState } from '../../lambdas/domain/model.ts';
import type { ReconcileQueue, Registry } from '../../lambdas/registrar/register.ts';

/** As a table stores and returns it: never the same object. */
const copy = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

/** The ledger as the registrar sees it, in memory. `writes` keeps the order of what was written. */
export function createFakeRegistry() {
  const accounts = new Map<string, Account>();
  const configs = new Map<string, IntegrationConfig>();
  const states = new Map<string, IntegrationState>();
  const entries = new Map<string, boolean>();
  const writes: string[] = [];
  const mustBeTheFiles = (entry: { owner?: 'api'; managed?: boolean } | undefined) => {
    if (entry?.owner === 'api' && entry.managed !== false) throw new Error('The conditional request failed');
  };
  const registry: Registry = {
    account: async (name) => copy(accounts.get(name)),
    config: async (name) => copy(configs.get(name)),
    integrations: async () =>
      [...entries].map(([integration, reconcileOwed]) => {
        const { account, owner, revision } = configs.get(integration) ?? {};
        return { integration, reconcileOwed, account, ...(owner && { owner }), ...(revision && { revision }) };
      }),
    publishedAt: async ({ kind, name }) =>
      [...configs.values()].flatMap(({ name: integration, managed, targets }) =>
        targets
          .filter((target) => managed && target.kind === kind && target.name === name)
          .map((target) => copy({ integration, target })),
      ),
    async putAccount(account) {
      mustBeTheFiles(accounts.get(account.name));
      writes.push(`account ${account.name}`);
      accounts.set(account.name, copy(account));
    },
    async change(config) {
      mustBeTheFiles(configs.get(config.name));
      writes.push(`change ${config.name}`);
      configs.set(config.name, copy(config));
      entries.set(config.name, true);
    },
    async reconcileRequested({ integration, revision }) {
      if (configs.get(integration)?.revision !== revision) return;
      writes.push(`asked ${integration}`);
      entries.set(integration, false);
    },
    async create(config, dueAt) {
      mustBeTheFiles(configs.get(config.name));
      writes.push(`create ${config.name}`);
      configs.set(config.name, copy(config));
      entries.set(config.name, states.has(config.name));
      if (states.has(config.name)) return;
      const fresh = { integration: config.name, version: 1, tokens: [], sweeps: [], requests: [], dueAt };
      states.set(config.name, fresh);
    },
  };
  return { registry, accounts, configs, states, entries, writes };
}

/** Keeps what was asked for; `fail()` makes the next call fail, as a crash in between would look. */
export function createFakeReconcileQueue() {
  const sent: Parameters<ReconcileQueue['send']>[0][number][] = [];
  let failing = false;
  const queue: ReconcileQueue = {
    async send(requests) {
      if (failing) {
        failing = false;
        throw new Error('the queue is away');
      }
      sent.push(...requests);
    },
  };
  return { queue, sent, fail: () => (failing = true) };
}
