import type { Account, IntegrationConfig, IntegrationState } from '../../lambdas/domain/model.ts';
import type { Registry } from '../../lambdas/registrar/register.ts';

/** A fresh, empty registry, and a way to the states beside it. */
export interface RegistryWorld {
  readonly registry: Registry;
  state(integration: string): Promise<IntegrationState | undefined>;
  putState(state: IntegrationState): Promise<void>;
}

const NOW = '2026-11-23T03:00:00.000Z';

const config: IntegrationConfig = {
  name: 'checkout',
  account: 'sandbox',
  environment: 'sandbox',
  managed: true,
  scheduleSince: NOW,
  schedule: { cron: '0 3 1 * *', timezone: 'Europe/London' },
  graceMs: 172_800_000,
  graceFrom: 'published',
  targets: [{ kind: 'ssm', name: '/paddle/checkout' }],
  consumers: [],
  sites: [{ url: 'https://example.com', extraOrigins: [] }],
  scans: { count: 3, overMs: 1_800_000 },
  lookBackMs: 2_592_000_000,
  holdAlarmAfterMs: 604_800_000,
  drift: 'restore',
};
const entry = { integration: 'checkout', account: 'sandbox' };
const account: Account = {
  name: 'sandbox',
  environment: 'sandbox',
  apiUrl: 'https://sandbox-api.paddle.com',
  apiKey: { secret: 'api-key' },
  webhookSecret: { ssmParameter: '/webhook' },
  maxRevocationsPerRun: 5,
  webhooks: 'managed',
  proveWebhooks: true,
};

/** What every registry must do, the fake one and the one in DynamoDB. */
export function registryContract(make: () => Promise<RegistryWorld>): void {
  test('knows who publishes where', async () => {
    const { registry } = await make();
    const target = { kind: 'ssm', name: '/paddle/checkout' } as const;
    expect(await registry.publishedAt(target)).toEqual([]);
    await registry.create(config, NOW);
    expect(await registry.publishedAt(target)).toEqual([{ integration: 'checkout', target }]);
  });

  test('knows nothing at first', async () => {
    const { registry } = await make();
    expect(await registry.account('sandbox')).toBeUndefined();
    expect(await registry.config('checkout')).toBeUndefined();
    expect(await registry.integrations()).toEqual([]);
  });

  test('gives an account back as it was put', async () => {
    const { registry } = await make();
    await registry.putAccount(account);
    expect(await registry.account('sandbox')).toEqual(account);
  });

  test('creates the configuration together with a first state', async () => {
    const { registry, state } = await make();
    await registry.create(config, NOW);
    expect(await registry.config('checkout')).toEqual(config);
    expect(await registry.integrations()).toEqual([{ ...entry, reconcileOwed: false }]);
    expect(await state('checkout')).toMatchObject({ integration: 'checkout', version: 1, tokens: [], dueAt: NOW });
  });

  test('never touches a state that is there, and owes it a reconcile', async () => {
    const { registry, state, putState } = await make();
    const before = { integration: 'checkout', version: 42, tokens: [], sweeps: [], requests: [] };
    await putState(before);
    await registry.create(config, NOW);
    expect(await state('checkout')).toEqual(before);
    expect(await registry.config('checkout')).toEqual(config);
    expect(await registry.integrations()).toEqual([{ ...entry, reconcileOwed: true }]);
  });

  test('owes a reconcile after a change until one was asked for', async () => {
    const { registry } = await make();
    await registry.create(config, NOW);
    await registry.change({ ...config, managed: false });
    expect(await registry.config('checkout')).toEqual({ ...config, managed: false });
    expect(await registry.integrations()).toEqual([{ ...entry, reconcileOwed: true }]);
    await registry.reconcileRequested({ ...entry, reconcileOwed: true });
    expect(await registry.integrations()).toEqual([{ ...entry, reconcileOwed: false }]);
  });

  test('lists everybody who was ever there', async () => {
    const { registry } = await make();
    const names = Array.from({ length: 30 }, (_, index) => `shop-${index}`);
    for (const name of names) await registry.create({ ...config, name }, NOW);
    const listed = (await registry.integrations()).map(({ integration }) => integration);
    expect(listed.sort()).toEqual(names.sort());
  });
}
