/** Our words for what a schema finds, one fault a line. */
import type * as z from 'zod';
import type { Fault } from './checks.ts';

/** Our words for zod's findings; a schema's own message goes before these. */
export function say(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined
      ? 'is missing'
      : `must be ${issue.expected === 'record' ? 'object' : issue.expected}, not ${kindOf(issue.input)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  return undefined;
}

const kindOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

export function toFaults(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a setting that Paddlewheel knows' }));
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({ path, message: `the name ${message}` }));
  return [{ path, message: issue.message }];
}

export function formatPath(path: readonly (string | number)[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'configuration';
}

/** `integrations[1].rotate.cron: …`; each once. */
export const linesOf = (faults: readonly Fault[]): readonly string[] => [
  ...new Set(faults.map(({ path, message }) => `${formatPath(path)}: ${message}`)),
];
