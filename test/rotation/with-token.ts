/** An installation whose first token is published, and what tests ask of it. */
import { later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';

export async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const now = () => harness.clock.iso();
  const rotate = () => harness.reconcile({ command: commands.rotate({}) });
  const again = async () => {
    harness.clock.set(harness.dueAt ?? '');
    await harness.reconcile();
  };
  const count = (method: string) => harness.paddle.calls.filter((call) => call.method === method).length;
  const types = (type: string) => harness.ledger.records.filter((record) => record.type === type);
  const invocation = functionsOf({
    world: harness.world,
    deliveries: new FakeDeliveries(),
    log: new RecordingLog(),
    metrics: new RecordingMetrics(),
  }).ask;
  /** @param call the id of the invocation: the function takes two of one id for one */
  const ask = (payload: object, call = 'a-call') =>
    invocation({ integration: 'pricing-page', ...payload }, call) as Promise<Record<string, unknown>>;
  return { harness, now, rotate, again, count, types, ask, first: harness.current?.id ?? '' };
}
