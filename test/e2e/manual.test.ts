/** What a person asks of `paddlewheel-rotate`. Bad input is answered, never thrown, and changes nothing. */
import { randomUUID } from 'node:crypto';
import { NAMES } from '../../lambdas/contract.ts';
import type { Answer } from '../../lambdas/rotation/answer.ts';
import { expectSound } from './soundness.ts';
import { connectStack, functionFor, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
  await stack.firstToken('manual-plain');
}, START_MS);

const NOBODYS = `ctkn_${'0'.repeat(26)}`;
const version = async (integration: string) => (await stack.state(integration)).state.version;

/** Asks, and sees that the answer is a refusal and the ledger as it was. */
async function expectRejected(integration: string, request: object, fault: RegExp): Promise<void> {
  const before = await version(integration);
  const answer = await stack.ask(integration, request);
  expect(answer).toMatchObject({ outcome: 'rejected', message: expect.stringMatching(/^Nothing was changed\./) });
  expect(answer.faults?.join('\n')).toMatch(fault);
  expect(await version(integration)).toBe(before);
}

describe('bad input', () => {
  const reason = 'because';
  test.each<[string, object, string[]]>([
    ['nothing', {}, ['integration']],
    ['an empty name', { integration: '' }, ['integration']],
    ['an integration that is not there', { integration: 'nowhere' }, ['integration']],
    ['an unknown action', { integration: 'manual-plain', action: 'destroy' }, ['action']],
    ['a misspelt key', { integration: 'manual-plain', dryrun: true }, ['dryrun']],
    ['several faults', { integration: '', action: 'x', emergency: 'yes' }, ['integration', 'action', 'emergency']],
    ['the other environment', { integration: 'manual-plain', environment: 'live' }, ['environment']],
    ['an unknown environment', { integration: 'manual-plain', environment: 'test' }, ['environment']],
    ['an emergency without a reason', { integration: 'manual-plain', emergency: true }, ['reason']],
    ['an empty reason', { integration: 'manual-plain', reason: ' ' }, ['reason']],
    [
      'an emergency of another action',
      { integration: 'manual-plain', action: 'plan', emergency: true, reason },
      ['emergency'],
    ],
    ['adopt without a token', { integration: 'manual-plain', action: 'adopt' }, ['tokenId']],
    [
      'a token value for an id',
      { integration: 'manual-plain', action: 'adopt', tokenId: `test_${'0'.repeat(27)}` },
      ['tokenId'],
    ],
    ['rotate with a token', { integration: 'manual-plain', tokenId: NOBODYS }, ['tokenId']],
    ['hold without a reason', { integration: 'manual-plain', action: 'hold', tokenId: NOBODYS }, ['reason']],
    ['revoke without a reason', { integration: 'manual-plain', action: 'revoke', tokenId: NOBODYS }, ['reason']],
    ['a rehearsal of pause', { integration: 'manual-plain', action: 'pause', dryRun: true }, ['dryRun']],
    [
      'hold of an unknown token',
      { integration: 'manual-plain', action: 'hold', tokenId: NOBODYS, reason },
      ['tokenId'],
    ],
    ['release of an unknown token', { integration: 'manual-plain', action: 'release', tokenId: NOBODYS }, ['tokenId']],
    [
      'revoke of an unknown token',
      { integration: 'manual-plain', action: 'revoke', tokenId: NOBODYS, reason },
      ['tokenId'],
    ],
    ['rollback to nothing', { integration: 'manual-plain', action: 'rollback' }, ['action']],
  ])('%s is rejected, with every fault named', async (_, payload, faulty) => {
    const before = await version('manual-plain');
    const answer = await stack.invoke<Answer>(functionFor(payload), payload);
    expect(answer.outcome).toBe('rejected');
    expect(answer.faults?.map((fault) => fault.split(':')[0])).toEqual(faulty);
    expect(JSON.stringify(answer)).not.toContain('test_0000');
    expect(await version('manual-plain')).toBe(before);
  });
});

describe('reading', () => {
  test('status and plan change nothing, and say what is next', async () => {
    const before = await version('manual-plain');
    const current = await stack.current('manual-plain');
    const status = await stack.status('manual-plain');
    expect(status).toMatchObject({ outcome: 'status', account: 'sandbox', environment: 'sandbox', managed: true });
    expect(status).toMatchObject({ token: { id: current.id }, superseded: [], nextRotationAt: expect.any(String) });
    expect(JSON.stringify(status)).not.toContain(current.value);
    const plan = await stack.ask('manual-plain', { action: 'plan' });
    expect(plan).toMatchObject({ outcome: 'planned', next: { action: 'wait', reason: 'targets_check' } });
    expect(await version('manual-plain')).toBe(before);
  });

  test('a rehearsed rotation says what would happen, and nothing happens', async () => {
    const before = await version('manual-plain');
    const answer = await stack.ask('manual-plain', { dryRun: true, reason: 'only asking' });
    expect(answer).toMatchObject({ outcome: 'planned', next: { action: 'mint' } });
    expect(answer.message).toMatch(/^Dry run, nothing was changed/);
    expect(await version('manual-plain')).toBe(before);
    expect(await stack.paddle().tokensNamedFor('manual-plain')).toHaveLength(1);
  });
});

describe('who may do what is told by the function that is invoked:', () => {
  const invoke = (name: string, request: object) =>
    stack.invoke<Answer & { checks?: unknown; integrations?: unknown }>(name, {
      integration: 'manual-plain',
      ...request,
    });

  test('status changes nothing, and rotate reads nothing for anybody', async () => {
    const before = await version('manual-plain');
    for (const [name, request, fault] of [
      [NAMES.status, {}, /^action: "rotate" changes something/],
      [NAMES.status, { action: 'pause' }, /^action: "pause" changes something/],
      [NAMES.rotate, { action: 'check' }, /paddlewheel-status/],
    ] as const) {
      const answer = await invoke(name, request);
      expect(answer).toMatchObject({ outcome: 'rejected', faults: [expect.stringMatching(fault)] });
    }
    expect(await version('manual-plain')).toBe(before);
  });

  test('through an alias no token ends before its time', async () => {
    const { id } = await stack.current('manual-plain');
    const before = await version('manual-plain');
    const emergency = { emergency: true, reason: 'leaked' };
    for (const request of [emergency, { action: 'revoke', tokenId: id, reason: 'leaked' }])
      for (const name of [NAMES.operate, `${NAMES.rotate}:$LATEST`])
        expect(await invoke(name, request)).toMatchObject({
          outcome: 'rejected',
          faults: [expect.stringContaining('invoke paddlewheel-rotate itself')],
        });
    expect(await invoke(NAMES.status, { ...emergency, dryRun: true })).toMatchObject({ outcome: 'planned' });
    expect(await version('manual-plain')).toBe(before);
    expect((await stack.current('manual-plain')).id).toBe(id);
  });

  test('a check is done by rotate, and answered by status', async () => {
    const { checks } = await invoke(NAMES.status, { action: 'check' });
    expect(checks).toMatchObject([
      { what: 'Paddle', ok: true },
      { what: 'ssm:/e2e/manual-plain/client-token', ok: true },
    ]);
    const { integrations } = await stack.invoke<{ integrations: string[] }>(NAMES.status, { action: 'list' });
    expect(integrations).toContain('manual-plain');
  });
});

describe('adopting a token from the dashboard', () => {
  test('it becomes current without a mint, and the prior one is superseded', async () => {
    const prior = await stack.firstToken('manual-adopting');
    const { id } = await stack.paddle().createInDashboard('By hand');
    const answer = await stack.ask('manual-adopting', { action: 'adopt', tokenId: id });
    expect(answer).toMatchObject({ outcome: 'adopted', token: { id }, superseded: [{ id: prior.id }] });
    expect(await stack.paddle().tokensNamedFor('manual-adopting')).toHaveLength(1);
    await expectSound(stack, 'manual-adopting');
    // Once more: it is current already.
    const before = await stack.actions('manual-adopting');
    expect(await stack.ask('manual-adopting', { action: 'adopt', tokenId: id })).toMatchObject({ outcome: 'adopted' });
    expect(await stack.actions('manual-adopting')).toEqual(before);
    await expectRejected('manual-adopting', { action: 'adopt', tokenId: prior.id }, /use "rollback"/);
  });

  test('a revoked one, one of another integration, of the other environment, or of nobody is refused', async () => {
    await stack.firstToken('manual-adopting');
    const paddle = stack.paddle();
    const { id: revoked } = await paddle.createInDashboard('Revoked');
    await paddle.revokeInDashboard(revoked);
    const { id: live } = await paddle.createInDashboard('Live', 'live');
    const taken = await stack.firstToken('manual-other');
    const adopt = (tokenId: string) => ({ action: 'adopt', tokenId });
    await expectRejected('manual-adopting', adopt(revoked), /is revoked, and that is permanent/);
    await expectRejected('manual-adopting', adopt(taken.id), /belongs to integration "manual-other"/);
    await expectRejected('manual-adopting', adopt(live), /Paddle does not know .+ in this account \(sandbox\)/);
    await expectRejected('manual-adopting', adopt(NOBODYS), /Paddle does not know/);
    await stack.firstToken('manual-live');
    expect(await stack.ask('manual-live', adopt(live))).toMatchObject({ outcome: 'adopted', token: { id: live } });
    await expectSound(stack, 'manual-live');
  });
});

test('paused, nothing is rotated but an emergency; resumed, it goes on', async () => {
  await stack.firstToken('manual-pausing');
  const reason = 'a release is under way';
  expect(await stack.ask('manual-pausing', { action: 'pause', reason })).toMatchObject({ outcome: 'paused' });
  await stack.ask('manual-pausing', { action: 'pause', reason });
  await expectRejected('manual-pausing', {}, /is paused since .+; resume it first, or use "emergency"/);
  expect((await stack.status('manual-pausing')).message).toMatch(/^Paused since .+ by e2e: a release is under way/);
  const urgent = await stack.ask('manual-pausing', { emergency: true, reason: 'leaked' });
  expect(urgent).toMatchObject({ outcome: 'rotated' });
  expect(await stack.ask('manual-pausing', { action: 'resume' })).toMatchObject({ outcome: 'resumed' });
  await stack.ask('manual-pausing', { action: 'resume' });
  expect(await stack.ask('manual-pausing')).toMatchObject({ outcome: 'rotated' });
  const actions = await stack.actions('manual-pausing');
  expect(actions.filter((type) => type.startsWith('integration.'))).toEqual([
    'integration.paused',
    'integration.resumed',
  ]);
  await expectSound(stack, 'manual-pausing');
});

test('an emergency revokes the prior token at once, tells who breaks, and keeps the reason', async () => {
  const old = await stack.firstToken('manual-urgent');
  const report = { integration: 'manual-urgent', consumer: 'shop', build: '7', phase: 'deploy', tokenId: old.id };
  await stack.invoke(NAMES.usage, report);
  const answer = await stack.ask('manual-urgent', { emergency: true, reason: 'it was pasted into a chat' });
  expect(answer).toMatchObject({
    outcome: 'rotated',
    reason: 'it was pasted into a chat',
    breaks: [expect.stringMatching(/^consumer shop \(build 7\) last reported ctkn_/)],
    superseded: [],
  });
  expect(await stack.paddle().statusOf(old.id)).toBe('revoked');
  const revocation = (await stack.trail('manual-urgent')).find(({ type }) => type === 'token.revoked');
  expect(revocation).toMatchObject({ tokenId: old.id, reason: 'it was pasted into a chat', requestedBy: 'e2e' });
  await expectSound(stack, 'manual-urgent');
});

test('rolling back brings the superseded token back, and the newer one gets a grace window', async () => {
  const { old, fresh } = await stack.rotate('manual-rolling');
  await expectRejected('manual-rolling', { action: 'rollback', tokenId: fresh.id }, /is current; only a superseded/);
  await expectRejected(
    'manual-rolling',
    { action: 'rollback', tokenId: NOBODYS },
    /is not a token of this integration/,
  );
  const answer = await stack.ask('manual-rolling', { action: 'rollback', tokenId: old.id });
  expect(answer).toMatchObject({
    outcome: 'rolled-back',
    token: { id: old.id },
    superseded: [{ id: fresh.id, status: 'superseded', revokeAfter: expect.any(String) }],
  });
  expect(await stack.paddle().tokensNamedFor('manual-rolling')).toHaveLength(2);
  await expectSound(stack, 'manual-rolling');
});

test('a token that a person holds outlives its grace window until it is released', async () => {
  const { old } = await stack.rotate('manual-holding');
  const hold = { action: 'hold', tokenId: old.id, reason: 'a partner is slow' };
  expect(await stack.ask('manual-holding', hold)).toMatchObject({
    outcome: 'held',
    superseded: [{ held: 'a partner is slow' }],
  });
  await stack.ask('manual-holding', hold);
  await stack.graceOver('manual-holding', old.id);
  await stack.ask('manual-holding', { action: 'reconcile' });
  expect(await stack.paddle().statusOf(old.id)).toBe('active');
  const released = await stack.ask('manual-holding', { action: 'release', tokenId: old.id });
  expect(released.outcome).toBe('released');
  await stack.revoked('manual-holding', old.id);
  const actions = await stack.actions('manual-holding');
  expect(actions.slice(-4)).toEqual(['token.held', 'token.released', 'token.revoking', 'token.revoked']);
  await expectSound(stack, 'manual-holding');
});

test('a forced revocation needs no grace and no evidence, but a reason; the current token it never takes', async () => {
  const { old, fresh } = await stack.rotate('manual-forced');
  const revoke = (tokenId: string, more: object = {}) => ({
    action: 'revoke',
    tokenId,
    reason: 'it is known',
    ...more,
  });
  await expectRejected('manual-forced', revoke(fresh.id), /is the current token/);
  expect(await stack.ask('manual-forced', revoke(old.id, { dryRun: true }))).toMatchObject({ outcome: 'planned' });
  expect(await stack.paddle().statusOf(old.id)).toBe('active');
  expect(await stack.ask('manual-forced', revoke(old.id))).toMatchObject({ outcome: 'revoked', superseded: [] });
  expect(await stack.paddle().statusOf(old.id)).toBe('revoked');
  expect((await stack.actions('manual-forced')).slice(-3)).toEqual(['token.forced', 'token.revoking', 'token.revoked']);
  await expectSound(stack, 'manual-forced');
});

test('the same request twice rotates once', async () => {
  await stack.firstToken('manual-repeated');
  const request = { requestId: randomUUID(), reason: 'a pipeline that repeats itself' };
  const first = await stack.ask('manual-repeated', request);
  const second = await stack.ask('manual-repeated', request);
  expect(first.outcome).toBe('rotated');
  expect(second).toMatchObject({ rotationId: first.rotationId, token: first.token });
  expect(await stack.paddle().tokensNamedFor('manual-repeated')).toHaveLength(2);
  await expectSound(stack, 'manual-repeated');
});

describe('two people at once', () => {
  const rotate = () => stack.invoke<Answer>(NAMES.rotate, { integration: 'manual-racing' });

  test('while one rotation is being minted, the second is told to come again, and does nothing', async () => {
    const paddle = stack.paddle('racing');
    await stack.firstToken('manual-racing');
    await paddle.fault({
      method: 'POST',
      path: '/client-tokens',
      contains: 'manual-racing',
      commit: 'done',
      answer: 'normal',
      delayMs: 3_000,
    });
    const first = rotate();
    await stack.until('the first one at work', async () => {
      const { state } = await stack.state('manual-racing');
      return state.lease ? true : undefined;
    });
    await expect(rotate()).rejects.toThrow(/is at work until .+ Nothing was changed by this request; repeat it\./);
    await expect(first).resolves.toMatchObject({ outcome: 'rotated' });
    expect(await paddle.tokensNamedFor('manual-racing')).toHaveLength(2);
    await expectSound(stack, 'manual-racing');
  });

  test('at the very same moment, every rotation that was answered happened once, and no other', async () => {
    const paddle = stack.paddle('racing');
    await stack.firstToken('manual-racing');
    const before = (await paddle.tokensNamedFor('manual-racing')).length;
    const settled = await Promise.allSettled([rotate(), rotate(), rotate(), rotate()]);
    const done = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const refused = settled.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
    for (const reason of refused) expect(reason).toMatch(/repeat it\.$/);
    expect(done.length).toBeGreaterThan(0);
    const rotations = new Set(done.map(({ rotationId }) => rotationId));
    const after = await paddle.tokensNamedFor('manual-racing');
    expect(after.length - before).toBe(rotations.size);
    expect(new Set(after.map(({ name }) => name)).size).toBe(after.length);
    await expectSound(stack, 'manual-racing');
  });
});
