/** What people ask for, as the command that a run is given and as what the chronicle remembers of it. */
import * as commands from '../../../lambdas/rotation/commands.ts';
import type { Command } from '../../../lambdas/rotation/reconcile.ts';
import type { Wish } from './chronicle.ts';
import { MADE_OUTSIDE, type Stage } from './stage.ts';
import type { What } from './steps.ts';

/** @param number of the request, counted from 1 */
export function wishOf(
  stage: Stage,
  integration: string,
  what: What,
  number: number,
): { readonly command?: Command; readonly wish?: Wish } {
  const reason = `request ${number}`;
  const asker = { reason, requestedBy: 'someone', requestId: `request-${number}` };
  const known = stage.tokensOf(integration);
  const superseded =
    known
      .filter((token) => token.status === 'superseded')
      .sort((a, b) => ((a.supersededAt ?? '') < (b.supersededAt ?? '') ? 1 : -1))[0]?.id ?? 'ctkn_none';
  const current = known.find((token) => token.status === 'current')?.id ?? 'ctkn_none';
  const held = known.find((token) => token.manualHold)?.id ?? superseded;
  const free = stage.paddle.tokens.filter(({ id, status }) => status === 'active' && !stage.ledger.owners.has(id));
  // Whatever nobody has claimed, be it a token that another integration has just posted.
  const foreign = free.find(({ name }) => number % 2 === 0 || name === MADE_OUTSIDE) ?? free[0];
  const as = (name: string, command: Command, tokenId?: string) => ({
    command,
    wish: { what: name, integration, reason, tokenId, at: stage.truth },
  });
  switch (what) {
    case 'reconcile':
      return {};
    case 'rotate':
      return as('rotate', commands.rotate(asker));
    case 'emergency':
      return as('emergency', commands.emergency(asker));
    case 'leaked':
      return as('emergency', commands.emergency({ ...asker, tokenId: superseded } as never), superseded);
    case 'pause':
      return as('pause', commands.pause(asker));
    case 'resume':
      return as('resume', commands.resume(asker));
    case 'rollback':
      return as('rollback', commands.rollback(superseded, asker), superseded);
    case 'hold':
      return as('hold', commands.hold(superseded, asker), superseded);
    case 'hold current':
      return as('hold', commands.hold(current, asker), current);
    case 'release':
      return as('release', commands.release(held, asker), held);
    case 'force':
      return as('force', commands.forceRevoke(superseded, asker), superseded);
    case 'force held':
      return as('force', commands.forceRevoke(held, asker), held);
    case 'adopt':
      return as(
        'adopt',
        commands.adopt(
          {
            tokenId: foreign?.id ?? 'ctkn_none',
            answer: foreign,
            owner: stage.ledger.owners.get(foreign?.id ?? '')?.integration,
          },
          asker,
        ),
        foreign?.id,
      );
    default:
      return {};
  }
}
