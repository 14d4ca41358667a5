/** Entries of the file and of the API side by side, ways in that are bound to a prefix, and the export of them all. */
import type { Configuration } from '../../lambdas/registrar/register.ts';
import { acme, createWorld, namespace, seller, shop } from './entry-world.ts';

describe('the file and the API', () => {
  const file: Configuration = {
    accounts: [
      {
        ...{ name: 'own', environment: 'sandbox', apiUrl: 'https://sandbox-api.paddle.com', apiKey: { secret: 'own' } },
        ...{
          webhookSecret: { secret: 'own-webhook' },
          maxRevocationsPerRun: 5,
          webhooks: 'manual',
          proveWebhooks: true,
        },
      },
    ],
    integrations: [
      {
        ...{ name: 'own-shop', account: 'own', schedule: { every: 86_400_000 }, graceMs: 1, graceFrom: 'published' },
        ...{ targets: [{ kind: 'ssm', name: '/own' }], consumers: [], sites: [], scans: { count: 1, overMs: 1 } },
        ...{ lookBackMs: 1, holdAlarmAfterMs: 1, drift: 'restore' },
      },
    ],
  };

  test('leave each other’s entries alone', async () => {
    const { register, deploy, configs, accounts } = createWorld();
    await register(acme);
    const before = [structuredClone(configs.get('acme-shop')), structuredClone(accounts.get('acme'))];
    expect(await deploy(file)).toMatchObject({ created: ['own-shop'], unmanaged: [] });
    expect(await deploy({ ...file, integrations: [] })).toMatchObject({ unmanaged: ['own-shop'] });
    expect([configs.get('acme-shop'), accounts.get('acme')]).toEqual(before);
  });

  test('clash with a word on what to do', async () => {
    const { register, unregister, deploy, configs } = createWorld();
    await deploy(file);
    expect(
      (await register({ accounts: [seller('own')], integrations: [shop('own', { name: 'own-shop' })] })).faults,
    ).toEqual([
      'account "own": belongs to the configuration file: change it there, or use another name',
      'integration "own-shop": belongs to the configuration file: change it there, or use another name',
    ]);
    expect((await unregister({ accounts: ['own'], integrations: ['own-shop'] })).faults).toHaveLength(2);
    await register(acme);
    const [own] = file.accounts;
    const taking = { ...file, accounts: [...file.accounts, { ...own, name: 'acme' } as never] };
    await expect(deploy(taking)).rejects.toThrow(/account "acme": registered by the API.*Unregister it/);
    // Unregistered, it is free for the file.
    await unregister({ accounts: ['acme'] });
    await deploy(taking);
    expect(configs.get('acme-shop')).toMatchObject({ managed: false });
  });

  test('never publish at the same place, not even after a namespace has moved', async () => {
    const { register, unregister, deploy, configs } = createWorld();
    const web = { secret: 'paddle/sellers/acme/web', jsonKey: 'TOKEN' };
    const publishTo = [{ ssmParameter: '/paddle/sellers/acme/token' }, web];
    await register({ ...acme, integrations: [shop('acme', { publishTo })] });
    const [own] = file.integrations;
    const publishing = (...targets: readonly object[]) =>
      deploy({ ...file, integrations: [{ ...own, targets: [{ kind: 'ssm', name: '/own' }, ...targets] } as never] });
    await expect(publishing({ kind: 'ssm', name: '/paddle/sellers/acme/token' })).rejects.toThrow(
      /target ssm:\/paddle\/sellers\/acme\/token of integration "acme-shop": registered by the API.*Unregister it/,
    );
    await expect(publishing({ kind: 'secret', name: web.secret })).rejects.toThrow(/of integration "acme-shop"/);
    expect(configs.get('own-shop')).toBeUndefined();
    await publishing({ kind: 'secret', name: web.secret, jsonKey: 'OTHER' });
    await unregister({ accounts: ['acme'] });
    await publishing({ kind: 'ssm', name: '/paddle/sellers/acme/token' });
    expect(configs.get('own-shop')?.targets).toHaveLength(2);
  });

  test('an integration of the API needs an account of the API', async () => {
    const { register, deploy } = createWorld();
    await deploy(file);
    expect((await register({ integrations: [shop('own', { name: 'more' })] })).outcome).toBe('rejected');
  });
});

describe('a way in that is bound to a prefix', () => {
  const bound = { alias: 'only-acme' };

  test('takes what begins with it, and nothing else', async () => {
    const { register, unregister, call } = createWorld();
    expect(await register(acme, bound)).toMatchObject({ outcome: 'registered' });
    await register({ accounts: [seller('beta')], integrations: [shop('beta')] });
    const named = (name: string) => [`${name}: does not begin with acme, and this way in is for names that do`];
    expect((await register({ accounts: [seller('gamma')] }, bound)).faults).toEqual(named('gamma'));
    expect((await register({ integrations: [shop('beta', { name: 'acme-thief' })] }, bound)).faults).toEqual(
      named('beta'),
    );
    expect((await unregister({ accounts: ['beta'] }, bound)).faults).toEqual(named('beta'));
    expect((await call({ action: 'list' }, bound)).accounts).toMatchObject([{ name: 'acme' }]);
  });

  test.each([
    ['what a deploy sends', { alias: 'register' }, { RequestType: 'Create', ResponseURL: 'https://x' }],
    ['the maintenance of webhooks', bound, { action: 'rotate-webhook-secret', account: 'acme' }],
    ['any other alias', { alias: 'operate' }, { action: 'list' }],
    ['an alias with no prefix', { alias: 'only-' }, { action: 'list' }],
    ['an installation without a namespace', { opened: undefined }, { action: 'list' }],
  ])('refuses %s', async (_, options, event) => {
    const { call } = createWorld();
    expect(await call(event, options)).toMatchObject({ outcome: 'rejected' });
  });
});

test('a way in that is bound to a prefix shows no entry of another name, not even of an account of its own', async () => {
  const { register, call } = createWorld();
  const other = shop('acme', { name: 'zoe-shop', publishTo: [{ ssmParameter: '/paddle/sellers/acme/zoe' }] });
  await register({ ...acme, integrations: [shop('acme'), other] });
  for (const action of ['list', 'export', 'get']) {
    const answer = await call({ action }, { alias: 'only-acme' });
    expect(JSON.stringify(answer)).not.toContain('zoe');
    expect(answer.integrations).toMatchObject([{ name: 'acme-shop' }]);
  }
});

describe('an export', () => {
  const rich = {
    accounts: [seller('acme', { webhooks: 'manual', maxRevocationsPerRun: 9, apiUrl: 'https://paddle.test/' })],
    integrations: [
      shop('acme', {
        rotate: { cron: '0 3 * * *', timezone: 'Europe/London', spread: '30 minutes' },
        publishTo: [{ secret: 'paddle/sellers/acme/web', jsonKey: 'TOKEN' }],
        formerTargets: [{ ssmParameter: '/paddle/sellers/acme/old' }],
        consumers: ['web', { name: 'app', branches: ['main'] }],
        ...{ grace: '90 seconds', graceFrom: 'deployed', scans: { count: 2, over: '1 hour' }, drift: 'report' },
        ...{ lookBack: '2 weeks', holdAlarmAfter: '1 day', deployWithin: '5 minutes' },
      }),
    ],
  };

  test('registered again changes nothing', async () => {
    const { register, call } = createWorld();
    await register(rich);
    const { accounts, integrations } = await call({ action: 'export' });
    expect(await register({ accounts, integrations })).toMatchObject({
      message: 'Written: accounts none; integrations none.',
    });
  });

  test.each([
    ['of lists that are empty', { deployHooks: [], formerTargets: [], consumers: [], sites: [] }, {}],
    ['of an account that a local Paddle stands in for', {}, { standIn: 'http://localhost:4000', apiUrls: [] }],
  ])('%s, registered again, changes nothing either', async (_, more, deployed) => {
    const { register, call } = createWorld();
    const opened = JSON.stringify({ ...namespace, ...deployed });
    await register({ accounts: [seller('acme')], integrations: [shop('acme', more)] }, { opened });
    const { accounts, integrations } = await call({ action: 'export' }, { opened });
    expect(await register({ accounts, integrations }, { opened })).toMatchObject({
      message: 'Written: accounts none; integrations none.',
    });
  });

  test('comes in pages, and leaves out who has left', async () => {
    const { register, unregister, call } = createWorld();
    const names = ['a', 'b', 'c'];
    await register({ accounts: names.map((name) => seller(name)), integrations: names.map((name) => shop(name)) });
    await unregister({ accounts: ['b'] });
    const first = await call({ action: 'export', limit: 2 });
    expect([first.accounts, first.after]).toEqual([[expect.objectContaining({ name: 'a' })], 'b b-shop']);
    const second = await call({ action: 'export', after: first.after });
    expect([second.accounts, second.after]).toEqual([[expect.objectContaining({ name: 'c' })], undefined]);
    expect((await call({ action: 'get', accounts: ['c'] })).integrations).toMatchObject([{ name: 'c-shop' }]);
  });
});
