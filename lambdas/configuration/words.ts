/** The words of a configuration: names, lengths of time, addresses. Each says what is wrong with a value. */
import * as z from 'zod';
import { formatDuration, parseDuration } from './duration.ts';

/** How CDK writes a value that only the deploy knows. The configuration is read before, and goes to the ledger as it is. */
export const LATER = /\$\{Token\[/;
/** `""` is a missing value that somebody meant to fill in; it never selects a default. */
export const given = z.string().min(1, { error: 'is empty: give a value, or leave the setting out', abort: true });
export const text = given.refine((value) => !LATER.test(value), {
  error: 'is known only when the stack is deployed; give the name itself',
  abort: true,
});

export const pattern = (regex: RegExp, remedy: string) => text.regex(regex, { error: remedy, abort: true });
export const name = pattern(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen',
);

export const duration = (least: number, most: number) =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `${issue.input} has no unit; write for instance "${issue.input} hours"`
          : undefined,
    })
    .min(1, { error: 'is empty: give a length of time, or leave the setting out', abort: true })
    .transform((value, context) => {
      const fault = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      try {
        const ms = parseDuration(value);
        if (ms < least) return fault(`must be at least ${formatDuration(least)}`);
        if (ms > most) return fault(`must be at most ${formatDuration(most)}`);
        return ms;
      } catch (error) {
        return fault((error as RangeError).message);
      }
    });

const isLoopback = (url: URL) => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);

/** https anywhere, http on this machine only; without credentials and fragment. Otherwise the reason why not. */
export function urlFault(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url) return `"${value}" is not a URL`;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    return 'must begin with https:// (http:// only for localhost)';
  if (url.username || url.password || url.hash) return 'must hold no credentials and no fragment';
  return undefined;
}

export const url = text.superRefine((value, context) => {
  const fault = value === '' ? undefined : urlFault(value);
  if (fault) context.addIssue({ code: 'custom', message: fault });
});
export const origin = url.refine(
  (value) => URL.parse(value)?.origin === value,
  'must be an origin: scheme, host and port, without a path',
);
