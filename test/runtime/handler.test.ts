import type { Context } from 'aws-lambda';
import { METRICS } from '../../lambdas/contract.ts';
import { instruments, wrapHandler } from '../../lambdas/runtime/handler.ts';
import { capturedOutput } from './captured-output.ts';

const TOKEN = 'live_7d279f61a3499fed520f7cd8c08';
const context = { functionName: 'paddlewheel-test', awsRequestId: 'request-1' } as Context;

describe('a handler', () => {
  test('hands event and context in and the answer out, with the request in every line', async () => {
    const tools = instruments('paddlewheel-test');
    const handler = wrapHandler(async (event: { n: number }, { awsRequestId }: Context) => {
      tools.log.info('working');
      return `${event.n + 1} ${awsRequestId}`;
    }, tools);
    let answer: unknown;
    const [line = ''] = await capturedOutput(async () => {
      answer = await handler({ n: 1 }, context);
    });
    expect(answer).toBe('2 request-1');
    expect(JSON.parse(line)).toMatchObject({ function_request_id: 'request-1', message: 'working' });
  });

  test('forgets the correlation keys between invocations', async () => {
    const tools = instruments('paddlewheel-test');
    const handler = wrapHandler(async (integration: string) => {
      if (integration) tools.log.appendKeys({ integration });
      tools.log.info('working');
    }, tools);
    const lines = await capturedOutput(async () => {
      await handler('pricing-page', context);
      await handler('', context);
    });
    expect(lines.map((line) => JSON.parse(line).integration)).toEqual(['pricing-page', undefined]);
  });

  test('never answers for a run that is still at work, however little time is left', async () => {
    const noTimeLeft = { ...context, getRemainingTimeInMillis: () => 1 };
    const handler = wrapHandler(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'ended by itself';
    }, instruments('paddlewheel-test'));
    await expect(handler({}, noTimeLeft)).resolves.toBe('ended by itself');
  });

  test('lets an error through to the platform, masked to its last cause, and still writes the metrics', async () => {
    const tools = instruments('paddlewheel-test');
    const cause = new AggregateError([new Error(`inner ${TOKEN}`)], `cause ${TOKEN}`);
    const handler = wrapHandler(async () => {
      tools.metrics.count(METRICS.holdOverdue);
      throw new Error(`outer ${TOKEN}`, { cause });
    }, tools);
    let thrown: unknown;
    const lines = await capturedOutput(async () => {
      thrown = await handler({}, context).catch((error: unknown) => error);
    });
    expect(lines.map((line) => JSON.parse(line).HoldOverdue)).toEqual([1]);
    expect(thrown).toMatchObject({ message: 'outer live_7d27…c08', cause: { message: 'cause live_7d27…c08' } });
    const shown = [thrown, cause, ...cause.errors].map((error) => (error as Error).stack).join('\n');
    expect(shown).toContain('inner live_7d27…c08');
    expect(shown).not.toContain(TOKEN);
  });

  test('does not log the event, whatever the environment asks for', async () => {
    process.env.POWERTOOLS_LOGGER_LOG_EVENT = 'true';
    try {
      const handler = wrapHandler(async () => 'done', instruments('paddlewheel-test'));
      expect(await capturedOutput(() => handler({ body: 'private' }, context))).toEqual([]);
    } finally {
      delete process.env.POWERTOOLS_LOGGER_LOG_EVENT;
    }
  });
});
