/** What holds of every integration at rest, whatever happened to it. */
import { parseTokenName } from '../../lambdas/domain/token-name.ts';
import type { Stack } from './stack.ts';

/** The design's invariants, as far as they can be seen from outside. */
export async function expectSound(stack: Stack, integration: string): Promise<void> {
  const { config, state } = await stack.state(integration);
  const { tokens } = await stack.paddle(config.account).state();
  const current = await stack.current(integration);

  // Every target holds the current token, and that token lives.
  for (const target of config.targets) expect(await stack.read(target)).toBe(current.value);
  const atPaddle = tokens.find(({ id }) => id === current.id);
  expect(atPaddle).toMatchObject({ status: 'active', environment: config.environment, token: current.value });

  // The active tokens that bear our names are those that the ledger knows and means to keep or to retire.
  const alive = tokens.filter(
    ({ name, status }) => status === 'active' && parseTokenName(name)?.integration === integration,
  );
  const known = state.tokens.filter(({ status, origin }) => status !== 'revoked' && origin === 'minted');
  expect(alive.map(({ id }) => id).sort()).toEqual(known.map(({ id }) => id).sort());

  // One record per state change: no id twice, and what happens once in a token's life is told once.
  const actions = (await stack.trail(integration)).filter(({ kind }) => kind === 'action');
  expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
  const once = actions
    .filter(({ type }) => ['token.minted', 'token.adopted', 'token.revoked', 'token.lost'].includes(String(type)))
    .map(({ type, tokenId }) => `${type} ${tokenId}`);
  expect(once).toEqual([...new Set(once)]);
  for (const { id, status, revokedBy } of state.tokens) {
    if (status !== 'revoked') continue;
    expect(once).toContain(`${revokedBy === 'paddlewheel' ? 'token.revoked' : 'token.lost'} ${id}`);
  }
}
