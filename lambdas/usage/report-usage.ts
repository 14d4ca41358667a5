/** A consumer says which token it uses, and learns which one it should. What it says is evidence for a revocation. */
import type { Environment } from '../contract.ts';
import type { Clock, Log, ReconcileQueue } from '../domain/ports.ts';
import { described, type Place, placeOf, rulesFor, type Where } from '../domain/usage.ts';
import type { StateReader, UsageRecords } from './ports.ts';
import { notItsOwn, reporterOf } from './reporter.ts';
import { parseUsageRequest, type UsageRequest } from './request.ts';

export type UsageAnswer =
  | {
      readonly integration: string;
      readonly outcome: 'recorded';
      /** The token that was recorded: for a build without `tokenId` the current one, for the build to use. */
      readonly token: { readonly id: string; readonly value: string; readonly environment: Environment };
      readonly consumer: string;
      readonly phase: 'build' | 'deploy';
      readonly build?: string;
      /** Another token is current by now: build again. */
      readonly stale?: true;
      readonly message: string;
    }
  | { readonly integration: string; readonly outcome: 'not-ready'; readonly message: string }
  | {
      readonly integration?: string;
      readonly outcome: 'rejected';
      readonly faults: readonly string[];
      readonly message: string;
    };

export interface UsageParts {
  readonly ledger: StateReader;
  readonly records: UsageRecords;
  readonly queue: ReconcileQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The function behind `paddlewheel-usage`.
 * @returns `rejected`, with nothing recorded, when it is not certain which token is meant: a wrong record would be wrong evidence
 * @throws what the ledger and the queue throw; the report is then to be repeated
 */
export function createReportUsage(parts: UsageParts): (payload: unknown, alias?: string) => Promise<UsageAnswer> {
  const { ledger, records, queue, clock, log } = parts;
  return async (payload, alias) => {
    const parsed = parseUsageRequest(payload);
    if ('faults' in parsed) return rejected(undefined, parsed.faults);
    const { request } = parsed;
    const { integration, consumer, build, phase, branch, stage } = request;
    const found = await ledger.load(integration);
    if (!found) return rejected(integration, ['integration: no integration of this name is configured']);
    const rules = rulesFor(found.config.consumers ?? [], consumer);
    const intruding = notItsOwn(consumer, rules.role, alias);
    if (intruding) return rejected(integration, [intruding]);
    const { tokens } = found.state;
    const current = tokens.find(({ status }) => status === 'current');
    if (phase === 'build' && !current) {
      const message = `${integration} has no token yet; the first one comes within a minute or two of the deploy. Try again then.`;
      return { integration, outcome: 'not-ready', message };
    }
    const tokenId = await meantToken(records, request, current?.id);
    if (tokenId === undefined) return rejected(integration, [WHICH_TOKEN]);
    const forgotten = found.state.watch?.tokens.find(({ id }) => id === tokenId);
    // A rollback to a token of long ago is news that must arrive, though its report proves nothing else.
    const token =
      tokens.find(({ id }) => id === tokenId) ?? (forgotten && { ...forgotten, status: 'revoked' as const });
    if (!token) return rejected(integration, [`tokenId: ${tokenId} is no token of ${integration}`]);

    const by = reporterOf(request, rules.role);
    const place = placeOf({ branch, stage }, rules);
    const at = new Date(clock.now()).toISOString();
    await records.record({ integration, consumer, tokenId, build, phase, branch, stage, place, at, by });
    // The state belongs to `rotate`: it may start a grace window now, or end a hold.
    if (place !== 'preview' && (phase === 'deploy' || rules.everyBuildDeploys))
      await queue.send([{ integration, cause: 'usage', key: reconcileKey(request, tokenId, clock) }]);
    const stale = tokenId !== current?.id;
    log.info('Recorded the use of a token', { integration, consumer, build, phase, place, tokenId, stale, by });
    return {
      integration,
      outcome: 'recorded',
      token: { id: token.id, value: token.value, environment: found.config.environment },
      consumer,
      phase,
      ...(build !== undefined && { build }),
      ...(stale && { stale: true as const }),
      message: stale
        ? staleMessage(request, token, current?.id)
        : `Recorded: ${consumer} uses the current token ${tokenId}.${remark(place, { branch, stage })}`,
    };
  };
}

/** Whoever thinks that he has proved something is told when he has not. */
function remark(place: Place, where: Where): string {
  if (place === 'preview')
    return ` It is a preview${described(where)}: it counts neither for a revocation nor against it.`;
  if (place === 'production') return '';
  return ` Nobody has said that this is production${described(where)}: it proves nothing until the configuration names it.`;
}

const WHICH_TOKEN =
  'tokenId: it is not known which token was deployed; give its tokenId, or the build that was reported with phase "build" before';

/** A build takes the current token unless it says otherwise; a deployment took the one of its build. Never a guess. */
async function meantToken(records: UsageRecords, request: UsageRequest, currentId: string | undefined) {
  const { integration, consumer, build, phase, tokenId } = request;
  if (tokenId !== undefined) return tokenId;
  if (phase === 'build') return currentId;
  return build === undefined ? undefined : records.tokenOfBuild(integration, consumer, build);
}

/** Every deployment is new evidence, a repeated invocation within the minute is not. */
const reconcileKey = ({ consumer, build = '' }: UsageRequest, tokenId: string, clock: Clock): string =>
  JSON.stringify([consumer, build, tokenId, Math.floor(clock.now() / 60_000)]);

function staleMessage({ consumer }: UsageRequest, token: { id: string; status: string }, currentId?: string): string {
  const state = token.status === 'revoked' ? 'which is revoked: its checkouts fail' : `which is ${token.status}`;
  const remedy = currentId === undefined ? '' : ` The current one is ${currentId}: build and deploy again.`;
  return `Recorded: ${consumer} uses ${token.id}, ${state}.${remedy}`;
}

const rejected = (integration: string | undefined, faults: readonly string[]): UsageAnswer => ({
  ...(integration !== undefined && { integration }),
  outcome: 'rejected',
  faults,
  message: `Nothing was recorded. ${faults.join('; ')}.`,
});
