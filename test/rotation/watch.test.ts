/** After a revocation: is the token served again? After a publication: does it go live? And what do caches say beforehand? */
import { METRICS } from '../../lambdas/contract.ts';
import type { IntegrationConfig, Target, Token } from '../../lambdas/domain/model.ts';
import { targetName } from '../../lambdas/domain/targets.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';

const PAGE = 'https://example.com/pricing';
const OTHER = 'https://example.com/checkout';
const site = (url: string) => ({ url, extraOrigins: [] });
const HOOK = { kind: 'webhook', url: { secret: 'hooks/shop' } } as const;
const scans = { count: 1, overMs: 0 };

interface Revoked {
  readonly harness: Harness;
  readonly old: Token;
  readonly fresh: Token;
}

/** Rotated by hand, deployed, and the prior token revoked by the evidence. */
async function revoked(config: Partial<IntegrationConfig> = {}): Promise<Revoked> {
  const harness = new Harness({ config: { sites: [site(PAGE)], scans, schedule: { every: 300 * DAY }, ...config } });
  await harness.until(later(START, MINUTE));
  const old = harness.current as Token;
  await harness.reconcile({ command: commands.rotate({ requestId: 'r1' }) });
  const fresh = harness.current as Token;
  for (const { url } of harness.config.sites) harness.sites.deploy(url, fresh.value);
  await harness.until(later(START, 2 * DAY + HOUR));
  expect(harness.token(old.id).status).toBe('revoked');
  harness.sites.watched.length = 0;
  return { harness, old, fresh };
}

const told = ({ ledger }: Harness, ...types: string[]) => ledger.records.filter(({ type }) => types.includes(type));
const inMinutes = ({ clock }: Harness, minutes: number) => later(clock.iso(), minutes * MINUTE);
const passing = (harness: Harness, minutes: number) => harness.until(inMinutes(harness, minutes));

/** As people and the queue ask, with what is counted. */
function asking({ world, config }: Harness) {
  const [log, metrics] = [new RecordingLog(), new RecordingMetrics()];
  const handle = functionsOf({ world, deliveries: new FakeDeliveries(), log, metrics }).ask;
  const message = (cause: string) =>
    handle(
      { Records: [{ messageId: 'm', receiptHandle: 'h', body: JSON.stringify({ integration: config.name, cause }) }] },
      'i',
    );
  const ask = (action: string) => handle({ integration: config.name, action }, 'i') as Promise<Record<string, unknown>>;
  return { ask, message, counted: (name: string) => metrics.counted.filter((each) => each === name).length };
}

describe('after a revocation', () => {
  test('pages are read every quarter of an hour for a day, every six hours for a month, and then no more', async () => {
    const { harness } = await revoked();
    const { watched } = harness.sites;
    const begun = harness.state.watch?.tokens[0]?.since ?? '';
    await harness.until(later(begun, DAY));
    expect(watched.length).toBeGreaterThanOrEqual(90);
    expect(watched.length).toBeLessThanOrEqual(96);
    watched.length = 0;
    await harness.until(later(begun, 30 * DAY));
    expect(watched.length).toBeGreaterThanOrEqual(29 * 4 - 2);
    expect(watched.length).toBeLessThanOrEqual(29 * 4 + 1);
    await harness.until(later(begun, 31 * DAY));
    watched.length = 0;
    await harness.until(later(begun, 90 * DAY));
    expect(watched).toEqual([]);
    expect(harness.state.watch?.tokens).toEqual([]);
  });

  test('a page that is rolled back is told once, asks for one build, and ends by itself', async () => {
    const { harness, old, fresh } = await revoked();
    harness.sites.deploy(PAGE, old.value);
    await passing(harness, 15);
    expect(told(harness, 'token.revoked-served', 'build.requested')).toMatchObject([
      {
        type: 'token.revoked-served',
        tokenId: old.id,
        message: expect.stringContaining(`Checkout is down: ${PAGE} serves`),
      },
      { type: 'build.requested', tokenId: fresh.id },
    ]);
    await passing(harness, 120);
    expect(told(harness, 'token.revoked-served', 'build.requested')).toHaveLength(2);
    harness.sites.deploy(PAGE, fresh.value);
    await passing(harness, 5);
    expect(told(harness, 'token.revoked-gone')).toMatchObject([{ tokenId: old.id, details: { place: PAGE } }]);
    expect(harness.state.watch?.served).toEqual([]);
  });

  test('builds are asked for every six hours, and four times at most, however long it lasts', async () => {
    const { harness, old } = await revoked();
    harness.sites.deploy(PAGE, old.value);
    const begun = harness.clock.iso();
    await harness.until(later(begun, 7 * HOUR));
    expect(told(harness, 'build.requested')).toHaveLength(2);
    await harness.until(later(begun, 24 * HOUR));
    expect(told(harness, 'build.requested').length).toBeLessThanOrEqual(4);
  });

  test('a page that comes and goes tells each time, and asks for no build each time', async () => {
    const { harness, old, fresh } = await revoked();
    for (let times = 0; times < 5; times += 1) {
      harness.sites.deploy(PAGE, old.value);
      await passing(harness, 16);
      harness.sites.deploy(PAGE, fresh.value);
      await passing(harness, 16);
    }
    expect(told(harness, 'token.revoked-served').length).toBeGreaterThanOrEqual(4);
    expect(told(harness, 'build.requested')).toHaveLength(1);
  });

  test('status says it first, and the alarm counts at every reconcile until it is over', async () => {
    const { harness, old, fresh } = await revoked();
    const { ask, message, counted } = asking(harness);
    harness.sites.deploy(PAGE, old.value);
    harness.clock.set(harness.dueAt ?? '');
    await message('due');
    expect(counted(METRICS.revokedTokenServed)).toBeGreaterThanOrEqual(1);
    const status = await ask('status');
    expect(status.message).toMatch(new RegExp(`^CHECKOUT IS DOWN: ${PAGE} serves ${old.id}, which is revoked`));
    expect(status).toMatchObject({ checkoutDown: true, servedRevoked: [{ place: PAGE, tokenId: old.id }] });
    const before = counted(METRICS.revokedTokenServed);
    harness.clock.set(harness.dueAt ?? '');
    await message('due');
    expect(counted(METRICS.revokedTokenServed)).toBe(before + 1);
    harness.sites.deploy(PAGE, fresh.value);
    harness.clock.set(harness.dueAt ?? '');
    await message('due');
    expect(counted(METRICS.revokedTokenServed)).toBe(before + 1);
    expect((await ask('status')).message).not.toMatch(/CHECKOUT/);
  });

  test('a page that cannot be read keeps what was known of it; one that left the configuration does not', async () => {
    const { harness, old } = await revoked();
    harness.sites.deploy(PAGE, old.value);
    await passing(harness, 15);
    harness.sites.down.add(PAGE);
    await passing(harness, 60);
    expect(harness.state.watch?.served).toHaveLength(1);
    harness.configure({ sites: [site(OTHER)] });
    await passing(harness, 15);
    expect(harness.state.watch?.served).toEqual([]);
  });

  test('a page that joins where there was none is read', async () => {
    const { harness, old } = await revoked({ sites: [] });
    harness.configure({ sites: [site(PAGE)] });
    harness.sites.deploy(PAGE, old.value);
    await harness.reconcile();
    expect(told(harness, 'token.revoked-served')).toMatchObject([{ tokenId: old.id, details: { place: PAGE } }]);
    harness.configure({ sites: [] });
    await passing(harness, 15);
    expect(harness.state.watch?.nextAt).toBeUndefined();
    harness.configure({ sites: [site(PAGE)] });
    await harness.reconcile();
    expect(told(harness, 'token.revoked-served')).toHaveLength(2);
  });

  test('an address of any length where it was found is noted in short', async () => {
    const { harness, old } = await revoked();
    const watch = harness.sites.watch.bind(harness.sites);
    harness.sites.watch = async (...args) => ({ ...(await watch(...args)), foundIn: `${PAGE}/${'a'.repeat(100_000)}` });
    harness.sites.deploy(PAGE, old.value);
    await passing(harness, 16);
    expect(harness.state.watch?.served).toMatchObject([{ tokenId: old.id, place: PAGE }]);
    expect(JSON.stringify(harness.state.watch?.served).length).toBeLessThan(2_000);
  });

  test('a token that somebody else revoked while it was published is watched, for a build may have read it', async () => {
    const { harness } = await revoked();
    harness.targets.failNext('write', harness.config.targets[1] as Target, 'before');
    await harness.reconcile({ command: commands.rotate({ requestId: 'r2' }) });
    const half = harness.state.tokens.find(({ status }) => status === 'minted') as Token;
    expect(harness.targets.current(harness.config.targets[0] as Target)).toBe(half.value);
    harness.sites.deploy(PAGE, half.value);
    harness.paddle.revokeOutside(half.id);
    await harness.reconcile({ recheck: [half.id] });
    await passing(harness, 2);
    expect(told(harness, 'token.revoked-served')).toContainEqual(
      expect.objectContaining({ tokenId: half.id, details: { by: 'site', place: PAGE } }),
    );
  });

  test('a deployment report of the revoked token is followed up at once, and so are the pages', async () => {
    const { harness, old } = await revoked({ consumers: [] });
    const at = harness.clock.iso();
    const deployed = { tokenId: old.id, build: '40', at };
    harness.ledger.usages.set(harness.config.name, [{ consumer: 'shop', phase: 'deploy', ...deployed, deployed }]);
    await asking(harness).message('usage');
    expect(harness.sites.watched).toEqual([PAGE]);
    expect(told(harness, 'token.revoked-served')).toMatchObject([
      { details: { by: 'report', place: 'consumer shop (build 40)' } },
    ]);
  });

  test('what a consumer said before the revocation, and what a preview says, is no news', async () => {
    const { harness, old } = await revoked();
    const before = { tokenId: old.id, at: START };
    const preview = { tokenId: old.id, at: harness.clock.iso(), stage: 'preview' };
    harness.ledger.usages.set(harness.config.name, [
      { consumer: 'gone', phase: 'deploy', ...before, deployed: before },
      { consumer: 'shop', phase: 'deploy', ...preview, deployed: preview },
    ]);
    await asking(harness).message('usage');
    expect(told(harness, 'token.revoked-served')).toEqual([]);
  });

  test('without sites nothing is read by itself, and a report is followed up all the same', async () => {
    const { harness, old } = await revoked({ sites: [] });
    expect(harness.state.watch).toMatchObject({ tokens: [{ id: old.id }] });
    expect(harness.state.watch?.nextAt).toBeUndefined();
    const deployed = { tokenId: old.id, at: harness.clock.iso() };
    harness.ledger.usages.set(harness.config.name, [{ consumer: 'shop', phase: 'deploy', ...deployed, deployed }]);
    await asking(harness).message('usage');
    expect(told(harness, 'token.revoked-served')).toHaveLength(1);
  });

  test('a paused integration still tells; it starts no build', async () => {
    const { harness, old } = await revoked();
    await harness.reconcile({ command: commands.pause({ reason: 'a freeze' }) });
    harness.sites.deploy(PAGE, old.value);
    await passing(harness, 30);
    expect(told(harness, 'token.revoked-served')).toHaveLength(1);
    expect(told(harness, 'build.requested')).toEqual([]);
  });

  test('an integration that left the configuration is left alone', async () => {
    const { harness, old } = await revoked();
    harness.configure({ managed: false });
    harness.sites.deploy(PAGE, old.value);
    await harness.reconcile({ newEvidence: true });
    expect(told(harness, 'token.revoked-served')).toEqual([]);
  });

  test('a current token that somebody else revoked is watched from the next minute on; the build of its successor is not started twice', async () => {
    const { harness, fresh } = await revoked();
    harness.paddle.revokeOutside(fresh.id);
    await harness.reconcile({ recheck: [fresh.id] });
    expect(harness.current?.id).not.toBe(fresh.id);
    await passing(harness, 5);
    expect(told(harness, 'token.revoked-served')).toMatchObject([{ tokenId: fresh.id }]);
    expect(told(harness, 'build.requested')).toEqual([]);
    await passing(harness, 60);
    expect(told(harness, 'build.requested')).toHaveLength(1);
  });

  test('an emergency ends its token while pages serve it: told within two minutes', async () => {
    const { harness, fresh } = await revoked();
    await harness.reconcile({ command: commands.emergency({ reason: 'leaked', requestId: 'e1' }) });
    expect(harness.token(fresh.id).status).toBe('revoked');
    await passing(harness, 2);
    expect(told(harness, 'token.revoked-served')).toMatchObject([{ tokenId: fresh.id }]);
  });

  test('of several revoked tokens, the one that is served is named; those that the state has forgotten are watched, too', async () => {
    const { harness, old } = await revoked();
    for (let times = 0; times < 12; times += 1) {
      await harness.reconcile({ command: commands.emergency({ reason: `again ${times}`, requestId: `e${times}` }) });
      harness.clock.advance(11 * MINUTE);
    }
    harness.sites.deploy(PAGE, harness.current?.value ?? '');
    await passing(harness, 30);
    expect(harness.state.tokens.some(({ id }) => id === old.id)).toBe(false);
    for (const one of [harness.state.watch?.tokens[1], harness.state.watch?.tokens[6], old]) {
      harness.sites.deploy(PAGE, one?.value ?? '');
      await passing(harness, 16);
      expect(harness.state.watch?.served).toMatchObject([{ tokenId: one?.id }]);
    }
    const before = told(harness, 'token.revoked-served', 'token.revoked-gone').length;
    harness.sites.deploy(PAGE, harness.state.watch?.tokens[1]?.value ?? '', old.value);
    await passing(harness, 16);
    expect(told(harness, 'token.revoked-served', 'token.revoked-gone')).toHaveLength(before);
  });

  test('a dozen slow pages that serve the oldest of many are told by the first run, within what its function may last', async () => {
    const urls = Array.from({ length: 12 }, (_, at) => `https://example.com/${at}`);
    const { harness, old } = await revoked({ sites: urls.map(site) });
    for (let times = 0; times < 8; times += 1) {
      await harness.reconcile({ command: commands.emergency({ reason: `again ${times}`, requestId: `e${times}` }) });
      harness.clock.advance(11 * MINUTE);
    }
    await passing(harness, 30);
    for (const url of urls) harness.sites.deploy(url, old.value);
    const { sites, clock } = harness;
    const read = sites.watch.bind(sites);
    sites.watch = (...asked) => {
      clock.advance(10_000);
      return read(...asked);
    };
    clock.set(harness.state.watch?.nextAt ?? '');
    const begun = clock.now();
    await harness.reconcile();
    expect(clock.now() - begun).toBeLessThan(5 * MINUTE);
    expect(harness.state.watch?.served).toHaveLength(12);
    sites.watch = read;
    await passing(harness, 16);
    expect(new Set(harness.state.watch?.served?.map(({ tokenId }) => tokenId))).toEqual(new Set([old.id]));
  });

  test('a target that holds a revoked token is told, though it is mended at once', async () => {
    const { harness, old, fresh } = await revoked();
    const { counted, ask } = asking(harness);
    const [target] = harness.config.targets;
    if (!target) throw new Error('there is a target');
    harness.targets.put(target, old.value);
    await ask('reconcile');
    expect(told(harness, 'token.revoked-served', 'token.revoked-gone').map(({ type }) => type)).toEqual([
      'token.revoked-served',
      'token.revoked-gone',
    ]);
    expect(counted(METRICS.revokedTokenServed)).toBe(1);
    expect(harness.targets.current(target)).toBe(fresh.value);
  });

  test.each(['a page', 'a target'] as const)(
    '%s that serves a revoked token for longer than it is watched for is not said to serve it no more',
    async (where) => {
      const { harness, old, fresh } = await revoked({ drift: 'report' });
      const serve = (value: string) => {
        if (where === 'a page') harness.sites.deploy(PAGE, value);
        else for (const target of harness.config.targets) harness.targets.put(target, value);
      };
      serve(old.value);
      await harness.reconcile({ newEvidence: true });
      for (let months = 0; months < 2; months += 1) {
        await passing(harness, 60);
        harness.clock.advance(31 * DAY);
      }
      await passing(harness, 60);
      const places = where === 'a page' ? 1 : harness.config.targets.length;
      expect(told(harness, 'token.revoked-served')).toHaveLength(places);
      expect(told(harness, 'token.revoked-gone')).toEqual([]);
      serve(fresh.value);
      await passing(harness, 3 * 24 * 60);
      expect(told(harness, 'token.revoked-gone')).toHaveLength(places);
      expect(harness.state.watch).toMatchObject({ tokens: [], served: [] });
    },
  );

  test('a target that held a revoked token and holds nothing any more, left so as configured, is said to hold it no more', async () => {
    const { harness, old } = await revoked({ drift: 'report' });
    for (const target of harness.config.targets) harness.targets.put(target, old.value);
    await harness.reconcile({ newEvidence: true });
    for (const target of harness.config.targets) harness.targets.remove(target);
    await passing(harness, 3 * 24 * 60);
    expect(told(harness, 'token.revoked-gone').map(({ message }) => message)).toEqual(
      harness.config.targets.map((target) =>
        expect.stringMatching(`^${targetName(target)} of pricing-page no longer serves `),
      ),
    );
    expect(harness.state.watch?.served).toEqual([]);
  });

  test.each<[string, (harness: Harness) => unknown]>([
    [
      'is paused',
      ({ world }) =>
        functionsOf({ world, log: new RecordingLog(), metrics: new RecordingMetrics() }).ask(
          { integration: 'pricing-page', action: 'pause' },
          'p',
        ),
    ],
    [
      'cannot rotate',
      (harness) => {
        for (let times = 0; times < 50; times += 1) harness.paddle.failNext('create', 'before');
        return harness.reconcile({ command: commands.rotate({ requestId: 'r2' }) });
      },
    ],
  ])('a target that holds a revoked token goes on ringing while the integration %s', async (_, stop) => {
    const { harness, old } = await revoked({ drift: 'report', sites: [] });
    const { message, counted } = asking(harness);
    const [target] = harness.config.targets;
    harness.targets.put(target as Target, old.value);
    await harness.reconcile({ newEvidence: true });
    expect(harness.state.watch?.served).toHaveLength(1);
    await stop(harness);
    const end = inMinutes(harness, 240);
    for (let times = 0; times < 100 && (harness.dueAt ?? end) < end; times += 1) {
      harness.clock.set(harness.dueAt ?? '');
      await message('due');
    }
    expect(counted(METRICS.revokedTokenServed)).toBeGreaterThanOrEqual(50);
  });

  test('a target that held a revoked token and cannot be read is not said to hold it no more', async () => {
    const { harness, old, fresh } = await revoked({ drift: 'report' });
    const target = harness.config.targets.at(-1);
    if (!target) throw new Error('there is a target');
    harness.targets.put(target, old.value);
    await harness.reconcile({ newEvidence: true });
    expect(told(harness, 'token.revoked-served')).toHaveLength(1);
    harness.targets.failNext('read', target, 'before');
    await passing(harness, 24 * 60);
    expect(told(harness, 'token.revoked-gone')).toEqual([]);
    expect(harness.state.watch?.served).toMatchObject([{ by: 'target', tokenId: old.id }]);
    harness.targets.put(target, fresh.value);
    await passing(harness, 24 * 60);
    expect(told(harness, 'token.revoked-gone')).toHaveLength(1);
  });
});

describe('after a publication', () => {
  const hooked = { deployHooks: [HOOK], sites: [site(PAGE)], scans, schedule: { every: 300 * DAY } };

  async function published(config: Partial<IntegrationConfig> = {}) {
    const harness = new Harness({ config: { ...hooked, ...config } });
    await harness.until(later(START, MINUTE));
    harness.sites.deploy(PAGE, harness.current?.value ?? '');
    await passing(harness, 60);
    await harness.reconcile({ command: commands.rotate({ requestId: 'r1' }) });
    const accepted = (more = {}) =>
      harness.ledger.calls.set(harness.config.name, [
        {
          ...{ integration: harness.config.name, hook: 'h', label: 'the webhook kept in hooks/shop', publication: 'p' },
          ...{ tokenId: harness.current?.id ?? '', at: harness.clock.iso(), ...more },
        },
      ]);
    return { harness, accepted };
  }

  test('a hook that took the call and built nothing is told once, and ends by itself', async () => {
    const { harness, accepted } = await published();
    accepted();
    const { ask, counted, message } = asking(harness);
    await passing(harness, 29);
    expect(await ask('status')).toMatchObject({ deployment: { state: 'accepted' } });
    expect(told(harness, 'deployment.overdue')).toEqual([]);
    await passing(harness, 2);
    expect(told(harness, 'deployment.overdue')).toMatchObject([
      { tokenId: harness.current?.id, details: { hooks: ['the webhook kept in hooks/shop'] } },
    ]);
    expect(await ask('status')).toMatchObject({
      deployment: { state: 'overdue', message: /hooks\/shop took the call/ },
    });
    await passing(harness, 3 * 60);
    expect(told(harness, 'deployment.overdue')).toHaveLength(1);
    await message('due');
    expect(counted(METRICS.deploymentOverdue)).toBe(1);
    harness.sites.deploy(PAGE, harness.current?.value ?? '');
    await passing(harness, 61);
    expect(told(harness, 'deployment.recovered')).toMatchObject([{ details: { seenAt: PAGE } }]);
    expect(await ask('status')).toMatchObject({ deployment: { state: 'live', seenAt: PAGE } });
    await message('due');
    expect(counted(METRICS.deploymentOverdue)).toBe(1);
  });

  test('a page that shows the new token in time is live; nobody is told anything', async () => {
    const { harness, accepted } = await published();
    accepted();
    harness.sites.deploy(PAGE, harness.current?.value ?? '');
    await passing(harness, 31);
    expect(told(harness, 'deployment.overdue', 'deployment.recovered')).toEqual([]);
    expect(harness.state.deployment).toMatchObject({ seenAt: PAGE });
  });

  test('a report of the deployment is live at once; a report of a build is built, and no more', async () => {
    const { harness, accepted } = await published();
    accepted();
    const { ask, message } = asking(harness);
    const report = { consumer: 'shop', tokenId: harness.current?.id ?? '', at: inMinutes(harness, 1) };
    harness.clock.advance(2 * MINUTE);
    harness.ledger.usages.set(harness.config.name, [{ ...report, phase: 'build', build: '8' }]);
    expect(await ask('status')).toMatchObject({ deployment: { state: 'built', built: 'shop (build 8)' } });
    harness.ledger.usages.set(harness.config.name, [{ ...report, phase: 'deploy', deployed: report }]);
    await message('usage');
    expect(await ask('status')).toMatchObject({ deployment: { state: 'live', seenAt: 'consumer shop' } });
  });

  test.each<[string, Partial<IntegrationConfig>, boolean]>([
    ['without pages and consumers nobody could notice', { sites: [] }, false],
    ['without deploy hooks nobody starts a build', { deployHooks: [] }, false],
    ['a hook that takes longer has its own time', { deployHooks: [{ ...HOOK, deployWithinMs: 3 * HOUR }] }, true],
  ])('%s', async (_, config, later3) => {
    const { harness, accepted } = await published(config);
    accepted({ withinMs: config.deployHooks?.[0]?.deployWithinMs ?? 30 * MINUTE });
    await passing(harness, 170);
    expect(told(harness, 'deployment.overdue')).toEqual([]);
    await passing(harness, 20);
    expect(told(harness, 'deployment.overdue')).toHaveLength(later3 ? 1 : 0);
  });

  test('a hook that never answered is another alarm’s business', async () => {
    const { harness } = await published();
    await passing(harness, 5 * 60);
    expect(told(harness, 'deployment.overdue')).toEqual([]);
    expect(harness.state.deployment?.nextCheckAt).toBeUndefined();
  });
});

describe('caches', () => {
  test('that outlive the grace window are told from the beginning of a rotation, in status and in plan', async () => {
    const harness = new Harness({ config: { sites: [site(PAGE)], scans, schedule: { every: 300 * DAY } } });
    await harness.until(later(START, MINUTE));
    const header = 'cache-control: s-maxage=63072000';
    harness.sites.deploy(PAGE, harness.current?.value ?? '');
    harness.sites.caches.set(PAGE, { url: PAGE, by: 'http', header, seconds: 63_072_000 });
    const { ask } = asking(harness);
    expect((await ask('plan')).cached).toBeUndefined();
    await harness.reconcile({ command: commands.rotate({ requestId: 'r1' }) });
    await passing(harness, 2);
    for (const action of ['plan', 'status'])
      expect((await ask(action)).cached).toMatchObject({ reason: 'cache_outlives_grace', url: PAGE, header });
    harness.configure({ graceMs: 3 * 365 * DAY });
    expect((await ask('plan')).cached).toBeUndefined();
  });
});
