/** 1, 4: what must be so when the world has been calm for days, by Paddle's and the targets' own word. */
import { HOUR } from '../../../lambdas/domain/time.ts';
import type { Life } from './chronicle.ts';
import type { Stage } from './stage.ts';

const wasPublished = ({ publications }: Life, id: string): boolean =>
  publications.some(({ tokenId, confirmed }) => tokenId === id && confirmed);

export function restFaults(stage: Stage, integration: string): string[] {
  const { chronicle, truth, ledger, paddle } = stage;
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`at rest, ${text}`);
  const config = stage.config(integration);
  const texts = new Set(config.targets.map((target) => chronicle.textAt(target)));
  const [value] = texts;
  const current = chronicle.tokenWith(value);
  if (texts.size !== 1 || current?.owner !== integration || current.revoked)
    fault(`the targets of ${integration} do not hold one living token`);
  const state = ledger.states.get(integration);
  if (state?.rotation) fault(`rotation ${state.rotation.rotationId} is still under way: ${state.retry?.code}`);
  if (state?.lease) fault('a lease is still held');
  if (state?.tokens.find(({ status }) => status === 'current')?.value !== value)
    fault(`${integration} believes something else to be current`);
  const alive = new Set(paddle.tokens.filter(({ status }) => status === 'active').map(({ id }) => id));
  for (const token of chronicle.tokens.values()) {
    if (token.owner !== integration || !alive.has(token.id) || token.id === current?.id) continue;
    // Taken over and overtaken: somebody else made it, so it stays until a person says what becomes of it.
    const isLeft =
      chronicle.life(integration).mayTake.has(token.id) && !wasPublished(chronicle.life(integration), token.id);
    if (isLeft) continue;
    const since = token.served ? token.served.at + token.served.graceMs : token.createdAt;
    const isKnown = state?.tokens.some(({ id, status }) => id === token.id && status === 'superseded');
    if (truth > since + 12 * HOUR)
      fault(
        `${token.id} of ${integration} is still active, and its time was over at ${new Date(since).toISOString()} (${isKnown ? 'superseded' : 'unknown'})`,
      );
  }
  const waiting = [...ledger.reported.values()].filter((report) => report.integration === integration);
  if (waiting.length > 0)
    fault(`${waiting.map(({ tokenId }) => tokenId).join()} was reported, and nobody has asked Paddle`);
  for (const token of state?.tokens ?? []) {
    // Somebody else's, left to a person: nobody asks about it unless somebody says something.
    if (token.status === 'orphan' && token.revokeAfter === undefined) continue;
    const truth = chronicle.tokens.get(token.id);
    if ((token.status === 'revoked') !== (truth?.revoked !== undefined))
      fault(`${token.id} is ${token.status} in the ledger, and at Paddle it is not so`);
  }
  return faults;
}
