import type { Rotation } from '../../domain/model.ts';
import type { Decision } from '../decision.ts';
import type { Snapshot } from '../snapshot.ts';

/** Carries the rotation under way one step further, unless it must wait for its next attempt. */
export function progressRotation({ now, runId, config, state }: Snapshot): Decision | undefined {
  const { rotation, retry } = state;
  if (!rotation || (state.pause && !rotation.emergency)) return undefined;
  const stale = abandonedAdoption(rotation, config.adopt);
  if (stale) return stale;
  if (retry && retry.nextAttemptAt > now) return undefined;
  const cleared = rotation.clearedBy === runId;
  if (rotation.phase === 'minted' && rotation.tokenId) {
    const { tokenId } = rotation;
    return cleared
      ? { kind: 'publish', tokenId, reason: 'publish', message: `Publishing ${tokenId} to every target.` }
      : { kind: 'verify', tokenId, reason: 'verify', message: `Asking Paddle whether ${tokenId} is still active.` };
  }
  if (rotation.source.kind !== 'mint') {
    const { tokenId } = rotation.source;
    return {
      kind: 'verify',
      tokenId,
      reason: 'verify',
      message: `Asking Paddle whether ${tokenId} may be taken over.`,
    };
  }
  if (cleared) return { kind: 'mint', reason: 'mint', message: `Minting "${rotation.tokenName}".` };
  if (!rotation.mayHavePosted)
    return { kind: 'clear', reason: 'mint_retry', message: `"${rotation.tokenName}" was certainly not minted: again.` };
  return { kind: 'find', reason: 'mint_unknown', message: `Searching for "${rotation.tokenName}" at Paddle.` };
}

/** A first adoption that the configuration no longer wants (or wants otherwise) must not block the integration. */
function abandonedAdoption(rotation: Rotation, adopt: string | undefined): Decision | undefined {
  const { source } = rotation;
  if (rotation.trigger !== 'first' || source.kind !== 'adopt' || rotation.phase !== 'intended') return undefined;
  if (source.tokenId === adopt) return undefined;
  return {
    kind: 'abandon',
    reason: 'configuration_changed',
    message: `The configuration no longer adopts ${source.tokenId}.`,
  };
}
