/** Structured logs with a guard: what looks like a token or a secret leaves the process only masked, and no terminal is steered by it. */
import { Logger } from '@aws-lambda-powertools/logger';
import { redact } from '../domain/mask.ts';
import { printable } from '../domain/printable.ts';

/**
 * The logger of one function.
 * @param service as people search for it: the function's name (`paddlewheel-webhook`)
 */
export function createLogger(service: string): Logger {
  return new Logger({ serviceName: service, jsonReplacerFn: redacting });
}

/** Binds what follows to a rotation and an integration, until the invocation ends (the handler resets the keys). */
export function correlate(logger: Logger, keys: { rotationId?: string; integration?: string }): void {
  logger.appendKeys(Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)));
}

/** Called for everything that is logged, messages, stacks and causes included: a text is masked, and so is a property's name. */
function redacting(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return printable(redact(value));
  if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Error) return value;
  const names = Object.keys(value);
  const shown = (name: string) => printable(redact(name));
  if (names.every((name) => shown(name) === name)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [shown(name), inner]));
}
