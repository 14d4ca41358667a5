/** What every function's handler has in common: log context, metrics written at the end, no secret in an error. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { redact } from '../domain/mask.ts';
import type { Metrics } from '../domain/ports.ts';
import { createLogger } from './log.ts';
import { createMetrics } from './metrics.ts';

export interface Instruments {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** @param service the function's name */
export const instruments = (service: string): Instruments => ({ log: createLogger(service), metrics: createMetrics() });

/**
 * Wraps a function's handler. Export what this returns, never `run` itself, or none of it happens.
 * An error goes on to the platform, which retries and alarms; only its texts are masked. Nothing answers for a run that is
 * still at work: the platform would freeze it, and thaw it in the next invocation with writes that go out after its lease.
 */
export const wrapHandler =
  <E, R>(run: (event: E, context: Context) => Promise<R>, { log, metrics }: Instruments) =>
  async (event: E, context: Context): Promise<R> => {
    log.addContext(context);
    try {
      return await run(event, context);
    } catch (error) {
      redactError(error);
      throw error;
    } finally {
      metrics.flush();
      log.resetKeys();
    }
  };

/** The alias through which the function was invoked, if any: `arn:…:function:<name>:<alias>`. Lambda says so, not the caller. */
export const aliasOf = ({ invokedFunctionArn = '' }: Pick<Context, 'invokedFunctionArn'>): string | undefined =>
  invokedFunctionArn.split(':')[7] || undefined;

/** Lambda prints an uncaught error itself, past the logger's guard. */
function redactError(error: unknown, depth = 0): void {
  if (!(error instanceof Error) || depth > 8) return;
  error.message = redact(error.message);
  if (error.stack !== undefined) error.stack = redact(error.stack);
  redactError(error.cause, depth + 1);
  if (error instanceof AggregateError) for (const inner of error.errors) redactError(inner, depth + 1);
}
