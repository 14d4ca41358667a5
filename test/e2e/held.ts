/** What suites of evidence ask of the deployment: is the token alive, and why; what was kept with its revocation. */
import type { EvidenceItem } from '../../lambdas/domain/model.ts';
import type { Stack } from './stack.ts';

/** The token is alive, and status says why it still is. */
export async function expectHeld(stack: Stack, integration: string, tokenId: string, why: RegExp): Promise<void> {
  const { config } = await stack.state(integration);
  expect(await stack.paddle(config.account).statusOf(tokenId)).toBe('active');
  const { superseded } = await stack.status(integration);
  expect(superseded.find(({ id }) => id === tokenId)).toMatchObject({ held: expect.stringMatching(why) });
}

/** The evidence that is kept with the revocation. */
export async function evidenceOf(stack: Stack, integration: string, tokenId: string): Promise<string[]> {
  const trail = await stack.trail(integration);
  const decision = trail.find((entry) => entry.type === 'token.revoking' && entry.tokenId === tokenId);
  const { evidence } = (decision?.details ?? {}) as { evidence?: { items: EvidenceItem[] } };
  return (evidence?.items ?? []).map(
    ({ kind, satisfied, reason }) => `${kind} ${satisfied ? 'proved' : 'disproved'}: ${reason}`,
  );
}
