/** Somebody else revokes the token that the pages use. Paddle says so, and nobody has to do anything. */
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

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
}, 180_000);

test('the current token is revoked while another run is at work: a fresh one is in every target all the same', async () => {
  const integration = 'healed-while-busy';
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
  const since = Date.now();
  await stack.paddle().revokeInDashboard(fresh.id);
  await servingHealthyTokens(integration);
  const seconds = ((Date.now() - since) / 1000).toFixed(1);
  process.stdout.write(
    `\n  revoked while another run was at work; every target holds a healthy token ${seconds} s later\n`,
  );
  await busy;
  const { state } = await stack.state(integration);
  expect(state.tokens.find(({ id }) => id === fresh.id)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
  await expectSound(stack, integration);
}, 90_000);
