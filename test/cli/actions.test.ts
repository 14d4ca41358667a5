import { NAMES } from '../../lambdas/contract.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { installation, ME } from './world.ts';

describe('paddlewheel', () => {
  test('status says what is current, and never a whole token', async () => {
    const { command, harness } = await installation();
    const { exit, out } = await command('status pricing-page');
    expect(exit).toBe(0);
    expect(out).toContain(harness.current?.id);
    expect(out).not.toContain(harness.current?.value);
    expect(out).toContain('next rotation');
  });

  test('status says when beacons have seen which token', async () => {
    const { command, harness } = await installation();
    expect((await command('status pricing-page')).out).not.toContain('seen');
    harness.configure({ seen: { silentForMs: DAY } });
    const tokenId = String(harness.current?.id);
    const day = { tokenId, day: '2026-03-01', first: START, last: START, count: 42 };
    harness.ledger.seenDays.set('pricing-page', [day, { ...day, tokenId: 'ctkn_gone', count: 1 }]);
    const { out } = await command('status pricing-page');
    expect(out).toContain(`seen            ${tokenId} (current) at ${START}; 42 on 2026-03-01`);
    expect(out).toContain('seen            ctkn_gone (forgotten)');
  });

  test('status without a name tells of every integration', async () => {
    const { command } = await installation();
    const { out } = await command('status --json');
    expect(JSON.parse(out)).toMatchObject([{ integration: 'pricing-page', outcome: 'status' }]);
  });

  test.each([
    ['status pricing-page', NAMES.status],
    ['status', NAMES.status],
    ['plan pricing-page', NAMES.status],
    ['usage pricing-page', NAMES.status],
    ['rotate pricing-page --dry-run', NAMES.status],
    ['rotate pricing-page --emergency --dry-run', NAMES.status],
    ['rotate pricing-page', NAMES.operate],
    ['pause pricing-page', NAMES.operate],
    [`rotate pricing-page --emergency --yes --reason leaked`, NAMES.rotate],
  ])('%s is asked of %s, and of nothing that may do more', async (line, name) => {
    const { command, called } = await installation();
    await command(line);
    expect([...new Set(called)]).toEqual([name]);
  });

  test('rotate mints, says who asked, and exits 0', async () => {
    const { command, harness } = await installation();
    const before = harness.current?.id;
    const { exit, out } = await command(`rotate pricing-page --reason 'a new year'`);
    expect([exit, out]).toEqual([0, expect.stringContaining('pricing-page: rotated')]);
    expect(harness.current?.id).not.toBe(before);
    expect(harness.ledger.records).toContainEqual(
      expect.objectContaining({ type: 'token.published', requestedBy: ME, reason: 'a new year' }),
    );
  });

  test('rotate names its request, so that a lost answer does not rotate twice', async () => {
    const { command, payloads, aws, harness } = await installation();
    await command('rotate pricing-page');
    const minted = harness.paddle.tokens.length;
    await aws.invoke('paddlewheel-rotate', payloads[0] ?? {});
    expect(harness.paddle.tokens).toHaveLength(minted);
    await command('rotate pricing-page');
    expect(payloads[2]?.requestId).not.toBe(payloads[0]?.requestId);
  });

  test('rotate --dry-run changes nothing', async () => {
    const { command, harness } = await installation();
    const before = harness.state.version;
    expect(await command('rotate pricing-page --dry-run')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('Dry run, nothing was changed'),
    });
    expect(harness.state.version).toBe(before);
  });

  test('an ordinary rotation breaks nothing, whoever uses the current token; an emergency does', async () => {
    const { command } = await installation();
    await command('env pricing-page --consumer shop --build 41');
    await command('deployed pricing-page --consumer shop --build 41');
    const { out } = await command('rotate pricing-page --dry-run');
    expect(out).toContain('Dry run, nothing was changed, and nothing would break: ');
    expect(out).not.toContain('shop');
    const emergency = await command('rotate pricing-page --emergency --reason leaked --dry-run');
    expect(emergency.out).toMatch(/breaks +.*shop/);
    expect(emergency.out).not.toContain('nothing would break');
  });

  test('plan, hold, release, rollback, pause, resume and reconcile do what they say', async () => {
    const { command, harness } = await installation();
    const first = harness.current?.id ?? '';
    await command('rotate pricing-page');
    expect((await command('plan pricing-page')).out).toContain('upcoming');
    expect(await command(`hold pricing-page --token ${first} --reason 'an app is in review'`)).toMatchObject({
      exit: 0,
    });
    expect(harness.token(first).manualHold).toMatchObject({ requestedBy: ME, reason: 'an app is in review' });
    await command(`release pricing-page --token ${first}`);
    expect(harness.token(first).manualHold).toBeUndefined();
    expect(await command('rollback pricing-page')).toMatchObject({ exit: 0 });
    expect(harness.current?.id).toBe(first);
    await command('pause --integration pricing-page');
    expect(harness.state.pause).toMatchObject({ requestedBy: ME });
    await command('resume pricing-page');
    expect(harness.state.pause).toBeUndefined();
    expect(await command('reconcile pricing-page')).toMatchObject({ exit: 0 });
  });

  test('adopt takes a token over that was made in the dashboard', async () => {
    const { command, harness } = await installation();
    const made = await harness.paddle.create({ name: 'made by hand' });
    expect(await command(`adopt pricing-page --token ${made.id}`)).toMatchObject({ exit: 0 });
    expect(harness.current?.id).toBe(made.id);
  });

  test('usage says who uses what, and who is behind', async () => {
    const { command } = await installation();
    expect((await command('usage pricing-page')).out).toContain('No consumer');
    await command('env pricing-page --consumer site --build 1');
    await command('rotate pricing-page');
    await command('env pricing-page --consumer shop --build 9');
    const { out } = await command('usage pricing-page');
    expect(out).toMatch(/site {2}has built, and not reported as live, ctkn_\w+ {2}NOT CURRENT {2}\S+ \(build 1\)/);
    expect(out).toMatch(/shop {2}has built, and not reported as live, ctkn_\w+ {2}current {2,}\S+ \(build 9\)/);
  });

  test('usage tells a deployment from a preview', async () => {
    const { command } = await installation();
    await command('env pricing-page --consumer site --build 1 --branch main --stage production');
    await command('deployed pricing-page --consumer site --build 1 --branch main --stage production');
    await command('env pricing-page --consumer site --build 2 --stage pr-7');
    await command('deployed pricing-page --consumer site --build 2 --stage pr-7');
    const { out } = await command('usage pricing-page');
    expect(out).toMatch(/site {2}has deployed ctkn_\w+ {2,}current {2}\S+ \(build 1, branch main, stage production\)/);
    expect(out).toMatch(/site {2}has deployed as a preview, which does not count, ctkn_\w+ .*\(build 2, stage pr-7\)/);
    expect((await command('status pricing-page')).out).toMatch(
      /consumer +site has deployed ctkn_\w+ \(build 1, branch/,
    );
  });
});

describe('an emergency rotation', () => {
  const line = `rotate pricing-page --emergency --reason 'the token is abused'`;

  test('goes ahead only when the name is repeated, after saying what breaks', async () => {
    const { command, harness } = await installation();
    await command('env pricing-page --consumer site --build 1');
    const first = harness.current?.id ?? '';
    const { exit, err } = await command(line, { answer: 'pricing-page' });
    expect(exit).toBe(0);
    expect(err).toContain(`consumer site (build 1) last reported ${first}`);
    expect(harness.token(first).status).toBe('revoked');
  });

  test.each<[string, string, string | undefined]>([
    ['the name is not repeated', line, 'yes'],
    ['nobody is there to ask', line, undefined],
    ['there is no reason', 'rotate pricing-page --emergency', 'pricing-page'],
  ])('does nothing and exits 2 when %s', async (_, given, answer) => {
    const { command, harness } = await installation();
    const before = harness.state.version;
    expect(await command(given, { answer })).toMatchObject({ exit: 2 });
    expect(harness.state.version).toBe(before);
  });

  test('does not ask with --yes', async () => {
    const { command, harness } = await installation();
    const first = harness.current?.id ?? '';
    expect(await command(`${line} --yes`)).toMatchObject({ exit: 0 });
    expect(harness.token(first).status).toBe('revoked');
  });
});

describe('a forced revocation', () => {
  test('goes ahead only when the name is repeated, and is recorded with who and why', async () => {
    const { command, harness } = await installation();
    const first = harness.current?.id ?? '';
    await command('rotate pricing-page');
    const line = `revoke pricing-page --token ${first} --reason 'the shop is closed'`;
    expect(await command(line, { answer: 'no' })).toMatchObject({ exit: 2 });
    expect(harness.token(first).status).toBe('superseded');
    const { exit, err } = await command(line, { answer: 'pricing-page' });
    expect([exit, err]).toEqual([0, expect.stringContaining(`This revokes ${first}`)]);
    expect(harness.token(first)).toMatchObject({ status: 'revoked', emergency: { reason: 'the shop is closed' } });
  });
});

describe('the exit code is', () => {
  test.each<[number, string, string, RegExp]>([
    [1, 'an unknown integration', 'status nobody', /no integration "nobody"/],
    [1, 'a wrong environment', 'rotate pricing-page --environment live', /belongs to sandbox/],
    [2, 'no integration', 'rotate', /Name the integration/],
    [2, 'two integrations', 'rotate a --integration b', /Two integrations/],
    [2, 'an unknown command', 'explode', /unknown command/],
    [2, 'an unknown option', 'rotate pricing-page --force', /unknown option/],
    [2, 'a build without a consumer', 'env pricing-page', /--consumer/],
    [2, 'a deployment of nobody knows what', 'deployed pricing-page --consumer site', /--build/],
  ])('%i for %s', async (exit, _, line, says) => {
    const { command } = await installation();
    expect(await command(line)).toMatchObject({ exit, err: expect.stringMatching(says) });
  });

  test('1 when the function fails, with its own words', async () => {
    const { command, harness } = await installation();
    harness.clock.set(later(START, DAY));
    harness.ledger.accounts.clear();
    expect(await command('rotate pricing-page')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('account sandbox'),
    });
  });

  test('0 for --help', async () => {
    const { command } = await installation();
    expect(await command('--help')).toMatchObject({ exit: 0, out: expect.stringContaining('rollback') });
  });
});
