import type { QueuedCheck } from '../domain/ports.ts';
import type { Answer } from './answer.ts';

/** What a check saw, on its way from `rotate` to whoever asked. Kept for a day. */
export interface CheckAnswers {
  /** @param now epoch ms */
  store(checkId: string, answer: Answer, now: number): Promise<void>;
  find(integration: string, checkId: string): Promise<Answer | undefined>;
}

/** The reconcile queue, on which checks are asked for, too. */
export interface CheckQueue {
  send(requests: readonly QueuedCheck[]): Promise<void>;
}
