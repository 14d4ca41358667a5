import { acme, createWorld, MONDAY, seller, shop, TUESDAY } from './entry-world.ts';

describe('a seller who is registered', () => {
  test('is there with every default, and its credentials where the namespace has them', async () => {
    const { register, accounts, configs, states } = createWorld();
    expect(await register(acme)).toMatchObject({
      outcome: 'registered',
      accounts: { created: ['acme'], changed: [] },
      integrations: { created: ['acme-shop'], changed: [] },
    });
    expect(accounts.get('acme')).toEqual({
      name: 'acme',
      environment: 'sandbox',
      apiUrl: 'https://sandbox-api.paddle.com',
      apiKey: { secret: 'paddlewheel/sellers/acme/api-key' },
      webhookSecret: { secret: 'paddlewheel/sellers/acme/webhook-secret' },
      maxRevocationsPerRun: 5,
      webhooks: 'managed',
      proveWebhooks: true,
      owner: 'api',
      revision: 1,
    });
    expect(configs.get('acme-shop')).toMatchObject({ graceMs: 172_800_000, managed: true, owner: 'api', revision: 1 });
    expect(states.get('acme-shop')).toMatchObject({ version: 1, dueAt: MONDAY });
  });

  test('again changes nothing, records nothing and asks for nothing', async () => {
    const { register, records, sent } = createWorld();
    await register(acme);
    const before = [...records];
    expect(await register(acme, { now: TUESDAY })).toMatchObject({
      outcome: 'registered',
      message: 'Written: accounts none; integrations none.',
    });
    expect(records).toEqual(before);
    expect(sent).toEqual([]);
  });

  test('leaves a record of each change, with who asked, why, and which settings', async () => {
    const { register, records } = createWorld();
    await register({ ...acme, reason: 'joined' });
    await register({ integrations: [shop('acme', { grace: '1 hour' })] });
    expect(records).toMatchObject([
      { type: 'account.registered', account: 'acme', requestedBy: 'ada', reason: 'joined' },
      { type: 'integration.registered', integration: 'acme-shop', requestedBy: 'ada' },
      { type: 'integration.changed', integration: 'acme-shop', details: { revision: 2, changed: ['graceMs'] } },
    ]);
    expect(records[0]).not.toHaveProperty('integration');
    expect(new Set(records.map(({ id }) => id)).size).toBe(3);
  });

  test('has its schedule begin anew when that changes, and a reconcile after every change', async () => {
    const { register, configs, sent, entries } = createWorld();
    await register(acme);
    await register({ integrations: [shop('acme', { grace: '1 hour' })] }, { now: TUESDAY });
    expect(configs.get('acme-shop')).toMatchObject({ scheduleSince: MONDAY, revision: 2 });
    await register({ integrations: [shop('acme', { rotate: { every: '7 days' } })] }, { now: TUESDAY });
    expect(configs.get('acme-shop')).toMatchObject({ scheduleSince: TUESDAY, revision: 3 });
    expect(sent.map(({ integration, key }) => [integration, key])).toEqual([
      ['acme-shop', 'call-2'],
      ['acme-shop', 'call-3'],
    ]);
    expect(entries.get('acme-shop')).toBe(false);
  });
});

describe('refused with every fault in one answer, and nothing written:', () => {
  const refused: readonly (readonly [string, object, readonly RegExp[]])[] = [
    [
      'what the schema of a configuration file refuses',
      { accounts: [seller('Acme'), { name: 'beta' }], integrations: [shop('beta', { grace: 48, rotat: 1 })] },
      [/^accounts\[0\]\.name: /, /^accounts\[1\]\.environment: /, /grace: 48 has no unit/, /rotat: is not a setting/],
    ],
    [
      'names and targets that are taken twice in the call',
      { accounts: [seller('acme'), seller('acme')], integrations: [shop('acme'), shop('acme')] },
      [/accounts\[1\]\.name: acme is already taken by accounts\[0\]/, /integrations\[1\]\.name: /, /publishTo\[0\]: /],
    ],
    [
      'an account that nobody has registered',
      { integrations: [shop('acme')] },
      [/integrations\[0\]\.account: there is no account "acme"/],
    ],
    [
      'credentials of another seller, and keys that no role is allowed',
      {
        accounts: [
          seller('acme', { apiKey: { secret: 'paddlewheel/sellers/beta/api-key' } }),
          seller('beta', { apiKey: { ssmParameter: '/paddlewheel/sellers/beta/api-key' } }),
          seller('gamma', { apiKey: { secret: 'paddlewheel/sellers/gamma/webhook-secret' } }),
          seller('delta', { webhookSecret: { secret: 'paddlewheel/sellers/delta/other' } }),
        ],
      },
      [
        /accounts\[0\]\.apiKey: /,
        /accounts\[1\]\.apiKey: /,
        /accounts\[2\]\.apiKey: /,
        /accounts\[3\]\.webhookSecret: /,
      ],
    ],
    [
      'an address that is not known, for API keys are sent there',
      { accounts: [seller('acme', { apiUrl: 'https://evil.example' })] },
      [/accounts\[0\]\.apiUrl: is neither Paddle's/],
    ],
    [
      'targets outside of the namespace, or of another seller',
      {
        accounts: [seller('acme')],
        integrations: [
          shop('acme', {
            publishTo: [{ ssmParameter: '/prod/token' }, { secret: 'paddle/sellers/beta/token' }],
            formerTargets: [{ ssmParameter: '/paddle/sellers/acmeco/token' }],
          }),
        ],
      },
      [/publishTo\[0\]: must lie below \/paddle\/sellers\/acme\//, /publishTo\[1\]: /, /formerTargets\[0\]: /],
    ],
    [
      'what only a deploy can make',
      {
        accounts: [seller('acme', { seen: true })],
        integrations: [
          shop('acme', {
            deployHooks: [{ kind: 'webhook', url: { secret: 'hook' } }],
            consumers: [{ name: 'web', role: 'arn:aws:iam::123456789012:role/web' }],
            sites: [{ url: 'https://example.com', headers: { authorization: { secret: 'other' } } }],
          }),
        ],
      },
      [
        /seen: /,
        /deployHooks: needs a deploy/,
        /role: needs a deploy/,
        /sites: needs the browser/,
        /headers: holds a credential/,
      ],
    ],
    ['a setting of the call that there is not', { ...acme, owner: 'file' }, [/owner: is not a setting/]],
  ];
  test.each(refused)('%s', async (_, payload, faults) => {
    const { register, records, accounts } = createWorld();
    const answer = await register(payload);
    expect(answer.outcome).toBe('rejected');
    for (const fault of faults) expect(answer.faults).toContainEqual(expect.stringMatching(fault));
    expect([records, accounts.size]).toEqual([[], 0]);
  });

  test('a target that another integration of the seller has, registered before', async () => {
    const { register } = createWorld();
    await register(acme);
    const twin = shop('acme', { name: 'acme-two' });
    expect((await register({ integrations: [twin] })).faults).toEqual([
      'integration "acme-two": ssm:/paddle/sellers/acme/token is already taken by acme-shop',
    ]);
    // In one call, the target can be handed over.
    const moved = shop('acme', { publishTo: [{ ssmParameter: '/paddle/sellers/acme/other' }] });
    expect(await register({ integrations: [moved, twin] })).toMatchObject({ outcome: 'registered' });
  });

  test('an account that would move to another environment', async () => {
    const { register } = createWorld();
    await register(acme);
    expect((await register({ accounts: [seller('acme', { environment: 'live' })] })).faults).toEqual([
      expect.stringMatching(/account "acme" has environment sandbox, which cannot become live.*another name/),
      expect.stringMatching(/apiUrl/),
    ]);
  });
});

describe('two who change the same', () => {
  test('by an export of before: the later one is told to look again', async () => {
    const { register, call, configs } = createWorld();
    await register(acme);
    const exported = await call({ action: 'export' });
    await register({ integrations: [shop('acme', { grace: '1 hour' })] });
    const late = await register({ integrations: exported.integrations });
    expect(late.faults).toEqual(['integration "acme-shop": has revision 2 by now, not 1: export it again']);
    expect(configs.get('acme-shop')).toMatchObject({ graceMs: 3_600_000 });
  });

  test('at the same moment: one wins, the other is told what was left', async () => {
    const { register, before, configs, records } = createWorld();
    await register(acme);
    before.write = async () => {
      before.write = async () => {};
      configs.set('acme-shop', { ...configs.get('acme-shop'), graceMs: 1, revision: 2 } as never);
    };
    const answer = await register({ integrations: [shop('acme', { grace: '1 hour' })] });
    expect(answer).toMatchObject({ outcome: 'incomplete', left: [{ name: 'acme-shop', why: /somebody else/ }] });
    expect(configs.get('acme-shop')).toMatchObject({ graceMs: 1 });
    expect(records).toHaveLength(2);
  });
});

describe('two who want the same target at the same moment: one has it, the other is told', () => {
  const twin = shop('acme', { name: 'acme-two' });
  const taken = ['integration "acme-two": ssm:/paddle/sellers/acme/token is already taken by acme-shop'];

  test('of two that are new', async () => {
    const { register, before, configs } = createWorld();
    await register({ accounts: [seller('acme')] });
    before.write = async () => {
      before.write = async () => {};
      await register({ integrations: [shop('acme')] });
    };
    expect(await register({ integrations: [twin] })).toMatchObject({
      outcome: 'incomplete',
      left: [{ name: 'acme-two' }],
    });
    expect([...configs.keys()]).toEqual(['acme-shop']);
    expect((await register({ integrations: [twin] })).faults).toEqual(taken);
  });

  test('of one that has left, and comes back meanwhile', async () => {
    const { register, unregister, before } = createWorld();
    await register(acme);
    await unregister({ integrations: ['acme-shop'] });
    before.write = async () => {
      before.write = async () => {};
      await register({ integrations: [shop('acme')] });
    };
    expect(await register({ integrations: [twin] })).toMatchObject({ left: [{ name: 'acme-two' }] });
    expect((await register({ integrations: [twin] })).faults).toEqual(taken);
  });

  test('and one that was given up is free for everybody, its first owner included', async () => {
    const { register, unregister } = createWorld();
    await register(acme);
    await unregister({ integrations: ['acme-shop'] });
    expect(await register({ integrations: [twin] })).toMatchObject({ outcome: 'registered' });
    await unregister({ integrations: ['acme-two'] });
    expect(await register(acme)).toMatchObject({ outcome: 'registered' });
    expect((await register({ integrations: [twin] })).faults).toEqual(taken);
    const moved = shop('acme', { publishTo: [{ ssmParameter: '/paddle/sellers/acme/other' }] });
    expect(await register({ integrations: [moved] })).toMatchObject({ outcome: 'registered' });
    expect(await register(acme)).toMatchObject({ outcome: 'registered' });
  });
});

describe('a call that ends early', () => {
  const many = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `seller-${index}`);
    return { accounts: names.map((name) => seller(name)), integrations: names.map((name) => shop(name)) };
  };

  test('says what was left, and is made good by the same call', async () => {
    const { register, before, accounts, configs } = createWorld();
    const late = new AbortController();
    let writes = 0;
    before.write = async () => {
      writes += 1;
      if (writes === 60) late.abort();
    };
    const answer = await register(many(100), { signal: late.signal });
    expect(answer.outcome).toBe('incomplete');
    const written = (answer.accounts?.created.length ?? 0) + (answer.integrations?.created.length ?? 0);
    expect(written + (answer.left?.length ?? 0)).toBe(200);
    expect(accounts.size + configs.size).toBe(written);
    expect(await register(many(100))).toMatchObject({ outcome: 'registered' });
    expect([accounts.size, configs.size]).toEqual([100, 100]);
  });

  test('for a write that fails says which, and why', async () => {
    const { register, before } = createWorld();
    before.write = async (name) => {
      if (name === 'seller-3') throw new Error('the table is away');
    };
    expect(await register(many(5))).toMatchObject({
      outcome: 'incomplete',
      left: [
        { kind: 'account', name: 'seller-3', why: 'Error: the table is away' },
        { kind: 'integration', name: 'seller-3-shop', why: expect.stringMatching(/its account was left/) },
      ],
    });
  });

  test('takes a thousand sellers', async () => {
    const { register, accounts, records } = createWorld();
    expect(await register(many(1_000))).toMatchObject({ outcome: 'registered' });
    expect([accounts.size, records.length]).toEqual([1_000, 2_000]);
  });

  test('refuses more than it can write', async () => {
    const { register } = createWorld();
    expect((await register(many(2_001))).faults).toContainEqual(
      expect.stringMatching(/^accounts: must hold at most 2000/),
    );
  });
});

describe('a seller who leaves', () => {
  test('is unmanaged with all that it has, and everything else stays', async () => {
    const { register, unregister, accounts, configs, states, records, sent } = createWorld();
    await register(acme);
    await register({ accounts: [seller('beta')], integrations: [shop('beta')] });
    const state = states.get('acme-shop');
    expect(await unregister({ accounts: ['acme'], reason: 'left' })).toMatchObject({
      outcome: 'unregistered',
      accounts: { unregistered: ['acme'] },
      integrations: { unregistered: ['acme-shop'] },
    });
    expect(configs.get('acme-shop')).toMatchObject({ managed: false, revision: 2 });
    expect(accounts.get('acme')).toMatchObject({ managed: false });
    expect(configs.get('beta-shop')).toMatchObject({ managed: true, revision: 1 });
    expect(states.get('acme-shop')).toBe(state);
    expect(records.slice(-2)).toMatchObject([
      { type: 'integration.unregistered', requestedBy: 'ada', reason: 'left' },
      { type: 'account.unregistered' },
    ]);
    expect(sent.map(({ integration }) => integration)).toEqual(['acme-shop']);
    expect(await unregister({ accounts: ['acme'] })).toMatchObject({ outcome: 'unregistered' });
    expect(records).toHaveLength(6);
  });

  test('may come back, with its tokens as they are', async () => {
    const { register, unregister, configs, accounts, records } = createWorld();
    await register(acme);
    await unregister({ accounts: ['acme'] });
    expect(await register(acme, { now: TUESDAY })).toMatchObject({ accounts: { created: ['acme'] } });
    expect(configs.get('acme-shop')).toMatchObject({ managed: true, revision: 3, scheduleSince: TUESDAY });
    expect(accounts.get('acme')).not.toHaveProperty('managed');
    expect(records.at(-1)).toMatchObject({ type: 'integration.registered' });
  });

  test('and was never there is a fault', async () => {
    const { unregister } = createWorld();
    expect((await unregister({ accounts: ['nobody'], integrations: ['nothing'] })).faults).toEqual([
      'account "nobody" is not registered',
      'integration "nothing" is not registered',
    ]);
  });
});

test('a rehearsal says what would be, and writes nothing', async () => {
  const { register, unregister, accounts, configs } = createWorld();
  expect(await register({ ...acme, dryRun: true })).toMatchObject({
    outcome: 'rehearsed',
    integrations: { created: ['acme-shop'] },
  });
  expect(accounts.size).toBe(0);
  await register(acme);
  expect(await unregister({ accounts: ['acme'], dryRun: true })).toMatchObject({ outcome: 'rehearsed' });
  expect(configs.get('acme-shop')).toMatchObject({ managed: true });
});
