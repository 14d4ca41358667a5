/** What a scan found of one page, for people: the verdict, why, and what each source saw. */
import type { SiteFinding } from '../lambdas/evidence/sites/finding.ts';

const WORDS: Record<SiteFinding['verdict'], string> = {
  superseded: 'FOUND',
  current: 'clean',
  misconfigured: 'wrong',
  incomplete: 'unproven',
  unreadable: 'unproven',
};
const MOST = 20;

export function describeFinding(finding: SiteFinding, hasControl: boolean): string {
  const { verdict, url, message, reasons, waived = [] } = finding;
  const isGone = !hasControl && verdict === 'incomplete' && reasons.every(({ code }) => code === 'current_not_seen');
  const head = isGone
    ? `clean     The token is not in ${url} nor in what it loads. Without --current nothing shows that the scan looks in the right place.`
    : `${WORDS[verdict].padEnd(10)}${message}`;
  const others = reasons.slice(1, MOST).map((reason) => `            ${reason.message}`);
  const waivers = waived.map((each) => `            waived: ${each.url} (${each.reason})`);
  return [head, ...(isGone ? [] : others), ...places(finding), ...waivers, ...sources(finding)]
    .map((line) => `${line}\n`)
    .join('');
}

interface Resource {
  readonly url: string;
  readonly found: readonly { readonly which: string; readonly match: string; readonly how: string }[];
}

/** Where the reader found the deciding token. */
function places({ verdict, details }: SiteFinding): string[] {
  const { resources = [] } = (details?.reader ?? {}) as { resources?: readonly Resource[] };
  const lines = resources.flatMap(({ url, found }) =>
    found
      .filter(({ which }) => which === verdict)
      .map(({ match, how }) => `            ${url} (${match === 'exact' ? match : `${match}: ${how}`})`),
  );
  return [...new Set(lines)].slice(0, MOST);
}

function sources({ details = {}, seenBy = [] }: SiteFinding): string[] {
  const line = (name: string) => {
    const seen = details[name] as Record<string, unknown> | undefined;
    if (!seen) return [];
    const { failure, read, unread, missing, initialised } = seen as {
      failure?: { message: string };
      read: number;
      unread: number;
      missing: number;
      initialised: readonly { token: string; environment: string }[];
    };
    if (failure && !(seenBy as readonly string[]).includes(name)) return [`  ${name.padEnd(10)}${failure.message}`];
    const paddle = initialised.map(({ token, environment }) => `; Paddle.js got the ${token} token (${environment})`);
    return [`  ${name.padEnd(10)}${read} read, ${unread} not read, ${missing} not there${paddle.join('')}`];
  };
  return [...line('reader'), ...line('browser')];
}
