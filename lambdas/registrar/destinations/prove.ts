/** Does an event of Paddle arrive? A simulated one is sent, and must be found in the audit trail. */

import { RefusedError } from '../../domain/errors.ts';
import type { Destination, NotificationSettings } from '../../paddle/notification-settings.ts';
import type { DestinationPorts } from './ports.ts';

const RUNS = 3;
const RUN_MS = 12_000;
const POLL_MS = 500;
/** The webhook reads its secret anew at most once in this time: a test right after a change may meet the old one. */
const BETWEEN_RUNS_MS = 6_000;

export type Verdict = 'arrived' | 'not-permitted';

/** Paddle's test event did not arrive: nothing that Paddle sends would. */
export class UnprovedError extends RefusedError {
  constructor(message: string) {
    super('webhook_not_proved', message);
  }
}

/**
 * @returns `not-permitted` when the API key may not simulate, which proves nothing either way
 * @throws UnprovedError after three test events that did not arrive within 12 s each
 */
export async function prove(
  account: string,
  destination: Destination,
  settings: NotificationSettings,
  ports: Pick<DestinationPorts, 'trail' | 'clock' | 'rest'>,
): Promise<Verdict> {
  let answers: readonly string[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    if (run > 1) await ports.rest(BETWEEN_RUNS_MS);
    try {
      const sent = await settings.simulate(destination.id, 'client_token.created');
      const answer = await arrival(account, () => settings.simulated(sent), ports);
      if (answer === 'arrived') return 'arrived';
      answers = [...answers, answer];
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'forbidden') return 'not-permitted';
      throw error;
    }
  }
  throw new UnprovedError(
    `Paddle's test events to ${destination.url} did not reach the audit trail (${answers.join('; ')}). See the log group /aws/lambda/paddlewheel-webhook, mend what it says and deploy again; or set proveWebhooks: false for account ${account}`,
  );
}

async function arrival(
  account: string,
  ask: () => ReturnType<NotificationSettings['simulated']>,
  { trail, clock, rest }: Pick<DestinationPorts, 'trail' | 'clock' | 'rest'>,
): Promise<string> {
  const end = clock.now() + RUN_MS;
  let [event] = await ask();
  for (;;) {
    if (event && (await trail.holds(account, event.id))) return 'arrived';
    if (clock.now() >= end) break;
    await rest(POLL_MS);
    event ??= (await ask())[0];
  }
  const [last] = await ask();
  return last?.answered === undefined ? 'Paddle got no answer' : `Paddle was answered ${last.answered}`;
}
