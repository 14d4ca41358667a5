/** Somebody else revokes the token that the pages use. Paddle says so, and nobody has to do anything. */
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
}, START_MS);

test('the current token is revoked in the dashboard: its webhook alone brings a fresh one to every target', async () => {
  const lost = await stack.firstToken('healed');
  await stack.paddle().revokeInDashboard(lost.id);
  // Reads only: the way is webhook, audit trail, stream, observe, queue, rotate.
  await stack.until('a healthy token in every target', async () => {
    const { tokens } = await stack.paddle().state();
    const healthy = tokens.filter(({ status }) => status === 'active').map(({ token }) => token);
    const { config } = await stack.state('healed');
    const values = await Promise.all(config.targets.map((target) => stack.read(target)));
    return values.every((value) => value !== undefined && healthy.includes(value)) || undefined;
  });
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
}, 180_000);
