import type { AccountSpec, IntegrationSpec } from '../../lambdas/contract.ts';
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import { type Configuration, register } from '../../lambdas/registrar/register.ts';
import { createFakeReconcileQueue, createFakeRegistry } from './fake-registry.ts';

const MONDAY = '2026-11-23T03:00:00.000Z';
const TUESDAY = '2026-11-24T03:00:00.000Z';
const WEDNESDAY = '2026-11-25T03:00:00.000Z';

const sandbox: AccountSpec = {
  name: 'sandbox',
  environment: 'sandbox',
  apiUrl: 'https://sandbox-api.paddle.com',
  apiKey: { secret: 'api-key' },
  webhookSecret: { secret: 'webhook-secret' },
  maxRevocationsPerRun: 5,
  webhooks: 'managed',
  proveWebhooks: true,
};
const pricing: IntegrationSpec = {
  name: 'pricing-page',
  account: 'sandbox',
  schedule: { every: 86_400_000 },
  graceMs: 172_800_000,
  graceFrom: 'published',
  targets: [{ kind: 'ssm', name: '/paddle/pricing-page' }],
  consumers: [],
  sites: [],
  scans: { count: 3, overMs: 1_800_000 },
  lookBackMs: 2_592_000_000,
  holdAlarmAfterMs: 604_800_000,
  drift: 'restore',
};
const checkout: IntegrationSpec = { ...pricing, name: 'checkout', targets: [{ kind: 'secret', name: 'checkout' }] };
const both: Configuration = { accounts: [sandbox], integrations: [pricing, checkout] };
const only = (...integrations: IntegrationSpec[]): Configuration => ({ accounts: [sandbox], integrations });

function createWorld() {
  const fakes = { ...createFakeRegistry(), ...createFakeReconcileQueue() };
  let deploys = 0;
  const deploy = (configuration: Configuration, now: string, signal = new AbortController().signal) => {
    deploys += 1;
    return register(configuration, fakes, { requestId: `deploy-${deploys}`, now, signal });
  };
  return { ...fakes, deploy };
}

describe('the first deploy', () => {
  test('writes accounts and integrations, each with a first state that is due at once', async () => {
    const { deploy, accounts, configs, states } = createWorld();
    expect(await deploy(both, MONDAY)).toEqual({ created: ['pricing-page', 'checkout'], changed: [], unmanaged: [] });
    expect(accounts.get('sandbox')).toEqual(sandbox);
    expect(configs.get('checkout')).toEqual({
      ...checkout,
      environment: 'sandbox',
      managed: true,
      scheduleSince: MONDAY,
    });
    expect(states.get('checkout')).toEqual({
      integration: 'checkout',
      version: 1,
      tokens: [],
      sweeps: [],
      requests: [],
      dueAt: MONDAY,
    });
  });

  test('asks for no reconcile: the heartbeat gives the first token, not the deploy', async () => {
    const { deploy, sent } = createWorld();
    await deploy(both, MONDAY);
    expect(sent).toEqual([]);
  });

  test('leaves alone a state from an earlier life, and asks for a reconcile at it', async () => {
    const { deploy, states, sent } = createWorld();
    const earlier: IntegrationState = { ...emptyState('checkout'), version: 42 };
    states.set('checkout', earlier);
    await deploy(both, MONDAY);
    expect(states.get('checkout')).toBe(earlier);
    expect(sent.map(({ integration }) => integration)).toEqual(['checkout']);
  });
});

describe('a later deploy', () => {
  test('in which nothing changed writes nothing and asks for nothing', async () => {
    const { deploy, writes, sent } = createWorld();
    await deploy(both, MONDAY);
    const before = [...writes];
    expect(await deploy(both, TUESDAY)).toEqual({ created: [], changed: [], unmanaged: [] });
    expect(writes).toEqual(before);
    expect(sent).toEqual([]);
  });

  test('with a changed grace keeps the schedule in force since it was, and asks for one reconcile', async () => {
    const { deploy, configs, states, sent } = createWorld();
    await deploy(both, MONDAY);
    const stateBefore = structuredClone(states.get('checkout'));
    await deploy(only(pricing, { ...checkout, graceMs: 1_000 }), TUESDAY);
    expect(configs.get('checkout')).toMatchObject({ graceMs: 1_000, scheduleSince: MONDAY });
    expect(states.get('checkout')).toEqual(stateBefore);
    expect(sent).toEqual([{ integration: 'checkout', cause: 'deploy', key: 'deploy-2' }]);
  });

  test('with a changed schedule lets it begin now, so that no slot of the past becomes due', async () => {
    const { deploy, configs } = createWorld();
    await deploy(both, MONDAY);
    await deploy(only(pricing, { ...checkout, schedule: { cron: '0 3 * * *', timezone: 'UTC' } }), TUESDAY);
    expect(configs.get('checkout')?.scheduleSince).toBe(TUESDAY);
    expect(configs.get('pricing-page')?.scheduleSince).toBe(MONDAY);
  });

  test('that adds an integration leaves the others as they are', async () => {
    const { deploy, writes } = createWorld();
    await deploy(only(pricing), MONDAY);
    await deploy(both, TUESDAY);
    expect(writes).toEqual(['account sandbox', 'create pricing-page', 'create checkout']);
  });

  test('changes an account’s key and cap', async () => {
    const { deploy, accounts } = createWorld();
    await deploy(both, MONDAY);
    const changed = { ...sandbox, apiKey: { ssmParameter: '/key' }, maxRevocationsPerRun: 1 };
    await deploy({ ...both, accounts: [changed] }, TUESDAY);
    expect(accounts.get('sandbox')).toEqual(changed);
  });
});

describe('an integration that leaves the configuration', () => {
  test('is no longer managed, keeps everything else, and is reconciled once more', async () => {
    const { deploy, configs, states, sent } = createWorld();
    await deploy(both, MONDAY);
    const before = { config: configs.get('checkout'), state: states.get('checkout') };
    expect(await deploy(only(pricing), TUESDAY)).toMatchObject({ unmanaged: ['checkout'] });
    expect(configs.get('checkout')).toEqual({ ...before.config, managed: false });
    expect(states.get('checkout')).toBe(before.state);
    expect(sent.map(({ integration }) => integration)).toEqual(['checkout']);
  });

  test('is not touched by deploys after that', async () => {
    const { deploy, writes } = createWorld();
    await deploy(both, MONDAY);
    await deploy(only(pricing), TUESDAY);
    const before = [...writes];
    expect(await deploy(only(pricing), WEDNESDAY)).toMatchObject({ unmanaged: [] });
    expect(writes).toEqual(before);
  });

  test('starts its schedule afresh when it comes back', async () => {
    const { deploy, configs } = createWorld();
    await deploy(both, MONDAY);
    await deploy(only(pricing), TUESDAY);
    expect(await deploy(both, WEDNESDAY)).toMatchObject({ created: [], changed: ['checkout'] });
    expect(configs.get('checkout')).toMatchObject({ managed: true, scheduleSince: WEDNESDAY });
  });
});

describe('a deploy that breaks off', () => {
  test('before its reconciles were asked for is made good by the next, even if that changes nothing', async () => {
    const { deploy, sent, fail, entries } = createWorld();
    await deploy(both, MONDAY);
    fail();
    const changed = only(pricing, { ...checkout, graceMs: 1_000 });
    await expect(deploy(changed, TUESDAY)).rejects.toThrow('the queue is away');
    expect(await deploy(changed, WEDNESDAY)).toMatchObject({ changed: [] });
    expect(sent).toEqual([{ integration: 'checkout', cause: 'deploy', key: 'deploy-3' }]);
    expect(entries.get('checkout')).toBe(false);
  });

  test('for want of time writes no further', async () => {
    const { deploy, writes } = createWorld();
    await expect(deploy(both, MONDAY, AbortSignal.abort(new Error('out of time')))).rejects.toThrow('out of time');
    expect(writes).toEqual([]);
  });
});

describe('refused, before anything is written:', () => {
  const moved = { ...sandbox, name: 'other' };

  test.each<[string, Configuration, string]>([
    [
      'an account in another environment',
      { ...both, accounts: [{ ...sandbox, environment: 'live' }] },
      'account "sandbox" has environment sandbox, which cannot become live',
    ],
    [
      'an account at another address',
      { ...both, accounts: [{ ...sandbox, apiUrl: 'http://localhost:1' }] },
      'account "sandbox" has apiUrl https://sandbox-api.paddle.com, which cannot become http://localhost:1',
    ],
    [
      'an integration of another account',
      { accounts: [sandbox, moved], integrations: [pricing, { ...checkout, account: 'other' }] },
      'integration "checkout" belongs to account "sandbox", and cannot move to "other"',
    ],
  ])('%s', async (_, configuration, message) => {
    const { deploy, writes } = createWorld();
    await deploy(both, MONDAY);
    const before = [...writes];
    await expect(deploy(configuration, TUESDAY)).rejects.toThrow(message);
    expect(writes).toEqual(before);
  });

  test('every contradiction is in one message', async () => {
    const { deploy } = createWorld();
    await deploy(both, MONDAY);
    const live = { ...sandbox, environment: 'live', apiUrl: 'https://api.paddle.com' } as const;
    await expect(deploy({ ...both, accounts: [live] }, TUESDAY)).rejects.toThrow(
      /environment.*; .*apiUrl.*Use another name/,
    );
  });

  test('an integration of an account that the template does not have', async () => {
    const { deploy } = createWorld();
    await expect(deploy({ accounts: [], integrations: [pricing] }, MONDAY)).rejects.toThrow(
      '"pricing-page" names the unknown account "sandbox"',
    );
  });
});

test('a hundred integrations are registered, each once', async () => {
  const { deploy, states, writes } = createWorld();
  const integrations = Array.from({ length: 100 }, (_, index) => ({ ...pricing, name: `shop-${index}` }));
  await deploy(only(...integrations), MONDAY);
  expect(states.size).toBe(100);
  expect(new Set(writes).size).toBe(writes.length);
});

function emptyState(integration: string): IntegrationState {
  return { integration, version: 1, tokens: [], sweeps: [], requests: [] };
}
