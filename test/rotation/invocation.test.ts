import { DAY, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Answer } from '../../lambdas/rotation/answer.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { NAME, running } from './invocation-world.ts';

describe('bad input is rejected with every fault, and changes nothing', () => {
  test.each<[string, unknown, RegExp[]]>([
    ['not an object', 'rotate', [/payload: a JSON object/]],
    ['null', null, [/payload: a JSON object/]],
    ['an array', [], [/payload: a JSON object/]],
    ['no integration', {}, [/integration: a text/]],
    ['an unknown integration', { integration: 'nobody' }, [/no integration "nobody"/]],
    ['an unknown action', { integration: NAME, action: 'destroy' }, [/action: one of rotate/]],
    ['an unknown key', { integration: NAME, force: true }, [/force: no such key/]],
    [
      'several faults at once',
      { integration: 7, action: 'x', emergency: 'yes', y: 1 },
      [/integration:/, /action:/, /emergency:/, /y: no such key/],
    ],
    ['an emergency without a reason', { integration: NAME, emergency: true }, [/reason: an emergency/]],
    [
      'an emergency that is no rotation',
      { integration: NAME, action: 'pause', emergency: true, reason: 'x' },
      [/emergency: only/],
    ],
    ['adopt without a token', { integration: NAME, action: 'adopt' }, [/tokenId: action "adopt" needs/]],
    ['a malformed token id', { integration: NAME, action: 'adopt', tokenId: 'test_123' }, [/tokenId: the id/]],
    [
      'a token where none belongs',
      { integration: NAME, action: 'pause', tokenId: `ctkn_${'a'.repeat(26)}` },
      [/takes none/],
    ],
    ['the other environment', { integration: NAME, environment: 'live' }, [/belongs to sandbox/]],
    ['an empty reason', { integration: NAME, reason: ' ' }, [/reason: a text/]],
    [
      'a token that Paddle does not know',
      { integration: NAME, action: 'adopt', tokenId: `ctkn_${'a'.repeat(26)}` },
      [/Paddle does not know/],
    ],
    ['a rollback with nothing to roll back to', { integration: NAME, action: 'rollback' }, [/no superseded token/]],
  ])('%s', async (_, payload, faults) => {
    const { harness, handle } = await running();
    const before = JSON.stringify([harness.state, harness.ledger.records, harness.paddle.tokens]);
    const answer = (await handle(payload, 'id')) as Answer;
    expect(answer.outcome).toBe('rejected');
    for (const fault of faults) expect(answer.faults?.join('\n')).toMatch(fault);
    expect(JSON.stringify([harness.state, harness.ledger.records, harness.paddle.tokens])).toBe(before);
  });

  test('adopting a revoked token, or one of another integration', async () => {
    const { harness, ask } = await running();
    const revoked = harness.paddle.make('made in the dashboard');
    harness.paddle.revokeOutside(revoked.id);
    const taken = harness.paddle.make('another');
    harness.ledger.owners.set(taken.id, { tokenId: taken.id, integration: 'shop', rotationId: 'r' });
    expect((await ask({ action: 'adopt', tokenId: revoked.id })).faults?.[0]).toMatch(/is revoked/);
    expect((await ask({ action: 'adopt', tokenId: taken.id })).faults?.[0]).toMatch(/belongs to integration "shop"/);
  });
});

describe('a manual rotation', () => {
  test('answers the new token masked, the superseded one with its deadline, and where it was published', async () => {
    const { harness, ask } = await running();
    const prior = harness.current?.id;
    const answer = await ask({ reason: 'offboarding', requestedBy: 'ana' });
    expect(answer).toMatchObject({
      integration: NAME,
      outcome: 'rotated',
      reason: 'offboarding',
      token: { id: harness.current?.id },
      superseded: [{ id: prior, revokeAfter: later(harness.clock.iso(), 2 * DAY) }],
      published: ['ssm:/paddle/pricing-page/client-token', 'secret:paddle/pricing-page/client-token'],
    });
    expect(answer.rotationId).toMatch(/^01FAKE/);
    expect(JSON.stringify(answer)).not.toContain(harness.current?.value);
    const [intended] = harness.ledger.records.filter((record) => record.rotationId === answer.rotationId);
    expect(intended).toMatchObject({ trigger: 'manual', requestedBy: 'ana', reason: 'offboarding' });
  });

  test('delivered twice rotates once', async () => {
    const { harness, ask } = await running();
    const first = await ask({}, 'same-invocation');
    const second = await ask({}, 'same-invocation');
    expect(second.rotationId).toBe(first.rotationId);
    expect(harness.active).toHaveLength(2);
  });

  test('that cannot be finished throws, says why, and goes on by itself', async () => {
    const { harness, ask, counted } = await running();
    harness.paddle.failNext('create', 'before');
    await expect(ask({})).rejects.toThrow(/waits: nothing happened It is tried again at/);
    expect(counted).toContain('RotationFailure');
    expect((await ask({ action: 'status' })).retry).toMatchObject({ step: 'mint', code: 'unavailable' });
    await harness.until(later(harness.clock.iso(), 5 * MINUTE));
    expect(harness.state.rotation).toBeUndefined();
    expect(harness.active).toHaveLength(2);
  });

  test('that takes longer than one reconcile does not pretend to be done', async () => {
    const { harness, ask } = await running();
    const { create } = harness.paddle;
    harness.paddle.create = async (request) => {
      const made = await create.call(harness.paddle, request);
      harness.clock.advance(3 * MINUTE);
      return made;
    };
    await expect(ask({})).rejects.toThrow(/is under way\. There is more to do/);
    await harness.until(later(harness.clock.iso(), 5 * MINUTE));
    expect(harness.state.rotation).toBeUndefined();
    expect(harness.active).toHaveLength(2);
  });

  test('while paused is rejected; an emergency is not', async () => {
    const { harness, ask } = await running();
    const prior = harness.current?.id;
    expect((await ask({ action: 'pause', reason: 'launch day' })).outcome).toBe('paused');
    expect((await ask({})).faults?.[0]).toMatch(/paused since/);
    expect((await ask({ emergency: true, reason: 'leaked' })).outcome).toBe('rotated');
    expect(harness.active.map(({ id }) => id)).toEqual([harness.current?.id]);
    expect(harness.token(prior ?? '').status).toBe('revoked');
    expect((await ask({ action: 'status' })).paused).toBeDefined();
  });
});

describe('an emergency', () => {
  test('says what it breaks, revokes at once and records who and why', async () => {
    const { harness, ask } = await running({ config: { consumers: ['shop'] } });
    const prior = harness.current?.id ?? '';
    harness.ledger.usages.set(NAME, [{ consumer: 'shop', tokenId: prior, build: '41', phase: 'build', at: START }]);
    const rehearsal = await ask({ emergency: true, reason: 'leaked', dryRun: true });
    expect(rehearsal).toMatchObject({ outcome: 'planned', breaks: [expect.stringMatching(/shop \(build 41\)/)] });
    expect(harness.active).toHaveLength(1);
    const answer = await ask({ emergency: true, reason: 'leaked', requestedBy: 'ana' });
    expect(answer.breaks).toEqual(rehearsal.breaks);
    expect(harness.token(prior).status).toBe('revoked');
    const revoking = harness.ledger.records.find((record) => record.type === 'token.revoking');
    expect(revoking).toMatchObject({ tokenId: prior, reason: 'leaked', requestedBy: 'ana' });
  });
});

describe('going back', () => {
  test('a rollback brings the prior token back and supersedes the newer one, and the next rotation is a new one', async () => {
    const { harness, ask } = await running();
    const first = harness.current?.id ?? '';
    await ask({});
    const second = harness.current?.id ?? '';
    expect((await ask({ action: 'rollback', reason: 'checkout broken' })).token?.id).toBe(first);
    expect(harness.token(second).status).toBe('superseded');
    expect(harness.token(first).revokeAfter).toBeUndefined();
    await ask({});
    expect([first, second]).not.toContain(harness.current?.id);
    expect(harness.active).toHaveLength(3);
  });

  test('a held token outlives its deadline until it is released', async () => {
    const { harness, ask } = await running();
    const first = harness.current?.id ?? '';
    await ask({});
    expect((await ask({ action: 'hold', tokenId: first, reason: 'mobile build' })).outcome).toBe('held');
    await harness.until(later(harness.clock.iso(), 10 * DAY));
    expect(harness.token(first).status).toBe('superseded');
    expect((await ask({ action: 'status' })).superseded).toMatchObject([{ id: first, held: 'mobile build' }]);
    await ask({ action: 'release', tokenId: first });
    expect(harness.token(first).status).toBe('revoked');
  });
});

describe('a forced revocation', () => {
  test('ends a token that is held, says whom it breaks, and records who and why', async () => {
    const { harness, ask } = await running({ config: { consumers: ['shop'] } });
    const first = harness.current?.id ?? '';
    harness.ledger.usages.set(NAME, [{ consumer: 'shop', tokenId: first, phase: 'deploy', at: START }]);
    await ask({});
    const wish = { action: 'revoke', tokenId: first, reason: 'the shop is closed', requestedBy: 'ana' };
    const rehearsal = await ask({ ...wish, dryRun: true });
    expect(rehearsal.breaks).toEqual([expect.stringMatching(/consumer shop last reported/)]);
    expect(harness.token(first).status).toBe('superseded');
    expect(await ask(wish)).toMatchObject({ outcome: 'revoked', breaks: rehearsal.breaks });
    expect(harness.token(first).status).toBe('revoked');
    const revoking = harness.ledger.records.find((record) => record.type === 'token.revoking');
    expect(revoking).toMatchObject({ tokenId: first, reason: 'the shop is closed', requestedBy: 'ana' });
  });

  test('is refused for the current token', async () => {
    const { harness, ask } = await running();
    const answer = await ask({ action: 'revoke', tokenId: harness.current?.id, reason: 'x' });
    expect(answer.faults?.[0]).toMatch(/is the current token/);
    expect(harness.active).toHaveLength(1);
  });

  test('of a stuck token tries again at once, and stays stuck in sight while Paddle refuses', async () => {
    const { harness, ask } = await running();
    const first = harness.current?.id ?? '';
    await ask({});
    for (let failure = 0; failure < 7; failure += 1) harness.paddle.failNext('revoke', 'before');
    await harness.until(later(harness.clock.iso(), 2 * DAY + 40 * MINUTE));
    expect((await ask({ action: 'status' })).stuck).toEqual([first]);
    expect(harness.recordTypes().filter((type) => type === 'token.stuck')).toHaveLength(1);
    const wish = { action: 'revoke', tokenId: first, reason: 'Paddle is well again' };
    await expect(ask(wish)).rejects.toThrow(/is not revoked yet/);
    expect(await ask(wish)).toMatchObject({ outcome: 'revoked' });
  });
});

describe('adopting', () => {
  test('makes a dashboard token current without minting', async () => {
    const { harness, ask } = await running();
    const made = harness.paddle.make('made in the dashboard');
    const answer = await ask({ action: 'adopt', tokenId: made.id });
    expect(answer).toMatchObject({ outcome: 'adopted', token: { id: made.id } });
    expect(harness.targets.current(harness.config.targets[0] ?? { kind: 'ssm', name: '' })).toBe(made.token);
    expect(harness.paddle.calls.filter((call) => call.method === 'create')).toHaveLength(1);
  });

  test('by configuration mints nothing, and waits when the token cannot be had', async () => {
    const harness = new Harness();
    const made = harness.paddle.make('made in the dashboard');
    harness.configure({ adopt: made.id });
    await harness.until(later(START, MINUTE));
    expect(harness.current?.id).toBe(made.id);
    expect(harness.paddle.calls.some((call) => call.method === 'create')).toBe(false);

    const other = new Harness({ config: { adopt: 'ctkn_unknown' } });
    await other.until(later(START, 3 * DAY));
    expect(other.paddle.calls.some((call) => call.method === 'create')).toBe(false);
    expect(other.state.retry).toMatchObject({ code: 'adopt_impossible' });
  });
});

describe('an answer says what happened', () => {
  test('a rollback to a token that somebody has revoked did not come about', async () => {
    const { harness, ask } = await running();
    const first = harness.current?.id ?? '';
    await ask({});
    harness.paddle.revokeOutside(first);
    const answer = await ask({ action: 'rollback', tokenId: first });
    expect(answer).toMatchObject({ outcome: 'abandoned', message: expect.stringContaining('did not come about') });
    expect(harness.current?.id).not.toBe(first);
  });

  test('an adoption of a token that is revoked before it is published did not come about', async () => {
    const { harness, ask } = await running();
    const made = harness.paddle.make('made in the dashboard');
    const { get } = harness.paddle;
    harness.paddle.get = async (id) => {
      const answer = await get.call(harness.paddle, id);
      harness.paddle.revokeOutside(made.id);
      return answer;
    };
    expect(await ask({ action: 'adopt', tokenId: made.id })).toMatchObject({ outcome: 'abandoned' });
  });

  test('a rotate that joins a rollback answers the rollback', async () => {
    const { harness, ask } = await running();
    const first = harness.current?.id ?? '';
    await ask({});
    harness.paddle.failNext('get', 'before');
    await expect(ask({ action: 'rollback', tokenId: first })).rejects.toThrow(/waits/);
    const answer = await ask({});
    expect(answer).toMatchObject({ outcome: 'rolled-back', token: { id: first } });
    expect(answer.message).toMatch(/was under way .* Ask again/);
  });

  test('a reconcile that Paddle did not answer, or that a pause prevented, is not one', async () => {
    const { harness, ask } = await running();
    harness.paddle.failNext('get', 'before');
    await expect(ask({ action: 'reconcile' })).rejects.toThrow(/Paddle gave no answer about ctkn_/);
    await ask({ action: 'pause', until: '2026-03-05T10:00+01:00' });
    expect(harness.state.pause).toMatchObject({ until: '2026-03-05T09:00:00.000Z' });
    expect(await ask({ action: 'reconcile' })).toMatchObject({ outcome: 'paused' });
    expect((await ask({ action: 'pause', until: '2026-13-99T10:00Z' })).faults).toEqual([
      expect.stringMatching(/^until: an instant/),
    ]);
    expect((await ask({ until: '2026-03-05T10:00Z' })).faults?.[0]).toMatch(/takes none/);
  });

  test('an emergency whose prior token is not revoked yet is not over', async () => {
    const { harness, ask } = await running();
    harness.paddle.failNext('revoke', 'before');
    await expect(ask({ emergency: true, reason: 'leaked' })).rejects.toThrow(/NOT revoked yet/);
    expect(harness.active).toHaveLength(2);
  });

  test('a lost current token that is not replaced is told at every reconcile, with the reason', async () => {
    const { harness, ask, deliver, counted, lines } = await running();
    await ask({ action: 'pause' });
    harness.paddle.revokeOutside(harness.current?.id ?? '');
    await harness.report(harness.current?.id ?? '');
    await deliver({ integration: NAME, cause: 'webhook' });
    counted.length = 0;
    await deliver({ integration: NAME, cause: 'due' });
    expect(counted).toEqual(['OutOfBandChange']);
    expect(lines.join()).toMatch(/Checkout is down.*nothing is published while paused/);
    expect(await ask({ action: 'status' })).toMatchObject({ checkoutDown: true });
    harness.clock.advance(8 * DAY);
    await deliver({ integration: NAME, cause: 'due' });
    expect(counted).toContain('HoldOverdue');
  });
});
