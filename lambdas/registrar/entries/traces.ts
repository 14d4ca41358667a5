/** What the log keeps of a call: who says to have asked, by which way, and what came of it. A refused call leaves no record in the trail. */
import { redact } from '../../domain/mask.ts';

const MOST = 200;

interface Told {
  readonly outcome: string;
  readonly accounts?: unknown;
  readonly integrations?: unknown;
  readonly faults?: unknown;
  readonly left?: unknown;
}

export function tracesOf(
  event: unknown,
  alias: string | undefined,
  { outcome, accounts, integrations, faults, left }: Told,
): Readonly<Record<string, unknown>> {
  const { action, requestedBy } = (event ?? {}) as Record<string, unknown>;
  return {
    ...{ action: text(action), requestedBy: text(requestedBy), alias, outcome },
    ...{
      accounts: countOf(accounts),
      integrations: countOf(integrations),
      faults: countOf(faults),
      left: countOf(left),
    },
  };
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? redact(value.slice(0, MOST)) : undefined;

/** Of a list, or of each list in an object: `{ created: 2, changed: 0 }`. Names are in the trail. */
function countOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([what, names]) => [what, countOf(names)]));
}
