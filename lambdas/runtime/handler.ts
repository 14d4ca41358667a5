/** What every function's handler has in common: log context, metrics written at the end, no secret in an error. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { redact } from '../domain/mask.ts';
import type { Metrics } from '../domain/ports.ts';
import { createLogger } from './log.ts';
import { createMetrics } from './metrics.ts';

export interface Instruments {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** @param service the function's name, where Lambda does not tell it */
export const instruments = (service: string): Instruments => ({
  log: createLogger(process.env.AWS_LAMBDA_FUNCTION_NAME || service),
  metrics: createMetrics(),
});

/**
 * By default middy answers for a run just before the platform would end it. The platform then believes that the run is
 * over, freezes the process, and thaws it for the next invocation: with an old run inside whose writes, retries of the SDK
 * included, would go out after its lease. Left to the platform, a run that takes too long dies with its process.
 */
const RUN_ENDS_OR_DIES = { timeoutEarlyInMillis: 0 };

/**
 * Wraps a function's handler. Export what this returns, never `run` itself, or none of it happens.
 * An error goes on to the platform, which retries and alarms; the handler only masks its texts.
 */
export function wrapHandler<E, R>(run: (event: E, context: Context) => Promise<R>, { log, metrics }: Instruments) {
  return middy<E, R, Error, Context>((event: E, context: Context) => run(event, context), RUN_ENDS_OR_DIES)
    .use(injectLambdaContext(log, { resetKeys: true, logEvent: false }))
    .use({
      after: () => metrics.flush(),
      onError: ({ error }) => {
        metrics.flush();
        redactError(error);
      },
    });
}

/** Lambda prints an uncaught error itself, past the logger's guard. */
function redactError(error: unknown, depth = 0): void {
  if (!(error instanceof Error) || depth > 8) return;
  error.message = redact(error.message);
  if (error.stack !== undefined) error.stack = redact(error.stack);
  redactError(error.cause, depth + 1);
  if (error instanceof AggregateError) for (const inner of error.errors) redactError(inner, depth + 1);
}
