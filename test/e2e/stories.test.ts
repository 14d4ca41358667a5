/** Things that happen to a rotation that is not alone. Each ends with its audit trail, as a person reads it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IntegrationSpec, NAMES, type RegistrarProperties } from '../../lambdas/contract.ts';
import type { Token } from '../../lambdas/domain/model.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
let priors: Record<'story-pause' | 'reconfigured', Token>;

/** Two rotations fall into doubt at the start: what comes of them takes its time, which the other stories use. */
beforeAll(async () => {
  stack = await connectStack();
  priors = {
    'story-pause': await stack.firstToken('story-pause'),
    reconfigured: await stack.firstToken('reconfigured'),
  };
  await fallIntoDoubt('story-pause');
  await stack.ask('story-pause', { action: 'pause', reason: 'let us think' });
  await fallIntoDoubt('reconfigured');
  await register(withTarget);
}, START_MS);

/** Paddle mints and answers nothing of use. */
async function fallIntoDoubt(integration: string): Promise<void> {
  const fault = { method: 'POST', path: '/client-tokens', contains: integration } as const;
  await stack.paddle('quiet').fault({ ...fault, commit: 'done', answer: 'empty-500' });
  await expect(stack.ask(integration)).rejects.toThrow(/waits: /);
}

/** What a deploy does: CloudFormation hands the whole configuration over, and is told how it went. */
async function register(change: (all: readonly IntegrationSpec[]) => readonly IntegrationSpec[]): Promise<void> {
  const { accounts, integrations } = JSON.parse(stack.coordinates.configuration);
  const configuration = JSON.stringify({ accounts, integrations: change(integrations) });
  const ResourceProperties: RegistrarProperties = { configuration };
  const ResponseURL = `${stack.coordinates.pages}/cloudformation/${randomUUID()}`;
  await stack.invoke(NAMES.registrar, {
    RequestType: 'Update',
    ResponseURL,
    StackId: 'e2e',
    RequestId: randomUUID(),
    LogicalResourceId: 'Configuration',
    PhysicalResourceId: 'paddlewheel-configuration',
    ResourceProperties,
  });
  const answer = await fetch(ResponseURL);
  expect(await answer.json()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'paddlewheel-configuration' });
}

const second = { kind: 'ssm', name: '/e2e/reconfigured/second' } as const;
const withTarget = (all: readonly IntegrationSpec[]) =>
  all.map((each) => (each.name === 'reconfigured' ? { ...each, targets: [...each.targets, second] } : each));

const tokenOf = async (integration: string, id: string) =>
  (await stack.state(integration)).state.tokens.find((token) => token.id === id);

test('a rollback, and then another rotation: three tokens live side by side', async () => {
  const { old: first, fresh: second } = await stack.rotate('story-rollback');
  await stack.ask('story-rollback', { action: 'rollback', reason: 'the new build is broken' });
  expect((await stack.current('story-rollback')).id).toBe(first.id);
  const { old, fresh: third } = await stack.rotate('story-rollback');
  expect(old.id).toBe(first.id);
  const { superseded, token } = await stack.status('story-rollback');
  expect(token?.id).toBe(third.id);
  expect(superseded.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
  for (const { id } of [first, second, third]) expect(await stack.paddle().statusOf(id)).toBe('active');
  await expectSound(stack, 'story-rollback');
}, 180_000);

test('two rotations within one grace window: each token keeps its own deadline', async () => {
  const { old: first } = await stack.rotate('story-twice');
  const deadline = (await tokenOf('story-twice', first.id))?.revokeAfter;
  await sleep(3_000);
  const { old: second } = await stack.rotate('story-twice');
  expect((await tokenOf('story-twice', first.id))?.revokeAfter).toBe(deadline);
  const later = Date.parse(String((await tokenOf('story-twice', second.id))?.revokeAfter));
  expect(later - Date.parse(String(deadline))).toBeGreaterThanOrEqual(3_000);
  await stack.graceOver('story-twice', first.id);
  await stack.revoked('story-twice', first.id);
  await stack.graceOver('story-twice', second.id);
  const { revokedAt } = await stack.revoked('story-twice', second.id);
  expect(Date.parse(String(revokedAt))).toBeGreaterThanOrEqual(later);
  await expectSound(stack, 'story-twice');
}, 180_000);

test('an emergency during a grace window: its prior token goes at once, the earlier one keeps its window', async () => {
  const { old: first, fresh: second } = await stack.rotate('story-emergency');
  const { fresh: third } = await stack.rotate('story-emergency', { emergency: true, reason: 'it was leaked' });
  expect(await stack.paddle().statusOf(second.id)).toBe('revoked');
  expect(await stack.paddle().statusOf(first.id)).toBe('active');
  const { superseded, token } = await stack.status('story-emergency');
  expect(token?.id).toBe(third.id);
  expect(superseded).toMatchObject([{ id: first.id, status: 'superseded' }]);
  await expectSound(stack, 'story-emergency');
}, 180_000);

test('a grace that starts at the deployment: without a deadline until the new build is reported, then revoked', async () => {
  const story = 'story-deployed';
  const { old, fresh } = await stack.rotate(story);
  const report = (phase: 'build' | 'deploy', more: object) =>
    stack.invoke(NAMES.usage, { integration: story, consumer: 'shop', phase, ...more });
  const expectWaiting = async () => {
    await stack.held(story, old.id, 'awaiting_deployment');
    const { superseded, tokens } = await stack.status(story);
    expect(superseded).toMatchObject([{ id: old.id, held: expect.stringContaining('has not started') }]);
    expect(tokens.find(({ id }) => id === old.id)).not.toHaveProperty('revokeAfter');
    expect(await stack.paddle().statusOf(old.id)).toBe('active');
  };
  await expectWaiting();
  // Neither time, nor the old build once more, nor a build that is not deployed starts the clock.
  await sleep(2_500);
  await report('deploy', { tokenId: old.id });
  expect(await report('build', { build: 'new' })).toMatchObject({ outcome: 'recorded', token: { id: fresh.id } });
  await expectWaiting();

  expect(await report('deploy', { build: 'new' })).toMatchObject({ outcome: 'recorded', token: { id: fresh.id } });
  const deadline = await stack.until('the deadline', async () => (await tokenOf(story, old.id))?.revokeAfter);
  const { deployedAt } = await stack.current(story);
  expect(Date.parse(deadline) - Date.parse(String(deployedAt))).toBe(2_000);
  await stack.graceOver(story, old.id);
  const { revokedAt } = await stack.revoked(story, old.id);
  expect(Date.parse(String(revokedAt))).toBeGreaterThanOrEqual(Date.parse(deadline));
  const about = ['token.held', 'token.deployed', 'token.revoking', 'token.revoked'];
  expect((await stack.actions(story)).filter((type) => about.includes(type))).toEqual(about);
  await expectSound(stack, story);
}, 180_000);

test('a pause during a rotation in doubt: nothing is done until somebody resumes, and then it is found', async () => {
  const paddle = stack.paddle('quiet');
  const prior = priors['story-pause'];
  const before = await paddle.tokensNamedFor('story-pause');
  // Even after the time for the next attempt, and although somebody reconciles.
  const { state } = await stack.state('story-pause');
  await sleep(Math.max(0, Date.parse(String(state.retry?.nextAttemptAt)) - Date.now()) + 200);
  const { message } = await stack.ask('story-pause', { action: 'reconcile' });
  expect(message).toMatch(/^Paused since .+: let us think\. Resume to go on\.$/);
  expect(await paddle.tokensNamedFor('story-pause')).toEqual(before);
  expect((await stack.current('story-pause')).id).toBe(prior.id);

  await stack.ask('story-pause', { action: 'resume' });
  const current = await stack.until('the rotation to end', async () => {
    const token = await stack.current('story-pause');
    return token.id === prior.id ? undefined : token;
  });
  expect((await paddle.tokensNamedFor('story-pause')).map(({ id }) => id)).toEqual([prior.id, current.id]);
  await expectSound(stack, 'story-pause');
}, 180_000);

describe('the configuration changes', () => {
  test('during a rotation: its token goes to the targets as they are configured now', async () => {
    const prior = priors.reconfigured;
    const current = await stack.until('the rotation to end', async () => {
      await stack.ask('reconfigured', { action: 'reconcile' });
      const token = await stack.current('reconfigured');
      return token.id === prior.id ? undefined : token;
    });
    expect(await stack.read(second)).toBe(current.value);
    await expectSound(stack, 'reconfigured');
  }, 180_000);

  test('an integration that is no longer in it is left alone; when it comes back, it is managed again', async () => {
    const { old, fresh } = await stack.rotate('reconfigured');
    await register((all) => all.filter(({ name }) => name !== 'reconfigured'));
    await stack.graceOver('reconfigured', old.id);
    await stack.ask('reconfigured', { action: 'reconcile' });
    expect(await stack.ask('reconfigured')).toMatchObject({ outcome: 'rejected' });
    expect((await stack.status('reconfigured')).managed).toBe(false);
    for (const { id } of [old, fresh]) expect(await stack.paddle('quiet').statusOf(id)).toBe('active');
    await register(withTarget);
    await stack.revoked('reconfigured', old.id);
    expect((await stack.current('reconfigured')).id).toBe(fresh.id);
    await expectSound(stack, 'reconfigured');
  }, 180_000);
});
