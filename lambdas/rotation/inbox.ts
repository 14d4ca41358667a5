/** The reports about an integration's tokens, as one run works through them. */

import type { Instant, IntegrationState, Retry, StoredReport } from '../domain/model.ts';
import { backoff, earliest, HOUR, instant, later, MINUTE, millis, SECOND } from '../domain/time.ts';
import { tokenById } from '../domain/tokens.ts';
import { bounded } from './change.ts';
import type { Decision } from './decision.ts';
import { attemptsAfter, type Failure, type Outcome } from './outcome.ts';
import type { ReportsInbox } from './ports.ts';

const ASK_AGAIN = 30 * SECOND;

/** A report leaves only with Paddle's answer. One that got none stays for a later run, and is not asked about twice in this. */
export class Inbox {
  readonly #integration: string;
  readonly #ledger: ReportsInbox;
  readonly #asked = new Set<string>();
  readonly #unanswered = new Map<string, Failure>();
  #reports: readonly StoredReport[] = [];

  constructor(integration: string, ledger: ReportsInbox) {
    this.#integration = integration;
    this.#ledger = ledger;
  }

  async read(): Promise<void> {
    this.#reports = await this.#ledger.reports(this.#integration);
  }

  /** Tokens to ask about. */
  get open(): readonly string[] {
    return this.#reports.filter(({ reportId }) => !this.#asked.has(reportId)).map(({ tokenId }) => tokenId);
  }

  get unanswered(): readonly string[] {
    return [...this.#unanswered.keys()];
  }

  /** The report that a decision follows up, if it follows up any. */
  asked(decision: Decision): StoredReport | undefined {
    if (decision.kind !== 'inspect' && decision.kind !== 'claim') return undefined;
    return this.#reports.find(({ tokenId, reportId }) => tokenId === decision.tokenId && !this.#asked.has(reportId));
  }

  /** To be called once what Paddle said is in the state: a crash before asks again, and never forgets. */
  async close(report: StoredReport, failure: Failure | undefined): Promise<void> {
    this.#asked.add(report.reportId);
    if (failure) {
      this.#unanswered.set(report.tokenId, failure);
      return;
    }
    this.#unanswered.delete(report.tokenId);
    await this.#ledger.answered(report);
  }

  /** Paddle has said before that these are revoked, and that is for ever: there is nothing to ask. */
  async closeFinal(state: IntegrationState): Promise<void> {
    const open = this.#reports.filter(({ reportId }) => !this.#asked.has(reportId));
    for (const report of open)
      if (tokenById(state, report.tokenId)?.status === 'revoked') await this.close(report, undefined);
  }

  /** When what got no answer is asked about again: at growing distances. */
  retry({ unanswered: before }: IntegrationState, now: Instant): Retry | undefined {
    const [entry] = this.#unanswered;
    if (!entry) return undefined;
    const [tokenId, failure] = entry;
    const { code, message, retryAt } = failure;
    const attempts = attemptsAfter(before?.attempts ?? 0, failure);
    // What lags is a matter of minutes at most; and it was asked about every few seconds, which must not make it wait the longer.
    const wait = later(now, code === STILL_ACTIVE ? ASK_AGAIN : backoff(attempts, ASK_AGAIN, HOUR));
    return {
      ...{ step: 'inspect', code, attempts, since: before?.since ?? now },
      message: bounded(`Paddle gave no answer about ${tokenId}: ${message}`),
      nextAttemptAt: retryAt && retryAt > millis(now) ? instant(retryAt) : wait,
    };
  }
}

/** So long Paddle may answer what was so before its own webhook. After it, what it answers is believed. */
const LAG = 10 * MINUTE;
export const STILL_ACTIVE = 'still_active';

/**
 * Why a question about a report got no answer. Of a token that is ours, "unknown" is none: the key may be another account's. Nor is
 * "active", right after Paddle has said that the token is revoked.
 */
export function unansweredBy(
  report: StoredReport,
  decision: Decision,
  outcome: Outcome,
  now: Instant,
): Failure | undefined {
  if (outcome.kind === 'failed') return outcome.failure;
  if (decision.kind !== 'inspect' || outcome.kind !== 'token') return undefined;
  if (outcome.token?.status === 'active' && report.says === 'revoked' && later(report.at, LAG) > now) {
    const message = 'its webhook says that it is revoked, and it is answered as active.';
    return { class: 'transient', code: STILL_ACTIVE, message };
  }
  if (outcome.token) return undefined;
  const message = "Paddle does not know it; is the account's API key that of another account?";
  return { class: 'alert', code: 'token_unknown', message };
}

/** When to reconcile again after a wait. */
export const dueAfter = (wait: Decision & { kind: 'wait' }, state: IntegrationState): Instant | undefined =>
  wait.reason === 'unmanaged' ? undefined : earliest(wait.until, state.unanswered?.nextAttemptAt);
