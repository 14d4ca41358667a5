import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CliAws, FunctionAnswer } from '../../cli/ports.ts';
import { run } from '../../cli/program.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { handleEntryRequest } from '../../lambdas/registrar/entries/entry-request.ts';
import { FakeIds } from '../fakes/fake-ids.ts';
import { createFakeEntries } from '../registrar/fake-entries.ts';
import { createFakeReconcileQueue, createFakeRegistry } from '../registrar/fake-registry.ts';
import { schemaFaults } from './schema-faults.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-register-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ME = 'arn:aws:sts::123456789012:assumed-role/Engineer/ada';
const namespace = JSON.stringify({ credentials: 'sellers/', targets: ['/sellers/'], apiUrls: [], sites: false });

const sellers = (names: readonly string[]) => ({
  accounts: names.map((name) => ({ name, environment: 'sandbox' })),
  integrations: names.map((name) => ({
    ...{ name: `${name}-shop`, account: name, rotate: { every: '30 days' } },
    publishTo: [{ ssmParameter: `/sellers/${name}/token` }],
  })),
});

/** The commands over the real function, and that over a ledger in memory. */
function world(answers: Readonly<Record<string, FunctionAnswer[]>> = {}) {
  const registry = createFakeRegistry();
  const fakes = { ...registry, ...createFakeEntries(registry), ...createFakeReconcileQueue() };
  const called: [string, Record<string, unknown>][] = [];
  const ids = new FakeIds();
  const aws = {
    names: NAMES,
    identity: async () => ME,
    async invoke(name: string, payload: object) {
      const sent = JSON.parse(JSON.stringify(payload));
      called.push([name, sent]);
      const given = answers[name]?.shift();
      if (given) return given;
      const [, alias] = name.split(':');
      const now = '2026-11-23T03:00:00.000Z';
      const way = { alias, namespace, requestId: 'call', now, signal: new AbortController().signal };
      return JSON.parse(JSON.stringify(await handleEntryRequest(sent, { ...fakes, ids }, way)));
    },
  } as unknown as CliAws;
  const command = async (...args: string[]) => {
    const printed = { out: '', err: '' };
    const io = {
      ...{ env: {}, stdin: (async function* () {})(), now: () => 0, rest: async () => {}, ask: async () => undefined },
      out: (text: string) => {
        printed.out += text;
      },
      err: (text: string) => {
        printed.err += text;
      },
    };
    return { exit: await run(args, { io, aws }), ...printed };
  };
  const file = (content: unknown) => {
    const name = path.join(folder, `${called.length}-${Math.random()}.json`);
    writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
    return name;
  };
  return { ...fakes, called, command, file };
}

test('what a file holds is registered by the alias for it, with who asked', async () => {
  const { command, file, called, records } = world();
  const printed = await command('register', '-f', file(sellers(['acme'])), '--reason', 'joined');
  expect(printed).toEqual({
    exit: 0,
    out: 'registered: Written: accounts 1 created; integrations 1 created.\n',
    err: '',
  });
  expect(called.map(([name]) => name)).toEqual(['paddlewheel-registrar:register']);
  expect(records[0]).toMatchObject({ requestedBy: ME, reason: 'joined' });
});

test('a thousand go in portions, and none before all are known to be right', async () => {
  const { command, file, called, accounts } = world();
  const names = Array.from({ length: 600 }, (_, index) => `seller-${index}`);
  const bad = sellers(names);
  bad.integrations[599] = { ...bad.integrations[599], rotate: { every: '1 second' } } as never;
  const refused = await command('register', '--file', file(bad));
  expect(refused.exit).toBe(1);
  expect(refused.err).toMatch(/rotate\.every: must be at least 1 hour/);
  expect(accounts.size).toBe(0);
  called.length = 0;
  expect(await command('register', '--file', file(sellers(names)))).toMatchObject({ exit: 0 });
  expect(called.map(([, { dryRun, accounts }]) => [dryRun, (accounts as unknown[]).length])).toEqual([
    ...[250, 250, 100].map((count) => [true, count]),
    ...[250, 250, 100].map((count) => [undefined, count]),
  ]);
  expect(accounts.size).toBe(600);
});

test('an export can be registered as it is, and who leaves is not in it', async () => {
  const { command, file, accounts } = world();
  await command('register', '-f', file(sellers(['acme', 'beta'])));
  expect(await command('unregister', '--account', 'beta', '--json')).toMatchObject({ exit: 0 });
  const { out } = await command('export');
  expect(JSON.parse(out)).toMatchObject({ accounts: [{ name: 'acme', revision: 1 }], integrations: [{ revision: 1 }] });
  expect((await command('register', '-f', file(out))).out).toBe(
    'registered: Written: accounts none; integrations none.\n',
  );
  expect(accounts.get('beta')).toMatchObject({ managed: false });
});

test('faults are told one a line, and as JSON when that is asked for', async () => {
  const { command, file } = world();
  const entries = file({ accounts: [{ name: 'Acme', environment: 'test' }] });
  const { exit, err } = await command('register', '-f', entries);
  expect([exit, err.split('\n').length]).toEqual([1, 4]);
  expect(err).toMatch(/^rejected: nothing was changed\n {2}accounts\[0\]\.environment: .*\n {2}accounts\[0\]\.name: /);
  expect(JSON.parse((await command('register', '-f', entries, '--json')).out)).toMatchObject({ outcome: 'rejected' });
});

test('a fault names the entry as the file counts it, in whatever call it went', async () => {
  const { command, file } = world();
  const { accounts, integrations } = sellers(['acme', 'beta']);
  const [ofAcme, ofBeta] = integrations;
  const few = file({ accounts, integrations: [{ ...ofBeta, rotate: { every: '1 second' } }, ofAcme] });
  const refused = await command('register', '-f', few);
  expect(refused.err).toMatch(/ {2}integrations\[0\]\.rotate\.every: must be at least 1 hour/);
  const many = sellers(Array.from({ length: 600 }, (_, at) => `seller-${at}`));
  many.accounts[599] = { ...many.accounts[599], environment: 'test' } as never;
  many.integrations.push({ ...many.integrations[599], publishTo: [] } as never);
  const { out } = await command('register', '-f', file(many), '--json');
  const faults = JSON.parse(out).flatMap((answer: FunctionAnswer) => answer.faults ?? []);
  expect(faults).toEqual([
    expect.stringMatching(/^accounts\[599\]\.environment: /),
    expect.stringMatching(/^integrations\[600\]\.publishTo: /),
    expect.stringMatching(/^integrations\[600\]\.name: seller-599-shop is already taken by integrations\[599\]/),
  ]);
});

test('a name, or a target, that a file gives twice is found before anything is written, in whatever calls they would go', async () => {
  const { command, file, accounts, configs } = world();
  const names = Array.from({ length: 300 }, (_, at) => `seller-${at}`);
  const twice = sellers(names);
  twice.integrations[299] = { ...twice.integrations[299], name: 'seller-0-shop' } as never;
  const { exit, err } = await command('register', '-f', file(twice));
  expect([exit, err]).toEqual([
    1,
    expect.stringMatching(/ {2}integrations\[299\]: "seller-0-shop" is already taken by integrations\[0\]/),
  ]);
  expect(schemaFaults('register', (await command('register', '-f', file(twice), '--json')).out)).toEqual([]);
  const one = sellers(['acme']);
  const shops = Array.from({ length: 1_200 }, (_, at) => ({
    ...{ ...one.integrations[0], name: `acme-${at}`, publishTo: [{ ssmParameter: `/sellers/acme/${at % 1_199}` }] },
  }));
  const again = await command('register', '-f', file({ ...one, integrations: shops }));
  expect([again.exit, again.err]).toEqual([
    1,
    expect.stringMatching(/ {2}integrations\[1199\]: .*"\/sellers\/acme\/0".* is already taken by integrations\[0\]/),
  ]);
  expect([accounts.size, configs.size]).toEqual([0, 0]);
});

test('a call that fails in between does not hide what those before it have written', async () => {
  const { command, file, accounts, before, fail } = world();
  before.write = async (name) => {
    if (name === 'seller-260') fail();
  };
  const many = file(sellers(Array.from({ length: 300 }, (_, at) => `seller-${at}`)));
  const { exit, err } = await command('register', '-f', many);
  expect([exit, accounts.size]).toEqual([1, 300]);
  expect(err).toMatch(/^registered: Written: accounts 250 created; integrations 250 created\.\n.*the queue is away/s);
});

test('what was left is named', async () => {
  const left = [{ kind: 'account', name: 'acme', why: 'there was no time left: register it again' }];
  const answer = { outcome: 'incomplete', message: 'Written: none.', left };
  const { command, file } = world({ [NAMES.register]: [answer] });
  expect(await command('register', '-f', file(sellers(['acme'])))).toMatchObject({
    exit: 1,
    err: 'incomplete: Written: none.\n  left: account acme: there was no time left: register it again\n',
  });
});

test.each([
  ['no file', ['register'], /file/],
  ['a file that is not there', ['register', '-f', '/nowhere.json'], /cannot be read/],
  ['a file of something else', ['register', '-f', 'package.json'], /must hold/],
  ['nobody', ['unregister'], /Name what leaves/],
])('called with %s it says how', async (_, args, message) => {
  const { command } = world();
  const { exit, err } = await command(...args);
  expect([exit, err]).toEqual([2, expect.stringMatching(message)]);
});

test('what is printed as JSON is what the schemas say', async () => {
  const { command, file } = world();
  const one = file(sellers(['acme']));
  for (const [name, args, exit] of [
    ['register', ['register', '-f', one, '--dry-run'], 0],
    ['register', ['register', '-f', one], 0],
    ['register', ['register', '-f', file({ accounts: [{ name: 'Acme' }] })], 1],
    ['register', ['register', '-f', file(sellers(Array.from({ length: 300 }, (_, at) => `seller-${at}`)))], 0],
    ['export', ['export', '--account', 'acme'], 0],
    ['unregister', ['unregister', '--account', 'acme'], 0],
    ['unregister', ['unregister', '--account', 'nobody'], 1],
  ] as const) {
    const printed = await command(...args, '--json');
    expect([args, printed.exit, schemaFaults(name, printed.out)]).toEqual([args, exit, []]);
  }
  const failing = [{ account: 'acme', owner: 'api', step: 'webhooks', message: 'no', since: 'now' }];
  const listing = world({ [NAMES.status]: [{ failing }] });
  expect(schemaFaults('status', (await listing.command('status', '--failing', '--json')).out)).toEqual([]);
});

test.each([
  ['one account that is none', { accounts: [null] }, /must hold objects/],
  ['a text', '"accounts"', /must hold/],
  ['half of it', '{"accounts":[', /holds no JSON/],
  ['accounts twice', '{"accounts":[{"name":"a"}], "accounts":[{"name":"b"}]}', /says "accounts" twice/],
  ['a setting twice, in other letters', '{"accounts":[{"name":"a","\\u006eame":"b"}]}', /says "name" twice/],
])('a file with %s is sent nowhere', async (_, content, message) => {
  const { command, file, called } = world();
  const { exit, err } = await command('register', '-f', file(content));
  expect([exit, err, called]).toEqual([2, expect.stringMatching(message), []]);
});

test('a file that begins with a mark of its encoding is read without it', async () => {
  const { command, file } = world();
  expect(await command('register', '-f', file(`\ufeff${JSON.stringify(sellers(['acme']))}`))).toMatchObject({
    exit: 0,
  });
});

test('the same name in two objects, or as a value, is no repetition', async () => {
  const { command, file } = world();
  const entries = sellers(['name', 'account']);
  expect(await command('register', '-f', file(JSON.stringify(entries, null, 2)))).toMatchObject({ exit: 0 });
});

test('more integrations than one call takes go in several, of one account, too, and again as they were exported', async () => {
  const { command, file, called, configs } = world();
  const { accounts, integrations } = sellers(['acme', 'beta', 'zoe']);
  const shops = Array.from({ length: 2_300 }, (_, at) => ({
    ...{ ...integrations[1], name: `beta-${at}`, publishTo: [{ ssmParameter: `/sellers/beta/${at}` }] },
  }));
  const all = { accounts, integrations: [...shops, ...integrations] };
  expect(await command('register', '-f', file(all))).toMatchObject({ exit: 0 });
  expect(configs.size).toBe(2_303);
  for (const [, { integrations }] of called) expect((integrations as unknown[]).length).toBeLessThanOrEqual(1_000);
  const exported = JSON.parse((await command('export')).out);
  const changed = { ...exported, accounts: exported.accounts.map((each: object) => ({ ...each, webhooks: 'manual' })) };
  expect(await command('register', '-f', file(changed))).toMatchObject({ exit: 0 });
});

test('a way that is bound to a prefix is taken when it is named', async () => {
  const { command, file, called } = world();
  expect(await command('register', '-f', file(sellers(['acme-1'])), '--only', 'acme-')).toMatchObject({ exit: 0 });
  expect(await command('unregister', '--integration', 'beta-shop', '--only', 'acme-')).toMatchObject({ exit: 1 });
  expect([...new Set(called.map(([name]) => name))]).toEqual(['paddlewheel-registrar:only-acme-']);
});

test('status --failing lists what is not getting on, over all pages', async () => {
  const one = { account: 'acme', owner: 'api', step: 'mint', message: 'The key is dead.', since: 'today' };
  const pages = () => [
    { failing: [{ ...one, integration: 'acme-shop', nextAttemptAt: 'soon' }], after: 'INTEGRATION acme-shop' },
    { failing: [{ ...one, step: 'webhooks' }] },
  ];
  const { command, called } = world({ [NAMES.status]: [...pages(), ...pages(), { failing: [] }] });
  expect(await command('status', '--failing')).toEqual({
    exit: 0,
    out: 'acme-shop (account acme, api): waits at mint since today: The key is dead.; again at soon\nwebhooks of acme: waits at webhooks since today: The key is dead.\n',
    err: '',
  });
  expect(called[1]?.[1]).toEqual({ action: 'failing', after: 'INTEGRATION acme-shop' });
  expect(JSON.parse((await command('status', '--failing', '--json')).out)).toHaveLength(2);
  expect((await command('status', '--failing')).out).toBe('Nothing is failing.\n');
});
