/** A dry run: the command is applied to a copy that is thrown away. */
import type { Ids } from '../domain/ports.ts';
import { type Answer, plan, rejected, summary } from './answer.ts';
import { type Asked, breaksOf, type Request } from './asked.ts';
import * as commands from './commands.ts';
import type { Command } from './reconcile.ts';

/** Those that need nothing but the state; a dry run is possible of no other. */
export function pureCommand(request: Request): Command | undefined {
  const { action, reason, requestedBy, requestId, isIdOfCall, tokenId = '' } = request;
  const asker = { reason, requestedBy, requestId, isIdOfCall };
  switch (action) {
    case 'rotate':
      return request.emergency
        ? commands.emergency({ ...asker, reason: reason ?? '', tokenId: request.tokenId })
        : commands.rotate(asker);
    case 'rollback':
      return commands.rollback(request.tokenId, asker);
    case 'pause':
      return commands.pause({ ...asker, until: request.until });
    case 'resume':
      return commands.resume(asker);
    case 'hold':
      return commands.hold(tokenId, { ...asker, reason: reason ?? '' });
    case 'release':
      return commands.release(tokenId, asker);
    case 'revoke':
      return commands.forceRevoke(tokenId, { ...asker, reason: reason ?? '' });
    default:
      return undefined;
  }
}

export function rehearse(asked: Asked, ids: Ids): Answer {
  const { request, snapshot } = asked;
  const context = { now: snapshot.now, runId: snapshot.runId, config: snapshot.config, nextId: () => ids.next() };
  const { change, rejected: faults } = pureCommand(request)?.(snapshot.state, context) ?? {};
  if (faults) return rejected(snapshot.config.name, faults);
  const after = { ...snapshot, state: change?.state ?? snapshot.state };
  const endsAtOnce = request.emergency || request.action === 'revoke';
  const wish = `Dry run, nothing was changed${endsAtOnce ? '' : ', and nothing would break'}`;
  return { ...plan(after, wish), ...summary(snapshot), breaks: breaksOf(asked) };
}
