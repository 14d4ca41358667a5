/** `paddlewheel-rotate` and `paddlewheel-status` over one world, connected as the queue and the ledger connect them. */
import type { Log, Metrics } from '../../lambdas/domain/ports.ts';
import type { CheckAnswers } from '../../lambdas/rotation/check-answers.ts';
import { createInvocation } from '../../lambdas/rotation/invocation.ts';
import { createReading } from '../../lambdas/rotation/reading.ts';
import type { World } from '../../lambdas/rotation/reconcile.ts';
import { READ_ACTIONS } from '../../lambdas/rotation/request.ts';
import { FakeDeliveries } from '../fakes/runtime.ts';

export class FakeCheckAnswers implements CheckAnswers {
  readonly stored = new Map<string, Awaited<ReturnType<CheckAnswers['find']>>>();
  async store(...[checkId, answer]: Parameters<CheckAnswers['store']>) {
    this.stored.set(`${answer.integration} ${checkId}`, answer);
  }
  find = async (integration: string, checkId: string) => this.stored.get(`${integration} ${checkId}`);
}

export interface FunctionsOptions {
  readonly world: World;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly deliveries?: FakeDeliveries;
  readonly integrations?: () => readonly string[];
  /** `rotate` takes nothing from its queue. */
  readonly deaf?: boolean;
}

export function functionsOf({ world, log, metrics, deliveries = new FakeDeliveries(), ...options }: FunctionsOptions) {
  const answers = new FakeCheckAnswers();
  const rotate = createInvocation({ world, deliveries, answers, log, metrics });
  const rests: number[] = [];
  const sent: object[] = [];
  const status = createReading({
    ledger: world.ledger,
    registry: { integrations: async () => (options.integrations?.() ?? []).map((integration) => ({ integration })) },
    checks: answers,
    clock: world.clock,
    ids: world.ids,
    rest: async (ms) => void rests.push(ms),
    queue: {
      async send(requests) {
        sent.push(...requests);
        const Records = requests.map((message, at) => ({
          ...{ messageId: `m${at}`, receiptHandle: `h${at}` },
          body: JSON.stringify(message),
        }));
        if (!options.deaf) await rotate({ Records }, 'queue');
      },
    },
  });
  /** Each request where it belongs, as somebody who may do everything would send it. */
  const ask = (payload: unknown, id: string) => {
    const action = (payload as { action?: never } | null)?.action;
    return action && READ_ACTIONS.includes(action) ? status(payload, id) : rotate(payload, id);
  };
  return { rotate, status, ask, rests, sent, answers };
}
