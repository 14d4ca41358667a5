/** The watch after a revocation and after a publication, bound by bound: what a run writes down of what it has read. */
import type {
  Deployment,
  HookCall,
  IntegrationConfig,
  IntegrationState,
  ServedToken,
  Token,
} from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Outcome } from '../../lambdas/rotation/outcome.ts';
import { awaited, canBeNoticed, nextWatchAt, watchedTokens } from '../../lambdas/rotation/policies/watch.ts';
import {
  deploymentAwaited,
  wasPublished,
  watched,
  watchedPages,
  watchFailed,
} from '../../lambdas/rotation/transitions/watch.ts';
import { aContext, aState, aToken, NOW, superseded } from '../builders/state.ts';

const PAGE = 'https://example.com/pricing';
const sites = [{ url: PAGE, extraOrigins: [] }];
const deployHooks = [{ kind: 'webhook', url: { secret: 'hooks/shop' } }] as const;
const SOON = later(NOW, MINUTE);
const ago = (ms: number) => later(NOW, -ms);
const one = { id: 'ctkn_old', value: 'test_old', since: ago(2 * DAY) };
const other = { id: 'ctkn_elder', value: 'test_elder', since: ago(HOUR) };

type Watched = Extract<Outcome, { kind: 'watched' }>;
const read = (
  changes: Partial<Watched>,
  state: Partial<IntegrationState>,
  config: Partial<IntegrationConfig> = { sites },
) => watchedPages(aState(state), { kind: 'watched', served: [], unread: [], calls: [], ...changes }, aContext(config));
const seen = (changes: Partial<Omit<ServedToken, 'since'>> = {}) => ({
  ...{ tokenId: 'ctkn_old', by: 'site' as const, place: PAGE, message: `${PAGE} serves ctkn_old`, ...changes },
});
const known = (changes: Partial<ServedToken> = {}): ServedToken => ({ ...seen(), since: ago(HOUR), ...changes });
const typesOf = ({ records }: { records: readonly { type: string }[] }) => records.map(({ type }) => type);

describe('a token that is revoked', () => {
  const of = (state: Partial<IntegrationState>, isProved: boolean, config: Partial<IntegrationConfig> = { sites }) =>
    watched(aState(state), superseded(), aContext(config), isProved);

  test('is watched for from now on, once, and first of all', () => {
    const { tokens } = of({ watch: { tokens: [other, one] } }, true);
    expect(tokens).toEqual([{ id: 'ctkn_old', value: 'test_old', since: NOW }, other]);
  });
  test('displaces the one that was revoked longest ago', () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ id: `ctkn_${at}`, value: `test_${at}`, since: ago(at) }));
    const { tokens } = of({ watch: { tokens: many } }, true);
    expect(tokens.map(({ id }) => id)).toEqual(['ctkn_old', ...many.slice(0, 19).map(({ id }) => id)]);
  });
  test('never displaces one that is served: nobody else would see its end', () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ id: `ctkn_${at}`, value: `test_${at}`, since: ago(at) }));
    const { tokens } = of({ watch: { tokens: many, served: [known({ tokenId: 'ctkn_19' })] } }, true);
    expect(tokens.map(({ id }) => id)).toEqual(['ctkn_old', ...many.slice(0, 18).map(({ id }) => id), 'ctkn_19']);
  });
  test.each<[string, boolean, string]>([
    ['with evidence may wait a quarter of an hour', true, later(NOW, 15 * MINUTE)],
    ['without evidence is looked for after a minute', false, SOON],
  ])('%s', (_, isProved, at) => {
    expect(of({}, isProved).nextAt).toBe(at);
  });
  test('never puts off what is due sooner', () => {
    expect(of({ watch: { tokens: [], nextAt: NOW } }, true).nextAt).toBe(NOW);
  });
  test('asks for no reading where there are no pages', () => {
    expect(of({}, false, {})).toEqual({ tokens: [{ id: 'ctkn_old', value: 'test_old', since: NOW }] });
  });
  test.each<[string, Partial<Token>, boolean]>([
    ['was published', { publishedAt: NOW }, true],
    ['was served', { servedAt: NOW }, true],
    ['was adopted', { origin: 'adopted' }, true],
    ['was none of it', {}, false],
  ])('that %s may stand on pages: %#', (_, changes, isSo) => {
    expect(wasPublished(superseded({ publishedAt: undefined, ...changes }))).toBe(isSo);
  });
});

describe('the tokens that are watched for', () => {
  test('are forgotten after thirty days, to the millisecond', () => {
    const tokens = [
      { ...one, since: ago(30 * DAY - 1) },
      { ...other, since: ago(30 * DAY) },
    ];
    expect(watchedTokens(aState({ watch: { tokens } }), NOW)).toEqual([tokens[0]]);
    expect(watchedTokens(aState(), NOW)).toEqual([]);
  });
  test('are read for every quarter of an hour while one is younger than a day, then every six hours', () => {
    expect(nextWatchAt([one, { ...other, since: ago(DAY - 1) }], NOW)).toBe(later(NOW, 15 * MINUTE));
    expect(nextWatchAt([one, { ...other, since: ago(DAY) }], NOW)).toBe(later(NOW, 6 * HOUR));
    expect(nextWatchAt([], NOW)).toBeUndefined();
  });
});

describe('what was known of a page', () => {
  const watch = { tokens: [one], served: [known()] };
  test('stays while the page cannot be read, with its beginning', () => {
    const { state, records } = read({ unread: [PAGE] }, { watch, tokens: [aToken({ publishedAt: NOW })] });
    expect(state.watch?.served).toEqual([known()]);
    expect(records).toEqual([]);
  });
  test('keeps its beginning when it is seen again', () => {
    expect(read({ served: [seen()] }, { watch }).state.watch?.served).toEqual([known()]);
  });
  test.each<[string, Partial<ServedToken>, readonly string[]]>([
    ['the page was read', {}, []],
    ['another page was not read', {}, ['https://example.com/other']],
    ['the token is watched for no more', { tokenId: 'ctkn_forgotten' }, [PAGE]],
    ['a report said it', { by: 'report' }, [PAGE]],
  ])('ends when %s', (_, changes, unread) => {
    const { state, records } = read({ unread }, { watch: { ...watch, served: [known(changes)] } });
    expect(state.watch?.served).toEqual([]);
    expect(records).toMatchObject([{ type: 'token.revoked-gone', details: { since: ago(HOUR) } }]);
  });
  test('of a target is not the business of those who read pages', () => {
    const held = known({ by: 'target', place: 'ssm:/pricing' });
    expect(read({}, { watch: { ...watch, served: [held] } }).state.watch?.served).toEqual([held]);
  });
  test('and is not told of one token, is told of another at the same page', () => {
    const two = { tokens: [one, other], served: [known()] };
    const found = read({ served: [seen(), seen({ tokenId: 'ctkn_elder' })] }, { watch: two });
    expect(found.records.map(({ type, tokenId }) => `${type} ${tokenId}`)).toEqual([
      'token.revoked-served ctkn_elder',
      'build.requested ctkn_current',
    ]);
    expect(found.state.watch?.served).toHaveLength(2);
  });
  test('ends with its page in the configuration, and nobody says that the page serves it no more', () => {
    const { state, records } = read({}, { watch: { ...watch, served: [known()] } }, { sites: [] });
    expect(state.watch?.served).toEqual([]);
    expect(records).toMatchObject([{ type: 'token.revoked-gone', reason: 'not_read' }]);
    expect(records[0]?.message).toMatch(/is read for pricing-page no more, so nobody knows whether it still serves/);
  });
  test('keeps its room when more places appear before it', () => {
    const served = [known()];
    const more = Array.from({ length: 30 }, (_, at) => seen({ place: `${PAGE}/${at}` }));
    const { state, records } = read({ served: [...more, seen()] }, { watch: { ...watch, served } });
    expect(state.watch?.served?.[0]).toEqual(known());
    expect(typesOf({ records })).not.toContain('token.revoked-gone');
  });
  test('is bounded', () => {
    const served = Array.from({ length: 30 }, (_, at) => seen({ place: `${PAGE}/${at}` }));
    expect(read({ served }, { watch }).state.watch?.served).toHaveLength(20);
  });
  test.each<[string, Partial<Watched>, number | undefined, string | undefined]>([
    ['of a whole reading stands', { cached: { url: PAGE } as never }, 0, PAGE],
    ['of a whole reading that found none goes', {}, undefined, undefined],
    ['of the end of a reading stands', {}, 3, 'before'],
    ['of the end of a reading is replaced by a longer one', { cached: { url: PAGE } as never }, 3, PAGE],
  ])('about caches: that %s', (_, outcome, from, url) => {
    const cached = { url: 'before' } as never;
    const before = { tokens: [one], cached, ...(from === undefined ? {} : { from }) };
    expect((read(outcome, { watch: before }).state.watch?.cached as { url?: string })?.url).toBe(url);
  });
});

describe('pages are read again', () => {
  const watch = { tokens: [one] };
  test.each<[string, Partial<Watched>, Partial<IntegrationConfig>, string | undefined]>([
    ['every six hours when all is well', {}, { sites }, later(NOW, 6 * HOUR)],
    ['after a minute when not all were read', { next: 3 }, { sites }, SOON],
    ['after a minute when not all were read and one is bad', { next: 3, served: [seen()] }, { sites }, SOON],
    ['after four minutes while one is bad', { served: [seen()] }, { sites }, later(NOW, 4 * MINUTE)],
    ['after four minutes while a report says so', { served: [seen({ by: 'report' })] }, {}, later(NOW, 4 * MINUTE)],
    ['never where there are none', {}, {}, undefined],
  ])('%s', (_, outcome, config, at) => {
    const { state } = read(outcome, { watch }, config);
    expect([state.watch?.nextAt, state.watch?.from]).toEqual([at, outcome.next]);
  });

  test('four minutes after a reading that failed, and so is the deployment looked for', () => {
    const deployment = { tokenId: 'ctkn_current', since: ago(HOUR), nextCheckAt: NOW };
    const config = { sites, deployHooks };
    const { state } = watchFailed(aState({ watch: { ...watch, nextAt: NOW }, deployment }), aContext(config));
    expect(state.watch).toEqual({ ...watch, nextAt: later(NOW, 4 * MINUTE) });
    expect(state.deployment).toEqual({ ...deployment, nextCheckAt: later(NOW, 4 * MINUTE) });
    const idle = aState({ watch: { tokens: [] } });
    expect(watchFailed(idle, aContext(config)).state).toEqual(idle);
    expect(watchFailed(aState(), aContext(config)).state).toEqual(aState());
  });
});

describe('a build is asked for', () => {
  const builds = (last: { ms: number; count: number } | undefined, published: number, pause = false) => {
    const { state, records } = read(
      { served: [seen()] },
      {
        tokens: [aToken({ publishedAt: ago(published) })],
        watch: { tokens: [one], ...(last ? { builds: { lastAt: ago(last.ms), count: last.count } } : {}) },
        ...(pause ? { pause: { since: NOW, reason: 'x', requestedBy: 'ana' } } : {}),
      },
    );
    return typesOf({ records }).includes('build.requested') ? state.watch?.builds?.count : undefined;
  };
  test.each<[string, { ms: number; count: number } | undefined, number, number | undefined]>([
    ['half an hour after the publication', undefined, 30 * MINUTE, 1],
    ['not before', undefined, 30 * MINUTE - 1, undefined],
    ['again after six hours', { ms: 6 * HOUR, count: 2 }, DAY, 3],
    ['not before that', { ms: 6 * HOUR - 1, count: 2 }, DAY, undefined],
    ['four times', { ms: 6 * HOUR, count: 3 }, DAY, 4],
    ['not a fifth time', { ms: 7 * HOUR, count: 4 }, DAY, undefined],
    ['from the beginning a day later', { ms: DAY, count: 4 }, 9 * DAY, 1],
    ['not within that day', { ms: DAY - 1, count: 4 }, 9 * DAY, undefined],
  ])('%s', (_, last, published, count) => {
    expect(builds(last, published)).toBe(count);
  });
  test('neither while paused nor without a current token nor when nothing is served', () => {
    expect(builds(undefined, DAY, true)).toBeUndefined();
    expect(typesOf(read({ served: [seen()] }, { tokens: [], watch: { tokens: [one] } }))).toEqual([
      'token.revoked-served',
    ]);
    expect(typesOf(read({}, { watch: { tokens: [one] } }))).toEqual([]);
  });
  test('with its reason', () => {
    const { records } = read({ served: [seen()] }, { watch: { tokens: [one] } });
    expect(records[1]).toMatchObject({ tokenId: 'ctkn_current', rotationId: 'one', reason: 'revoked_token_served' });
  });
});

describe('a publication', () => {
  const tokenId = 'ctkn_current';
  test('is waited for as long as the most impatient hook says', () => {
    const hooks = [{ ...deployHooks[0], deployWithinMs: 5 * MINUTE }, deployHooks[0]];
    const config = { sites, deployHooks: hooks, deployWithinMs: 20 * MINUTE };
    const watch = { tokens: [one], nextAt: later(NOW, DAY), cached: { url: PAGE } as never };
    expect(deploymentAwaited(aState({ watch }), tokenId, aContext(config))).toEqual({
      deployment: { tokenId, since: NOW, nextCheckAt: later(NOW, 5 * MINUTE) },
      watch: { tokens: [one], nextAt: SOON },
    });
    expect(deploymentAwaited(aState(), tokenId, aContext({ ...config, deployHooks })).deployment?.nextCheckAt).toBe(
      later(NOW, 20 * MINUTE),
    );
  });
  test('asks for the pages in a minute though nothing was watched yet, and not where there are none, or no token', () => {
    expect(deploymentAwaited(aState(), tokenId, aContext({ sites })).watch).toEqual({ tokens: [], nextAt: SOON });
    expect(deploymentAwaited(aState(), tokenId, aContext())).toEqual({ deployment: undefined });
    expect(deploymentAwaited(aState({ tokens: [] }), tokenId, aContext({ sites }))).toEqual({ deployment: undefined });
  });
  test('can be noticed with a hook, and a page or a consumer', () => {
    expect(canBeNoticed(aContext({ deployHooks, sites }).config)).toBe(true);
    expect(canBeNoticed(aContext({ deployHooks, consumers: ['shop'] }).config)).toBe(true);
    expect(canBeNoticed(aContext({ deployHooks, sites, consumers: ['shop'] }).config)).toBe(true);
    expect(canBeNoticed(aContext({ deployHooks }).config)).toBe(false);
    expect(canBeNoticed(aContext({ sites }).config)).toBe(false);
  });
  test('is waited for while its token is current', () => {
    const deployment = { tokenId, since: NOW, nextCheckAt: NOW };
    const { config } = aContext({ deployHooks, sites });
    expect(awaited({ state: aState({ deployment }), config })).toBe(deployment);
    expect(awaited({ state: aState({ deployment: { ...deployment, tokenId: 'ctkn_old' } }), config })).toBeUndefined();
    expect(awaited({ state: aState({ tokens: [], deployment }), config })).toBeUndefined();
    expect(awaited({ state: aState({ deployment: { tokenId, since: NOW } }), config })).toBeUndefined();
    expect(awaited({ state: aState(), config })).toBeUndefined();
    expect(awaited({ state: aState({ deployment }), config: aContext().config })).toBeUndefined();
  });
});

describe('what became of a publication', () => {
  const tokenId = 'ctkn_current';
  const since = ago(HOUR);
  const called = (changes: Partial<HookCall> = {}): HookCall => ({
    ...{ integration: 'pricing-page', hook: 'h', label: 'shop', publication: 'p', tokenId, at: since, ...changes },
  });
  const became = (outcome: Partial<Watched>, changes: Partial<Deployment> = {}) => {
    const deployment = { tokenId, since, nextCheckAt: NOW, ...changes };
    const { state, records } = read(outcome, { deployment }, { sites, deployHooks, deployWithinMs: 30 * MINUTE });
    return { deployment: state.deployment, records };
  };
  const overdue = { since, hooks: ['shop'], message: 'late' };

  test('live: it is waited for no longer, and told only if it was overdue', () => {
    const live = { tokenId, since, liveAt: NOW, seenAt: PAGE };
    expect(became({ live: PAGE }, { attempts: 2 })).toEqual({ deployment: live, records: [] });
    const { deployment, records } = became({ live: PAGE }, { overdue });
    expect(deployment).toEqual(live);
    expect(records).toMatchObject([{ type: 'deployment.recovered', tokenId, details: { seenAt: PAGE } }]);
  });
  test.each<[string, readonly HookCall[]]>([
    ['no call was answered', []],
    ['the call was about another token', [called({ tokenId: 'ctkn_old' })]],
    ['the call was of an earlier publication', [called({ at: later(since, -1) })]],
  ])('%s: it is looked for every ten minutes, for three hours', (_, calls) => {
    const at = later(NOW, 10 * MINUTE);
    expect(became({ calls })).toEqual({ deployment: { tokenId, since, nextCheckAt: at }, records: [] });
    const early = ago(3 * HOUR - 1);
    expect(became({ calls: [] }, { since: early }).deployment?.nextCheckAt).toBe(at);
    expect(became({ calls: [] }, { since: ago(3 * HOUR) }).deployment).toEqual({ tokenId, since: ago(3 * HOUR) });
    expect(became({ calls: [] }, { since: ago(4 * HOUR) }).deployment).toEqual({ tokenId, since: ago(4 * HOUR) });
  });
  test('a call that still has time: it is looked for at its end, the earliest of several', () => {
    const calls = [called({ at: ago(10 * MINUTE) }), called({ hook: 'i', at: ago(20 * MINUTE) })];
    expect(became({ calls }).deployment).toEqual({ tokenId, since, nextCheckAt: later(NOW, 10 * MINUTE) });
    expect(became({ calls: [called({ withinMs: 61 * MINUTE })] }, { since: ago(4 * HOUR) }).deployment).toEqual({
      ...{ tokenId, since: ago(4 * HOUR), nextCheckAt: SOON },
    });
  });
  test('a call whose time is over, to the millisecond: overdue, with who took the call and when', () => {
    const calls = [called({ at: ago(30 * MINUTE) }), called({ label: 'in time', at: ago(30 * MINUTE - 1) })];
    const { deployment, records } = became({ calls });
    expect(records).toMatchObject([
      { type: 'deployment.overdue', tokenId, details: { hooks: ['shop'], acceptedAt: [ago(30 * MINUTE)] } },
    ]);
    expect(deployment).toMatchObject({ attempts: 1, overdue: { since: NOW, hooks: ['shop'] } });
    expect(deployment?.nextCheckAt).toBe(later(NOW, 5 * MINUTE));
  });
  test('overdue before: told no more, and looked for ever more rarely', () => {
    const { deployment, records } = became({ calls: [called()] }, { overdue, attempts: 2 });
    expect(records).toEqual([]);
    expect(deployment).toMatchObject({ attempts: 3, overdue, nextCheckAt: later(NOW, 20 * MINUTE) });
  });
});
