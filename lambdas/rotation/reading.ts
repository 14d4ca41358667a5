/**
 * `paddlewheel-status`: what people ask and nothing changes. It holds no credential: a check is done by `rotate`, whose
 * permissions are the ones to be examined, and comes and goes through the queue and the ledger.
 */
import type { Clock, Ids } from '../domain/ports.ts';
import { millis } from '../domain/time.ts';
import { standingsOf } from '../domain/verdict.ts';
import { type Answer, plan, rejected } from './answer.ts';
import { type Asked, statusOf, understand } from './asked.ts';
import type { CheckAnswers, CheckQueue } from './check-answers.ts';
import { atStake } from './checkout.ts';
import { decide } from './decide.ts';
import { type FailingAnswer, type FailingParts, failing } from './failing.ts';
import type { Ledger } from './ports.ts';
import { rehearse } from './rehearse.ts';
import { READ_ACTIONS } from './request.ts';

/** The names of all integrations. */
export interface Listing {
  readonly outcome: 'listed';
  readonly integrations: readonly string[];
  readonly message: string;
}

export interface ReadingParts {
  readonly ledger: Pick<Ledger, 'load' | 'usage' | 'hookCalls' | 'seen'>;
  readonly registry: { integrations(): Promise<readonly { readonly integration: string }[]> };
  readonly accounts?: FailingParts['accounts'];
  readonly checks: Pick<CheckAnswers, 'find'>;
  readonly queue: CheckQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Resolves after so many ms. */
  readonly rest: (ms: number) => Promise<void>;
}

/** Whoever asks within this gets the same check: it costs a call to Paddle and a reading of every target. */
const SAME_CHECK_MS = 10_000;
/** The function itself ends after 30 s. */
const WAIT_MS = 20_000;
const POLL_MS = 500;

export function createReading(parts: ReadingParts) {
  return async (payload: unknown, invocationId: string): Promise<Answer | Listing | FailingAnswer> => {
    if (isListing(payload)) return list(parts);
    const after = failingAfter(payload);
    if (after !== undefined) return failing(after, parts);
    const asked = await understand(payload, invocationId, parts);
    if ('no' in asked) return asked.no;
    const { request, snapshot } = asked;
    if (request.dryRun) return rehearse(asked, parts.ids);
    if (request.action === 'status') return judged(asked, parts.ledger);
    if (request.action === 'plan') return plan(snapshot);
    if (request.action === 'check') return check(asked, parts);
    const may = `${READ_ACTIONS.join(', ')}, list, failing, and anything with dryRun`;
    return rejected(request.integration, [
      `action: "${request.action}" changes something, and this function only reads (${may}): ask paddlewheel-rotate.`,
    ]);
  };
}

/** With the verdict in words, which `rotate` has no use for. */
async function judged(asked: Asked, ledger: ReadingParts['ledger']): Promise<Answer> {
  const answer = await statusOf(asked, ledger);
  const { config, state, now } = asked.snapshot;
  const about = { config, state, next: decide(asked.snapshot), atStake: atStake({ config, state }) };
  return { ...answer, standings: standingsOf(about, now, answer.nextRotationAt as string | undefined) };
}

const isListing = (payload: unknown): boolean =>
  typeof payload === 'object' &&
  payload !== null &&
  Object.keys(payload).join() === 'action' &&
  (payload as { action: unknown }).action === 'list';

/** Where a page begins; `undefined`: something else is asked for. */
function failingAfter(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { action, after = '', ...more } = payload as Record<string, unknown>;
  if (action !== 'failing' || Object.keys(more).length > 0 || typeof after !== 'string') return undefined;
  return after.slice(0, 200);
}

async function list({ registry }: ReadingParts): Promise<Listing> {
  const integrations = (await registry.integrations()).map(({ integration }) => integration).sort();
  return { outcome: 'listed', integrations, message: `${integrations.length} integration(s).` };
}

/** Has `rotate` look, and waits for what it saw. No answer is a finding, not an error. */
async function check({ snapshot: { config, state } }: Asked, parts: ReadingParts): Promise<Answer> {
  const { checks, queue, clock, rest } = parts;
  const integration = config.name;
  const askedAt = clock.now();
  const checkId = String(Math.floor(askedAt / SAME_CHECK_MS));
  await queue.send([{ integration, cause: 'check', checkId, askedAt, key: checkId }]);
  for (let waited = 0; waited <= WAIT_MS; waited += POLL_MS) {
    const answer = await checks.find(integration, checkId);
    if (answer) return answer;
    await rest(POLL_MS);
  }
  const busy = state.lease !== undefined && millis(state.lease.until) > clock.now();
  const message = busy
    ? `is at work for ${integration}, and looks when it is through: ask again in two minutes`
    : `has not answered within ${WAIT_MS / 1_000} seconds: is it failing, or does the reconcile queue pile up?`;
  const { account, environment } = config;
  return {
    ...{ integration, account, environment, outcome: 'checked' },
    checks: [{ what: 'rotate', ok: busy, message }],
    message: busy ? 'Nothing was checked yet.' : '1 of 1 checks failed.',
  };
}
