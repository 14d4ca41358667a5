/** Somebody else revokes the token that the pages use. Paddle says so, and nobody has to do anything. */
import { SELF_HEALS } from '../resources/e2e.config.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

/** As `deliveries.ts` has it. */
const COMES_BACK_S = 5;

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
}, START_MS);

async function servingHealthyTokens(integration: string): Promise<void> {
  await stack.until('a healthy token in every target', async () => {
    const { tokens } = await stack.paddle().state();
    const healthy = tokens.filter(({ status }) => status === 'active').map(({ token }) => token);
    const { config } = await stack.state(integration);
    const values = await Promise.all(config.targets.map((target) => stack.read(target)));
    return values.every((value) => value !== undefined && healthy.includes(value)) || undefined;
  });
}

test('the current token is revoked in the dashboard: its webhook alone brings a fresh one to every target', async () => {
  const lost = await stack.firstToken('healed');
  await stack.paddle().revokeInDashboard(lost.id);
  // Reads only: the way is webhook, audit trail, stream, observe, queue, rotate.
  await servingHealthyTokens('healed');
  const current = await stack.until('the fresh token', async () => {
    const { state } = await stack.state('healed');
    return state.tokens.find(({ id, status }) => status === 'current' && id !== lost.id);
  });
  expect(current.value).not.toBe(lost.value);
  await expectSound(stack, 'healed');

  const trail = await stack.until('the attributions', async () => {
    const entries = await stack.trail('healed');
    return entries.filter(({ kind }) => kind === 'attribution').length >= 4 ? entries : undefined;
  });
  const doers = trail
    .filter(({ kind, tokenId }) => kind === 'attribution' && tokenId === lost.id)
    .map(({ type, actor }) => `${type} ${actor}`);
  expect(doers.sort()).toEqual([
    'client_token.created paddlewheel',
    'client_token.revoked external',
    'client_token.updated external',
  ]);
  const healing = trail.find(({ type, trigger }) => type === 'rotation.intended' && trigger === 'heal');
  expect(healing).toMatchObject({ reason: expect.stringContaining('revoked by somebody else') });
  expect((await stack.state('healed')).state.tokens.find(({ id }) => id === lost.id)).toMatchObject({
    status: 'revoked',
    revokedBy: 'external',
  });
  await expectPrompt('healed', lost.id, 'no other run');
}, 180_000);

test.each(SELF_HEALS)(
  'the current token is revoked while another run is at work: a fresh one is in every target all the same (%s)',
  async (integration) => {
    const { old, fresh } = await stack.rotate(integration);
    // Paddle takes its time with a forced revocation: the run holds its lease meanwhile.
    const fault = { method: 'PATCH', path: `/client-tokens/${old.id}`, commit: 'done', answer: 'normal' } as const;
    await stack.paddle().fault({ ...fault, delayMs: 8_000 });
    const busy = stack.ask(integration, { action: 'revoke', tokenId: old.id, reason: 'it was leaked' });
    busy.catch(() => {});
    await stack.until('the run at work', async () => {
      const { state } = await stack.state(integration);
      return (state.lease && state.tokens.find(({ id }) => id === old.id)?.status === 'revoking') || undefined;
    });
    await stack.paddle().revokeInDashboard(fresh.id);
    await servingHealthyTokens(integration);
    await busy;
    const { state } = await stack.state(integration);
    expect(state.tokens.find(({ id }) => id === fresh.id)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
    await expectSound(stack, integration);
    await expectPrompt(integration, fresh.id, 'the other run took 8 s');
  },
  150_000,
);

/**
 * From the click in the dashboard to the last target, by the instants that Paddle and the targets' stores have noted. How many
 * seconds that are depends on the machine, and is printed; how long the design itself waits does not. It waits only when a
 * message comes back, and that it may while another run is at work, and once more.
 */
async function expectPrompt(integration: string, lostId: string, note: string): Promise<void> {
  const { events } = await stack.paddle().state();
  const revokedAt = events.find(
    ({ type, entity_id: id }) => type === 'client_token.revoked' && id === lostId,
  )?.occurred_at;
  const { config } = await stack.state(integration);
  const written = await Promise.all(config.targets.map((target) => stack.writtenAt(target)));
  const since = Date.parse(String(revokedAt));
  const seconds = (Math.max(...written.map((at) => at.getTime())) - since) / 1000;
  const others = (await stack.trail(integration)).filter(
    ({ type, tokenId }) => type === 'token.revoked' && tokenId !== lostId,
  );
  const freeAt = Math.max(since, ...others.map(({ at }) => Date.parse(String(at))));
  const comebacks = (await stack.comebacks(integration)).filter((at) => at >= since);
  const waited = COMES_BACK_S * comebacks.filter((at) => at > freeAt).length;
  process.stdout.write(
    `\n  ${integration}: from the revocation to the last target ${seconds.toFixed(1)} s (${note}; ${comebacks.length} messages came back, of which ${waited} s of waiting after it)\n`,
  );
  expect(waited).toBeLessThanOrEqual(10);
  expect(seconds).toBeGreaterThan(0);
}
