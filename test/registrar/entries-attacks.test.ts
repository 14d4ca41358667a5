/** Sellers, and callers bound to a prefix, who want more than is theirs; calls that meet, break off and are made again. */
import type { IntegrationConfig } from '../../lambdas/domain/model.ts';
import type { EntryAnswer } from '../../lambdas/registrar/entries/answers.ts';
import { tracesOf } from '../../lambdas/registrar/entries/traces.ts';
import { acme, createWorld, seller, shop, TUESDAY } from './entry-world.ts';

const KEY = `pdl_live_apikey_${'0'.repeat(26)}_${'a'.repeat(22)}_abc`;

describe('a name that is none is a fault, and asks the ledger for nothing:', () => {
  test.each([
    ['a slash', 'acme/../beta'],
    ['dots', '..'],
    ['a wildcard', 'acme*'],
    ['percent-encoding', 'acme%2Fbeta'],
    ['other scripts', 'аcme'],
    ['a key of the ledger', 'acme#CONFIG'],
    ['a prototype', '__proto__'],
    ['what every object has', 'constructor_'],
    ['capitals', 'ACME'],
    ['a thousand letters', 'a'.repeat(1_000)],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['a text of its own making', { toString: 1, valueOf: 1 }],
    ['a list', ['acme']],
  ])('%s', async (_, name) => {
    const { register, ledger, accounts, records } = createWorld();
    const asked: unknown[] = [];
    const account = ledger.account;
    ledger.account = (each) => {
      asked.push(each);
      return account(each);
    };
    const answer = await register({
      accounts: [{ ...seller('acme'), name }],
      integrations: [{ ...shop('acme'), name, account: name }],
    });
    expect(answer.outcome).toBe('rejected');
    expect(asked).toEqual([]);
    expect([accounts.size, records.length]).toEqual([0, 0]);
    expect(answer.message.length).toBeLessThan(20_000);
  });
});

describe('places that lie in a folder by their letters only:', () => {
  test.each([
    ['/paddle/sellers/acme/../beta/token'],
    ['/paddle/sellers/acme/./token'],
    ['/paddle/sellers/acme'],
    ['/paddle/sellers/acme/'],
    ['/paddle/sellers/ACME/token'],
  ])('parameter %s', async (ssmParameter) => {
    const { register } = createWorld();
    const publishTo = [{ ssmParameter }];
    expect(await register({ ...acme, integrations: [shop('acme', { publishTo })] })).toMatchObject({
      outcome: 'rejected',
    });
  });

  test.each([['../beta/api-key'], ['./api-key'], [''], ['/api-key'], ['x//y'], ['webhook-secret']])(
    'API key %s',
    async (rest) => {
      const { register } = createWorld();
      const apiKey = { secret: `paddlewheel/sellers/acme/${rest}` };
      expect(await register({ accounts: [seller('acme', { apiKey })] })).toMatchObject({ outcome: 'rejected' });
    },
  );
});

test('a payload with a prototype leaves every object as it was', async () => {
  const { call } = createWorld();
  const payload = JSON.parse(
    '{"action":"register","accounts":[{"name":"acme","environment":"sandbox","__proto__":{"owner":"file"}}],"__proto__":{"dryRun":false}}',
  );
  expect(await call<EntryAnswer>(payload)).toMatchObject({ outcome: 'rejected' });
  expect(({} as { owner?: string }).owner).toBeUndefined();
});

test('an action that is no text is no action of the API', async () => {
  const { call } = createWorld();
  expect(await call({ action: { toString: 1 } }, { alias: 'register' })).toMatchObject({ outcome: 'rejected' });
});

describe('no key is told again, wherever somebody put it by mistake:', () => {
  test.each([
    ['as a name', { accounts: [seller(KEY)] }],
    ['as a setting', { accounts: [seller('acme', { [KEY]: true })] }],
    ['as the account', { integrations: [shop(KEY)] }],
    ['as an address', { accounts: [seller('acme', { apiUrl: KEY })] }],
    [
      'as a target',
      { ...acme, integrations: [shop('acme', { publishTo: [{ secret: `paddle/sellers/beta/${KEY}` }] })] },
    ],
  ])('%s', async (_, payload) => {
    const { register } = createWorld();
    const answer = await register(payload);
    expect(answer.outcome).toBe('rejected');
    expect(JSON.stringify(answer)).not.toContain(KEY);
  });

  test('as the reason, or as whoever asked', async () => {
    const { register, records } = createWorld();
    await register({ ...acme, reason: `because ${KEY}`, requestedBy: KEY });
    expect(records).toHaveLength(2);
    expect(JSON.stringify(records)).not.toContain(KEY);
  });
});

test('the log says who asked for what by which way, and names neither keys nor entries', () => {
  const answer = {
    outcome: 'incomplete',
    accounts: { created: ['acme'], changed: [] },
    left: [{ kind: 'account', name: 'beta', why: KEY }],
  };
  const event = { action: 'register', requestedBy: `ada ${KEY}`, accounts: [seller('acme')] };
  const traces = tracesOf(event, 'only-acme', answer);
  expect(traces).toMatchObject({
    ...{ action: 'register', requestedBy: expect.stringMatching(/^ada /), alias: 'only-acme' },
    ...{ outcome: 'incomplete', accounts: { created: 1, changed: 0 }, left: 1 },
  });
  expect(JSON.stringify(traces)).not.toContain(KEY);
  for (const odd of [null, 'text', 7, [], { action: {}, requestedBy: 1 }])
    expect(tracesOf(odd, undefined, { outcome: 'rejected', faults: ['one'] })).toMatchObject({ faults: 1 });
});

test('of a million faults, as many are told as an answer has room for', async () => {
  const { register } = createWorld();
  const settings = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`s${index}`, 1]));
  const answer = await register({ accounts: [seller('acme', settings)] });
  expect(answer.message).toMatch(/6000\d faults/);
  expect(JSON.stringify(answer).length).toBeLessThan(1_000_000);
});

test('a place that no key of the ledger has room for is a fault', async () => {
  const { register } = createWorld();
  const publishTo = [{ secret: `paddle/sellers/acme/${'a'.repeat(480)}`, jsonKey: '\u{1f511}'.repeat(128) }];
  const answer = await register({ ...acme, integrations: [shop('acme', { publishTo })] });
  expect(answer.faults).toEqual([expect.stringMatching(/publishTo\[0\]\.jsonKey: .* more than 1000 bytes/)]);
});

test('lists that are longer than may be are not compared with each other', async () => {
  const { register } = createWorld();
  const consumers = Array.from({ length: 200_000 }, () => 'web');
  const keys = Array.from({ length: 50_000 }, (_, at) => ({ secret: 'paddle/sellers/acme/web', jsonKey: `k${at}` }));
  const answer = await register({ ...acme, integrations: [shop('acme', { consumers, publishTo: keys })] });
  expect(answer.faults).toEqual([
    expect.stringMatching(/publishTo: must name at most 20/),
    expect.stringMatching(/consumers: must name at most 100/),
  ]);
});

test('an entry that no item of the ledger has room for is a fault', async () => {
  const { register } = createWorld();
  const sites = [{ url: `https://example.com/?${'a'.repeat(400_000)}` }];
  const answer = await register({ ...acme, integrations: [shop('acme', { sites })] });
  expect(answer.faults).toContainEqual(expect.stringMatching(/integrations\[0\]: is too large/));
});

describe('whoever comes in by an alias for a prefix', () => {
  const bound = { alias: 'only-acme-' };
  const own = { accounts: [seller('acme-one')], integrations: [shop('acme-one')] };

  test('cannot tell whether an account of somebody else is registered', async () => {
    const [there, not] = [createWorld(), createWorld()];
    await there.register({ accounts: [seller('beta')] });
    const asked = { integrations: [shop('beta', { name: 'acme-thief' })] };
    const answers = await Promise.all([there, not].map(({ register }) => register(asked, bound)));
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.outcome).toBe('rejected');
  });

  test('reaches no integration of somebody else, whatever that is called', async () => {
    const { register, unregister, configs } = createWorld();
    await register({ accounts: [seller('beta')], integrations: [shop('beta', { name: 'acme-by-chance' })] });
    const answer = await unregister({ integrations: ['acme-by-chance'] }, bound);
    expect(answer.outcome).toBe('rejected');
    expect(JSON.stringify(answer)).not.toContain('beta');
    expect(configs.get('acme-by-chance')).toMatchObject({ managed: true, revision: 1 });
    const taken = await register({ ...own, integrations: [shop('acme-one', { name: 'acme-by-chance' })] }, bound);
    expect(taken.outcome).toBe('rejected');
    expect(JSON.stringify(taken)).not.toContain('beta');
  });

  test.each([
    ['dryRun', { dryRun: true }],
    ['requestedBy', { requestedBy: 'paddlewheel-registrar:register' }],
    ['an event of CloudFormation', { RequestType: 'Update', ResponseURL: 'https://x', ResourceProperties: {} }],
    ['a prefix of its own', { only: '' }],
    ['an alias of its own', { alias: 'register' }],
  ])('gets no further by %s', async (_, more) => {
    const { register, accounts } = createWorld();
    const answer = await register({ accounts: [seller('beta')], ...more }, bound);
    expect(answer.outcome).toBe('rejected');
    expect(accounts.size).toBe(0);
  });

  test('gets no further by an alias for the very newest version', async () => {
    const { call } = createWorld();
    expect(await call({ action: 'list' }, { alias: '$LATEST' })).toMatchObject({ outcome: 'rejected' });
  });
});

describe('an account and its integrations', () => {
  test('without the account, none of its integrations is written', async () => {
    const { register, before, configs } = createWorld();
    before.write = async (name) => {
      if (name === 'acme') throw new Error('the table is away');
    };
    expect(await register(acme)).toMatchObject({
      outcome: 'incomplete',
      left: [{ name: 'acme' }, { name: 'acme-shop' }],
    });
    expect(configs.size).toBe(0);
  });

  test('one that is registered while its account leaves does not stay', async () => {
    const { register, unregister, before, configs, accounts } = createWorld();
    await register(acme);
    const late = shop('acme', { name: 'acme-late', publishTo: [{ ssmParameter: '/paddle/sellers/acme/late' }] });
    let meanwhile: Promise<EntryAnswer> | undefined;
    before.write = async () => {
      if (meanwhile) return;
      meanwhile = register({ integrations: [late] });
      await meanwhile;
    };
    await unregister({ accounts: ['acme'] });
    await meanwhile;
    expect(accounts.get('acme')).toMatchObject({ managed: false });
    expect([...configs.values()].filter(({ managed }) => managed).map(({ name }) => name)).toEqual([]);
  });

  test('one that was judged while its account was there is not written once it has left', async () => {
    const { register, unregister, before, configs } = createWorld();
    await register(acme);
    const late = shop('acme', { name: 'acme-late', publishTo: [{ ssmParameter: '/paddle/sellers/acme/late' }] });
    before.write = async (name) => {
      if (name !== 'acme-late') return;
      before.write = async () => {};
      await unregister({ accounts: ['acme'] });
    };
    expect(await register({ integrations: [late] })).toMatchObject({
      outcome: 'incomplete',
      left: [{ name: 'acme-late' }],
    });
    expect(configs.get('acme-late')).toBeUndefined();
  });
});

describe('a change that breaks off', () => {
  const names = Array.from({ length: 60 }, (_, index) => `seller-${index}`);
  const many = (grace: string) => ({
    accounts: names.map((name) => seller(name)),
    integrations: names.map((name) => shop(name, { grace })),
  });

  test('is told as one, and the same call asks for every reconcile that is owed', async () => {
    const { register, before, sent, entries } = createWorld();
    await register(many('1 hour'));
    const late = new AbortController();
    let writes = 0;
    before.write = async () => {
      writes += 1;
      if (writes === 25) late.abort();
    };
    const answer = await register(many('2 hours'), { signal: late.signal });
    expect(answer).toMatchObject({ outcome: 'incomplete' });
    expect(answer.integrations?.changed).toHaveLength(25);
    before.write = async () => {};
    expect(await register(many('2 hours'))).toMatchObject({ outcome: 'registered' });
    expect(new Set(sent.map(({ integration }) => integration)).size).toBe(60);
    expect([...entries.values()].filter(Boolean)).toEqual([]);
  });

  test('of an export is made good by the same call, revisions and all', async () => {
    const { register, call, before, configs, records } = createWorld();
    await register(many('1 hour'));
    const { accounts, integrations } = await call({ action: 'export' });
    const changed = {
      accounts: accounts.map((each) => ({ ...(each as object), maxRevocationsPerRun: 9 })),
      integrations: integrations.map((each) => ({ ...(each as object), grace: '2 hours' })),
    };
    const late = new AbortController();
    let writes = 0;
    before.write = async () => {
      writes += 1;
      if (writes === 80) late.abort();
    };
    expect(await register(changed, { signal: late.signal })).toMatchObject({ outcome: 'incomplete' });
    before.write = async () => {};
    expect(await register(changed)).toMatchObject({ outcome: 'registered' });
    expect([...configs.values()].every(({ graceMs, revision }) => graceMs === 7_200_000 && revision === 2)).toBe(true);
    const written = records.length;
    expect(await register(changed)).toMatchObject({ message: 'Written: accounts none; integrations none.' });
    expect(records).toHaveLength(written);
  });

  test('of an unregistration is made good by the same call', async () => {
    const { register, unregister, before, configs, accounts } = createWorld();
    await register(many('1 hour'));
    const late = new AbortController();
    let writes = 0;
    before.write = async () => {
      writes += 1;
      if (writes === 30) late.abort();
    };
    expect(await unregister({ accounts: names }, { signal: late.signal })).toMatchObject({ outcome: 'incomplete' });
    before.write = async () => {};
    expect(await unregister({ accounts: names })).toMatchObject({ outcome: 'unregistered' });
    expect([...configs.values(), ...accounts.values()].every(({ managed }) => managed === false)).toBe(true);
  });
});

test('a change that comes while another call strikes out its own is asked for all the same', async () => {
  const { register, ledger, sent } = createWorld();
  await register(acme);
  const strike = ledger.reconcileRequested;
  const list = ledger.integrations;
  ledger.reconcileRequested = async (entry) => {
    ledger.reconcileRequested = strike;
    // The other call has written its change, and looks what is owed, when this one strikes out.
    ledger.integrations = async () => {
      ledger.integrations = list;
      await strike(entry);
      return list();
    };
    await register({ integrations: [shop('acme', { grace: '3 hours' })] });
  };
  await register({ integrations: [shop('acme', { grace: '2 hours' })] });
  expect(sent.map(({ key }) => key).sort()).toEqual(['call-2', 'call-3']);
});

test('a change whose call breaks off while another strikes out its own stays owed, and the same call asks for it', async () => {
  const { register, ledger, sent, fail } = createWorld();
  await register(acme);
  const strike = ledger.reconcileRequested;
  const later = { integrations: [shop('acme', { grace: '3 hours' })] };
  ledger.reconcileRequested = async (entry) => {
    ledger.reconcileRequested = strike;
    fail();
    await expect(register(later)).rejects.toThrow('the queue is away');
    return strike(entry);
  };
  await register({ integrations: [shop('acme', { grace: '2 hours' })] });
  expect(sent.map(({ key }) => key)).toEqual(['call-2']);
  await register(later);
  expect(sent.map(({ key }) => key)).toEqual(['call-2', 'call-4']);
});

test('thousands of integrations of one account come in pages that an answer has room for', async () => {
  const { register, call } = createWorld();
  const shops = Array.from({ length: 1_500 }, (_, index) =>
    shop('acme', {
      name: `acme-${index}`,
      publishTo: [{ ssmParameter: `/paddle/sellers/acme/${index}` }],
      consumers: Array.from({ length: 100 }, (_, at) => `consumer-with-quite-a-long-name-${at}-of-${index}`),
    }),
  );
  const others = ['aaa', 'acme-two', 'zoe'];
  await register({ accounts: ['acme', ...others].map((name) => seller(name)), integrations: shops });
  await register({ integrations: others.map((name) => shop(name)) });
  const [accounts, integrations]: [string[], string[]] = [[], []];
  let pages = 0;
  for (let after: string | undefined; ; pages += 1) {
    const page = await call({ action: 'export', ...(after === undefined ? {} : { after }) });
    expect(JSON.stringify(page).length).toBeLessThan(5_500_000);
    accounts.push(...page.accounts.map((each) => String((each as IntegrationConfig).name)));
    integrations.push(...page.integrations.map((each) => String((each as IntegrationConfig).name)));
    if (page.after === undefined) break;
    after = page.after;
  }
  expect(pages).toBeGreaterThan(0);
  expect(accounts).toEqual(['aaa', 'acme', 'acme-two', 'zoe']);
  expect([integrations.length, new Set(integrations).size]).toEqual([1_503, 1_503]);
});

test('who left for the file is no account of the API any more', async () => {
  const { register, unregister, accounts, call } = createWorld();
  await register(acme);
  await unregister({ accounts: ['acme'] });
  const { owner: _, managed: __, revision: ___, ...files } = accounts.get('acme') as never as Record<string, unknown>;
  accounts.set('acme', files as never);
  expect(await call({ action: 'export' })).toMatchObject({ accounts: [], integrations: [] });
  expect(await register(acme, { now: TUESDAY })).toMatchObject({ outcome: 'rejected' });
});
