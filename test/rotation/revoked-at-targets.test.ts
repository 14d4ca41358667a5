/** Targets that hold a revoked token: each tells of it, and of its end, by itself. */
import { RefusedError } from '../../lambdas/domain/errors.ts';
import type { IntegrationConfig, ServedToken, Target, Token } from '../../lambdas/domain/model.ts';
import { targetName } from '../../lambdas/domain/targets.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { change } from '../../lambdas/rotation/change.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { TargetReading } from '../../lambdas/rotation/outcome.ts';
import { isRevokedNews, withRevokedAtTargets } from '../../lambdas/rotation/transitions/revoked-at-targets.ts';
import { anIntegration, START } from '../builders/integration.ts';
import { aContext, aState, aToken, NOW, readings } from '../builders/state.ts';
import { Harness } from './harness.ts';

const [PARAMETER, SECRET] = anIntegration().targets as [Target, Target];
const PAGE = 'https://example.com/pricing';
const [FIRST, SECOND] = [targetName(PARAMETER), targetName(SECRET)];

describe('what was read', () => {
  const ago = (ms: number) => later(NOW, -ms);
  const one = { id: 'ctkn_old', value: 'test_old', since: ago(2 * DAY) };
  const other = { id: 'ctkn_elder', value: 'test_elder', since: ago(HOUR) };
  const held = (changes: Partial<ServedToken> = {}): ServedToken => ({
    ...{ tokenId: 'ctkn_old', by: 'target', place: FIRST, since: ago(HOUR) },
    message: `${FIRST} of pricing-page holds ctkn_old, which is revoked`,
    ...changes,
  });
  const page = held({ by: 'site', place: PAGE });
  const resultOf = (read: readonly TargetReading[], served: readonly ServedToken[] = [], tokens = [one, other]) => {
    const begun = aState({ watch: { tokens, served } });
    const { state, records } = withRevokedAtTargets(change(begun), begun, read, aContext());
    return {
      served: state.watch?.served ?? [],
      told: records.map(({ type, details, reason }) => [type, details?.place, ...(reason ? [reason] : [])].join(' ')),
    };
  };

  test('of one target says nothing of another one', () => {
    expect(resultOf(readings('text'), [held({ place: SECOND })]).told).toEqual([]);
    const { served, told } = resultOf(readings('test_elder'), [page, held({ place: SECOND })]);
    expect(served).toMatchObject([page, held({ place: SECOND }), { tokenId: 'ctkn_elder', place: FIRST }]);
    expect(told).toEqual([`token.revoked-served ${FIRST}`]);
  });
  test('tells of a revoked token somewhere in a text, and of that token alone', () => {
    const { served, told } = resultOf(readings('{"token":"test_elder"}'));
    expect(served).toMatchObject([{ tokenId: 'ctkn_elder', by: 'target', place: FIRST, since: NOW }]);
    expect(told).toEqual([`token.revoked-served ${FIRST}`]);
  });
  test('and is something else changes nothing', () => {
    expect(resultOf(readings('text', 'more'))).toEqual({ served: [], told: [] });
  });
  test('last is what the target holds', () => {
    const mended = [...readings('test_old'), ...readings('test_current')];
    expect(resultOf(mended)).toEqual({ served: [], told: [] });
    expect(resultOf(mended, [page, held()])).toEqual({ served: [page], told: [`token.revoked-gone ${FIRST}`] });
    expect(resultOf([...mended, ...readings('test_old')], [held()]).told).toEqual([]);
  });
  test('and is empty ends what was known', () => {
    expect(resultOf([{ target: FIRST }], [held()]).told).toEqual([`token.revoked-gone ${FIRST}`]);
  });
  test('and holds it still is told no more, and keeps its beginning', () => {
    const { served, told } = resultOf(readings('test_old'), [held()]);
    expect([served, told]).toEqual([[held()], []]);
  });
  test('is nobody’s business where nothing is watched for', () => {
    const before = change(aState());
    expect(withRevokedAtTargets(before, before.state, readings('test_old'), aContext())).toBe(before);
  });
  test('of a former target is not what is served', () => {
    expect(resultOf([{ target: 'ssm:/former', text: 'test_old' }])).toEqual({ served: [], told: [] });
  });
  test('never ends what is held, however many places serve', () => {
    const pages = Array.from({ length: 19 }, (_, at) => ({ ...page, place: `https://example.com/${at}` }));
    const { served, told } = resultOf(readings('test_elder and test_old'), [...pages, held()]);
    expect(served).toEqual([...pages, held()]);
    expect(told).toEqual([]);
  });

  test('must be noted before it is overwritten, unless it is known, or there is no room to note it', () => {
    const news = (served: readonly ServedToken[], tokens: readonly Token[] = []) =>
      isRevokedNews(aState({ watch: { tokens: [one, other], served }, tokens }), readings('test_old'), aContext());
    expect([news([]), news([held()]), news([held({ place: SECOND })])]).toEqual([true, false, true]);
    const full = Array.from({ length: 20 }, (_, at) => ({ ...page, place: `https://example.com/${at}` }));
    expect(news(full)).toBe(false);
    const lost = aToken({ id: 'ctkn_old', status: 'revoked', publishedAt: ago(HOUR) });
    expect([news([], [lost]), news([], [aToken(), lost])]).toEqual([false, false]);
    expect(news([], [aToken({ publishedAt: ago(MINUTE) }), lost])).toBe(true);
  });
  test.each<Partial<Token>>([{ servedAt: ago(HOUR) }, { origin: 'adopted' }])(
    'must be noted before it is overwritten, also of a token that never became current: %j',
    (changes) => {
      const tried = { publishedAt: undefined, createdAt: ago(HOUR), ...changes };
      const half = aToken({ id: 'ctkn_old', status: 'revoked', ...tried });
      const begun = aState({ watch: { tokens: [one] }, tokens: [aToken(), half] });
      expect(isRevokedNews(begun, readings('test_old'), aContext())).toBe(true);
    },
  );
});

describe('in a life', () => {
  const told = ({ ledger }: Harness) =>
    ledger.records
      .filter(({ type }) => type.startsWith('token.revoked-'))
      .map(({ type, details, reason }) => [type, details?.place, ...(reason ? [reason] : [])].join(' '));
  const passing = (harness: Harness, ms: number) => harness.until(later(harness.clock.iso(), ms));

  /** Rotated by hand, and the prior token revoked by the evidence. */
  async function revoked(config: Partial<IntegrationConfig> = {}) {
    const harness = new Harness({ config: { schedule: { every: 300 * DAY }, drift: 'report', ...config } });
    await harness.until(later(START, MINUTE));
    const old = harness.current as Token;
    await harness.reconcile({ command: commands.rotate({ requestId: 'r1' }) });
    for (const { url } of harness.config.sites) harness.sites.deploy(url, harness.current?.value ?? '');
    await harness.until(later(START, 2 * DAY + HOUR));
    expect(harness.token(old.id).status).toBe('revoked');
    return { harness, old };
  }

  test.each([[PARAMETER], [SECRET]])('a rotation that overwrites it at %j has it noted first', async (target) => {
    const { harness, old } = await revoked();
    harness.targets.put(target, old.value);
    await harness.reconcile({ command: commands.rotate({ requestId: 'r2' }) });
    expect(harness.targets.current(target)).toBe(harness.current?.value);
    const place = targetName(target);
    expect(told(harness)).toEqual([`token.revoked-served ${place}`, `token.revoked-gone ${place}`]);
    expect(harness.state.rotation).toBeUndefined();
  });

  test('a target that joins with it is told, and filled', async () => {
    const { harness, old } = await revoked();
    const joins: Target = { kind: 'ssm', name: '/shop/joins' };
    harness.targets.put(joins, old.value);
    harness.configure({ targets: [...harness.config.targets, joins] });
    await harness.reconcile();
    expect(harness.targets.current(joins)).toBe(harness.current?.value);
    expect(told(harness)).toEqual(['token.revoked-served ssm:/shop/joins', 'token.revoked-gone ssm:/shop/joins']);
  });

  test('a target that leaves with it is read no more: that is what is said, not that it serves it no more', async () => {
    const { harness, old } = await revoked();
    harness.targets.put(SECRET, old.value);
    await harness.reconcile({ newEvidence: true });
    harness.configure({ targets: [PARAMETER] });
    await passing(harness, 2 * DAY);
    expect(told(harness)).toEqual([`token.revoked-served ${SECOND}`, `token.revoked-gone ${SECOND} not_read`]);
    expect(harness.state.watch?.served).toEqual([]);
  });

  const pages = { sites: [{ url: PAGE, extraOrigins: [] }], scans: { count: 1, overMs: 0 } };
  test('while paused, a page that is rolled back when a target leaves is told once', async () => {
    const { harness, old } = await revoked(pages);
    harness.targets.put(SECRET, old.value);
    await harness.reconcile({ newEvidence: true });
    await harness.reconcile({ command: commands.pause({ reason: 'a freeze' }) });
    harness.configure({ targets: [PARAMETER] });
    harness.sites.deploy(PAGE, old.value);
    await passing(harness, HOUR);
    expect(told(harness)).toEqual([
      `token.revoked-served ${SECOND}`,
      `token.revoked-served ${PAGE}`,
      `token.revoked-gone ${SECOND} not_read`,
    ]);
  });

  test.each(['report', 'restore'] as const)(
    'with drift "%s", a target that refuses to be read keeps nobody from hearing of another one',
    async (drift) => {
      const { harness, old } = await revoked({ drift });
      const current = harness.current?.value ?? '';
      const read = harness.targets.read.bind(harness.targets);
      harness.targets.read = async (target) => {
        if (target.name === PARAMETER.name && target.kind === PARAMETER.kind) throw new RefusedError('denied', 'no');
        return read(target);
      };
      harness.targets.put(SECRET, old.value);
      await passing(harness, DAY);
      expect(told(harness)).toContain(`token.revoked-served ${SECOND}`);
      expect(harness.targets.current(SECRET)).toBe(drift === 'report' ? old.value : current);
    },
  );

  test('while a target holds it, somebody is told every few minutes, and its end is seen as soon', async () => {
    const { harness, old } = await revoked();
    harness.targets.put(SECRET, old.value);
    await harness.reconcile({ newEvidence: true });
    let runs = 0;
    await harness.until(later(harness.clock.iso(), HOUR), () => {
      runs += 1;
    });
    expect(runs).toBeGreaterThanOrEqual(14);
    harness.targets.put(SECRET, harness.current?.value ?? '');
    await passing(harness, 5 * MINUTE);
    expect(told(harness)).toEqual([`token.revoked-served ${SECOND}`, `token.revoked-gone ${SECOND}`]);
    expect(harness.dueAt).not.toBe(later(harness.clock.iso(), 4 * MINUTE));
  });

  test('as many targets as there may be are noted by one write while checkout is down', async () => {
    const targets = Array.from({ length: 20 }, (_, at): Target => ({ kind: 'ssm', name: `/shop/${at}` }));
    const writes = async (isBroughtBack: boolean) => {
      const { harness, old } = await revoked({ targets });
      for (const target of isBroughtBack ? targets : []) harness.targets.put(target, old.value);
      const lost = harness.current?.id ?? '';
      harness.paddle.revokeOutside(lost);
      const { version } = harness.state;
      await harness.reconcile({ recheck: [lost] });
      for (const target of targets) expect(harness.targets.current(target)).toBe(harness.current?.value);
      return harness.state.version - version;
    };
    expect((await writes(true)) - (await writes(false))).toBe(1);
  });

  test('a run that dies before its write has told what it would have overwritten', async () => {
    const { harness, old } = await revoked();
    harness.targets.put(PARAMETER, old.value);
    harness.targets.failNext('write', PARAMETER, 'after');
    harness.targets.failNext('read', SECRET, 'before');
    await harness.reconcile({ command: commands.rotate({ requestId: 'r2' }) }).catch(() => undefined);
    expect(told(harness)[0]).toBe(`token.revoked-served ${FIRST}`);
    await passing(harness, HOUR);
    expect(told(harness)).toEqual([`token.revoked-served ${FIRST}`, `token.revoked-gone ${FIRST}`]);
  });

  test.each([undefined, 'adopted'] as const)(
    'the one that was lost just now (%s) is no news where it stands',
    async (how) => {
      const harness = new Harness({ config: { schedule: { every: 300 * DAY } } });
      await harness.until(later(START, MINUTE));
      if (how) {
        await harness.reconcile({ command: commands.rotate({ requestId: 'r1' }) });
        await harness.until(later(START, 3 * DAY));
      }
      const lost = harness.current?.id ?? '';
      harness.paddle.revokeOutside(lost);
      await harness.reconcile({ recheck: [lost] });
      expect(harness.current?.id).not.toBe(lost);
      expect(told(harness)).toEqual([]);
    },
  );

  test.each(['report', 'restore'] as const)(
    'with drift "%s", whatever fails, no target is said to be rid of it that holds it',
    async (drift) => {
      let seed = 7;
      const chance = () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return seed / 2 ** 31;
      };
      for (let life = 0; life < 20; life += 1) {
        const { harness, old } = await revoked({ drift });
        let before = 0;
        for (let step = 0; step < 20; step += 1) {
          for (const target of harness.config.targets) {
            if (chance() < 0.3) harness.targets.put(target, chance() < 0.6 ? old.value : 'other');
            if (chance() < 0.4) harness.targets.failNext('read', target, 'before');
            if (chance() < 0.3) harness.targets.failNext('write', target, chance() < 0.5 ? 'before' : 'after');
          }
          const command = chance() < 0.2 ? { command: commands.rotate({ requestId: `${life}-${step}` }) } : undefined;
          await harness.reconcile(command ?? { newEvidence: true }).catch(() => harness.clock.advance(MINUTE));
          const since = told(harness).slice(before);
          before = told(harness).length;
          for (const target of harness.config.targets)
            if (harness.targets.current(target) === old.value)
              expect(since.at(-1)).not.toBe(`token.revoked-gone ${targetName(target)}`);
          harness.clock.advance(Math.floor(chance() * 90) * MINUTE);
        }
      }
    },
  );
});
