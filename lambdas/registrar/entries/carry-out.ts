/** Writes entries, each in a transaction of its own, and says what was not written: a call that ends early can be repeated as it is. */

import { batchesOf } from '../../domain/batches.ts';
import { ConflictError } from '../../domain/errors.ts';
import { redact } from '../../domain/mask.ts';

export interface Step {
  readonly kind: 'account' | 'integration';
  readonly name: string;
  readonly what: 'created' | 'changed' | 'unregistered';
  write(): Promise<void>;
}

export interface Done {
  readonly accounts: Changes;
  readonly integrations: Changes;
  /** Not written, and why, in the order of the call. */
  readonly left: readonly { readonly kind: Step['kind']; readonly name: string; readonly why: string }[];
}

export interface Changes {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unregistered: readonly string[];
}

/** Transactions in flight. One partition of the ledger takes about 500 a second. */
const SIDE_BY_SIDE = 25;
const OVERTAKEN =
  'somebody else changed it or its account, or took its target, or its account was left: look, and register it again';
const LATE = 'there was no time left: register it again';

/** In groups: a group begins when the one before is through, for an integration needs its account. */
export async function carryOut(groups: readonly (readonly Step[])[], signal: AbortSignal): Promise<Done> {
  const written = new Set<Step>();
  const reasons = new Map<Step, string>();
  const leave = (step: Step, why: string) => void reasons.set(step, why);
  const one = async (step: Step): Promise<void> => {
    if (signal.aborted) return leave(step, LATE);
    try {
      await step.write();
      written.add(step);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      leave(step, error instanceof ConflictError ? OVERTAKEN : redact(`${error.name}: ${error.message}`));
    }
  };
  for (const group of groups) for (const batch of batchesOf(SIDE_BY_SIDE, group)) await Promise.all(batch.map(one));
  // In the order of the call, whichever was through first.
  const steps = groups.flat();
  const named = (kind: Step['kind'], what: Step['what']) =>
    steps.filter((step) => written.has(step) && step.kind === kind && step.what === what).map(({ name }) => name);
  const left = steps.flatMap((step) => {
    const why = reasons.get(step);
    return why === undefined ? [] : [{ kind: step.kind, name: step.name, why }];
  });
  const changes = (kind: Step['kind']): Changes => ({
    created: named(kind, 'created'),
    changed: named(kind, 'changed'),
    unregistered: named(kind, 'unregistered'),
  });
  return { accounts: changes('account'), integrations: changes('integration'), left };
}

export function together(one: Done, other: Done): Done {
  const both = (a: Changes, b: Changes): Changes => ({
    created: [...a.created, ...b.created],
    changed: [...a.changed, ...b.changed],
    unregistered: [...a.unregistered, ...b.unregistered],
  });
  return {
    accounts: both(one.accounts, other.accounts),
    integrations: both(one.integrations, other.integrations),
    left: [...one.left, ...other.left],
  };
}

/** What a call would do. */
export const rehearse = (groups: readonly (readonly Step[])[]): Promise<Done> =>
  carryOut(
    groups.map((group) => group.map((step) => ({ ...step, write: async () => {} }))),
    new AbortController().signal,
  );
