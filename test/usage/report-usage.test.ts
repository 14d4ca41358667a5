import { usage, value } from './fakes.ts';

const build = { integration: 'pricing-page', consumer: 'site', build: '42', phase: 'build' };
const deploy = { ...build, phase: 'deploy' };

describe('a build', () => {
  test('gets the current token, and its use is recorded', async () => {
    const { report, records, queue } = usage();
    expect(await report(build)).toEqual({
      integration: 'pricing-page',
      outcome: 'recorded',
      token: { id: 'ctkn_b', value: value('b'), environment: 'sandbox' },
      consumer: 'site',
      phase: 'build',
      build: '42',
      message: 'Recorded: site uses the current token ctkn_b.',
    });
    expect(records.reports).toEqual([
      {
        integration: 'pricing-page',
        consumer: 'site',
        tokenId: 'ctkn_b',
        build: '42',
        phase: 'build',
        place: 'production',
        at: '2026-11-22T03:00:00.000Z',
      },
    ]);
    expect(queue.taken).toEqual([]);
  });

  test('may have no number', async () => {
    const { report } = usage();
    const answer = await report({ ...build, build: undefined });
    expect(answer).toMatchObject({ outcome: 'recorded', token: { id: 'ctkn_b' } });
    expect(answer).not.toHaveProperty('build');
  });

  test('that has read another token says which, and learns that it is stale', async () => {
    const { report, records } = usage();
    const answer = await report({ ...build, tokenId: 'ctkn_a' });
    expect(answer).toMatchObject({ outcome: 'recorded', token: { id: 'ctkn_a', value: value('a') }, stale: true });
    expect(answer.message).toContain('The current one is ctkn_b');
    expect(records.reports).toMatchObject([{ tokenId: 'ctkn_a' }]);
  });

  test.each<[what: string, statuses: Parameters<typeof usage>[0]]>([
    ['nothing', {}],
    ['a minted token, which is published nowhere yet', { ctkn_a: 'minted' }],
  ])('is told to come again while there is %s', async (_, statuses) => {
    const { report, records } = usage(statuses);
    expect(await report(build)).toMatchObject({ outcome: 'not-ready' });
    expect(records.reports).toEqual([]);
  });
});

describe('a deployment', () => {
  test('is recorded with the token of its build, and asks for a reconcile', async () => {
    const { report, records, queue } = usage();
    await report(build);
    expect(await report(deploy)).toMatchObject({ outcome: 'recorded', phase: 'deploy', token: { id: 'ctkn_b' } });
    expect(records.reports).toMatchObject([{ phase: 'build' }, { phase: 'deploy', tokenId: 'ctkn_b' }]);
    expect(queue.taken).toMatchObject([{ integration: 'pricing-page', cause: 'usage' }]);
  });

  test('of an older build is recorded with the token of that build, not with the current one', async () => {
    const world = usage({ ctkn_a: 'current' });
    await world.report(build);
    world.statuses = { ctkn_a: 'superseded', ctkn_b: 'current' };
    const answer = await world.report(deploy);
    expect(answer).toMatchObject({ outcome: 'recorded', token: { id: 'ctkn_a' }, stale: true });
    expect(answer.message).toContain('superseded');
  });

  test('with a token id needs no build', async () => {
    const { report, records } = usage();
    const { build: _, ...unnumbered } = deploy;
    expect(await report({ ...unnumbered, tokenId: 'ctkn_a' })).toMatchObject({ outcome: 'recorded', stale: true });
    expect(records.reports).toMatchObject([{ tokenId: 'ctkn_a', phase: 'deploy' }]);
  });

  test('of a revoked token is recorded, because it is true, and says what it breaks', async () => {
    const { report, records } = usage({ ctkn_a: 'revoked', ctkn_b: 'current' });
    const answer = await report({ ...deploy, tokenId: 'ctkn_a' });
    expect(answer.message).toContain('revoked: its checkouts fail');
    expect(records.reports).toHaveLength(1);
  });

  test('that is repeated asks for one reconcile, a later one for another', async () => {
    const { report, queue, clock } = usage();
    await report({ ...deploy, tokenId: 'ctkn_b' });
    await report({ ...deploy, tokenId: 'ctkn_b' });
    expect(queue.taken).toHaveLength(1);
    clock.advance(60_000);
    await report({ ...deploy, tokenId: 'ctkn_b' });
    expect(queue.taken).toHaveLength(2);
  });

  test.each<[what: string, payload: object, fault: RegExp]>([
    ['of a build that nobody reported', deploy, /not known which token was deployed; give its tokenId, or the build/],
    ['without a build and without a token', { ...deploy, build: undefined }, /not known which token/],
    [
      'of a token that is not the integration’s',
      { ...deploy, tokenId: 'ctkn_z' },
      /ctkn_z is no token of pricing-page/,
    ],
  ])('%s is not guessed at: nothing is recorded', async (_, payload, fault) => {
    const { report, records, queue } = usage();
    const answer = await report(payload);
    expect(answer).toMatchObject({
      integration: 'pricing-page',
      outcome: 'rejected',
      faults: [expect.stringMatching(fault)],
    });
    expect(records.reports).toEqual([]);
    expect(queue.taken).toEqual([]);
  });
});

test('a deployment never takes the token of another consumer’s build', async () => {
  const { report } = usage();
  await report(build);
  expect(await report({ ...deploy, consumer: 'shop' })).toMatchObject({ outcome: 'rejected' });
});

describe('a branch and a stage', () => {
  test('are kept with the report', async () => {
    const { report, records } = usage();
    await report({ ...build, branch: 'feature/one', stage: 'pr-12' });
    expect(records.reports).toMatchObject([{ branch: 'feature/one', stage: 'pr-12', place: 'preview' }]);
  });

  test('of a preview ask for no reconcile, and whoever reports is told that it proves nothing', async () => {
    const { report, queue } = usage();
    const answer = await report({ ...deploy, tokenId: 'ctkn_b', stage: 'preview' });
    expect(answer.message).toMatch(/preview \(stage preview\).*neither for a revocation nor against it/);
    expect(queue.taken).toEqual([]);
    expect((await report({ ...deploy, tokenId: 'ctkn_b', stage: 'eu' })).message).toMatch(/proves nothing until/);
    expect(queue.taken).toHaveLength(1);
  });

  test('follow the rules of the configuration', async () => {
    const world = usage();
    world.consumers = [{ name: 'site', stages: ['eu'], everyBuildDeploys: true }];
    await world.report({ ...build, stage: 'eu' });
    await world.report({ ...build, stage: 'production' });
    expect(world.records.reports.map(({ place }) => place)).toEqual(['production', 'preview']);
    expect(world.queue.taken).toHaveLength(1);
  });

  test.each([
    ['an endless branch', { branch: 'x'.repeat(256) }],
    ['a branch with a line break', { branch: 'a\nb' }],
    ['an empty stage', { stage: ' ' }],
    ['a stage that would divide a key', { stage: 'a#b' }],
    ['an endless stage', { stage: 'x'.repeat(64) }],
  ])('are refused: %s', async (_, more) => {
    const { report, records } = usage();
    const [name] = Object.keys(more);
    const { outcome, faults } = (await report({ ...build, ...more })) as { outcome: string; faults?: string[] };
    expect([outcome, faults?.[0]]).toEqual(['rejected', expect.stringMatching(new RegExp(`^${name}:`))]);
    expect(records.reports).toEqual([]);
  });
});

describe('what cannot be understood', () => {
  test.each<[what: string, payload: unknown, faults: RegExp[]]>([
    ['nothing', undefined, [/JSON object/]],
    ['a list', [], [/JSON object/]],
    ['an empty object', {}, [/^integration:/, /^consumer:/, /^phase:/]],
    [
      'several faults',
      { ...build, integration: ' ', phase: 'test', tokenId: 'nope' },
      [/^integration:/, /^phase:/, /^tokenId:/],
    ],
    ['misspelt properties', { ...build, token: 'x', Build: '1' }, [/^token: no such/, /^Build: no such/]],
    ['a consumer that would divide a key', { ...build, consumer: 'a#b' }, [/^consumer: must not contain #/]],
    ['an endless build', { ...build, build: 'x'.repeat(257) }, [/^build:/]],
    ['an empty build', { ...build, build: '' }, [/^build:/]],
    [
      'an integration that nobody configured',
      { ...build, integration: 'other' },
      [/^integration: no integration of this name/],
    ],
  ])('%s is rejected with every fault named', async (_, payload, faults) => {
    const { report, records } = usage();
    expect(await report(payload)).toMatchObject({
      outcome: 'rejected',
      faults: faults.map((fault) => expect.stringMatching(fault)),
    });
    expect(records.reports).toEqual([]);
  });

  test('a token that was given as a property is not echoed', async () => {
    const { report } = usage();
    expect(JSON.stringify(await report({ ...build, [value('s')]: 1, tokenId: value('s') }))).not.toContain(
      value('s').slice(0, -4),
    );
  });
});

describe('when an effect fails', () => {
  test('the report fails, so that the consumer repeats it', async () => {
    const { report, records, queue } = usage();
    records.failure = new Error('the ledger is away');
    await expect(report(build)).rejects.toThrow('the ledger is away');
    records.failure = undefined;
    queue.failure = new Error('the queue is away');
    await expect(report({ ...deploy, tokenId: 'ctkn_b' })).rejects.toThrow('the queue is away');
    queue.failure = undefined;
    expect(await report({ ...deploy, tokenId: 'ctkn_b' })).toMatchObject({ outcome: 'recorded' });
  });
});

test('the value of a token is in the answer and never in the log', async () => {
  const { report, log } = usage();
  expect(JSON.stringify(await report(build))).toContain(value('b'));
  expect(log.lines).toHaveLength(1);
  expect(log.lines.join()).not.toContain(value('b'));
});

describe('who reports', () => {
  const role = 'arn:aws:iam::123456789012:role/site-build';
  const bound = () => Object.assign(usage(), { consumers: [{ name: 'site', role }] });

  test('is kept as the caller says it, and as no more than that', async () => {
    const { report, records } = usage();
    await report({ ...build, reportedBy: 'arn:aws:sts::123456789012:assumed-role/ci/7' });
    expect(records.reports).toMatchObject([
      { by: { name: 'arn:aws:sts::123456789012:assumed-role/ci/7', proof: 'said' } },
    ]);
  });

  test('is the role, when it came in by the alias that only the role may invoke', async () => {
    const { report, records } = bound();
    expect(await report({ ...build, reportedBy: 'somebody else' }, 'consumer-site')).toMatchObject({
      outcome: 'recorded',
    });
    expect(records.reports).toMatchObject([{ by: { name: role, proof: 'role' } }]);
  });

  test.each([undefined, '$LATEST', 'consumer-shop', 'consumer-site2', 'Consumer-site'])(
    'by %s, a bound consumer is not believed, whatever is said',
    async (alias) => {
      const { report, records, queue } = bound();
      for (const phase of ['build', 'deploy'])
        expect(await report({ ...build, phase, tokenId: 'ctkn_b', reportedBy: role }, alias)).toMatchObject({
          outcome: 'rejected',
          faults: [expect.stringContaining('paddlewheel-usage:consumer-site')],
        });
      expect(records.reports).toEqual([]);
      expect(queue.taken).toEqual([]);
    },
  );

  test('by its alias speaks for itself alone', async () => {
    const { report, records } = bound();
    const answer = await report({ ...build, consumer: 'shop' }, 'consumer-site');
    expect(answer).toMatchObject({
      outcome: 'rejected',
      faults: [expect.stringContaining('takes no reports of shop')],
    });
    expect(records.reports).toEqual([]);
  });

  test('is not needed for others', async () => {
    const { report } = bound();
    expect(await report({ ...build, consumer: 'shop' })).toMatchObject({ outcome: 'recorded' });
  });
});
