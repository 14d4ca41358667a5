/** The function `rotate`, asked by people and by the queue. */
import type { SQSBatchResponse } from 'aws-lambda';
import { later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Answer } from '../../lambdas/rotation/answer.ts';
import { START } from '../builders/integration.ts';
import { FakeDeliveries } from '../fakes/runtime.ts';
import { functionsOf } from './functions.ts';
import { Harness } from './harness.ts';

export const NAME = 'pricing-page';

/** What was logged and counted, as text, so that tests can search it for what must not be there. */
function recording() {
  const lines: string[] = [];
  const counted: string[] = [];
  const write = (message: string, fields: object) => void lines.push(JSON.stringify([message, fields]));
  const log = { info: write, warn: write, error: write };
  const metrics = {
    count: (name: string) => void counted.push(name),
    seconds: () => {},
    flush: () => {},
  };
  return { lines, counted, log, metrics };
}

export async function running(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const record = recording();
  const deliveries = new FakeDeliveries();
  const handle = functionsOf({ world: harness.world, deliveries, log: record.log, metrics: record.metrics }).ask;
  let invocations = 0;
  const ask = async (payload: object, id?: string) => {
    invocations += 1;
    return (await handle({ integration: NAME, ...payload }, id ?? `invocation-${invocations}`)) as Answer;
  };
  const deliver = async (...bodies: unknown[]) =>
    (await handle(
      {
        Records: bodies.map((body, i) => ({ messageId: `m${i}`, receiptHandle: `h${i}`, body: JSON.stringify(body) })),
      },
      'queue',
    )) as SQSBatchResponse;
  return { harness, ask, deliver, deliveries, handle, ...record };
}
