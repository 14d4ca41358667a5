/** What goes in one call: written long before a caller hangs up, and within what Lambda takes. */
import { groupedBy } from '../lambdas/domain/grouped.ts';

export interface Entry {
  readonly name?: unknown;
  readonly account?: unknown;
  readonly revision?: unknown;
}

interface Portion {
  readonly accounts: Entry[];
  readonly integrations: Entry[];
}

const MOST_ACCOUNTS = 250;
const MOST_INTEGRATIONS = 1_000;
/** Lambda takes 6 MB. */
const MOST_BYTES = 3_000_000;

/** An account goes with its integrations, those need it; and once more with those that have no room beside the others. */
export function portionsOf(accounts: readonly Entry[], integrations: readonly Entry[]): readonly Portion[] {
  const accountsOf = groupedBy(accounts, ({ name }) => name);
  const shopsOf = groupedBy(integrations, ({ account }) => account);
  const portions: Portion[] = [];
  let [portion, bytes]: [Portion, number] = [{ accounts: [], integrations: [] }, 0];
  const begin = (own: readonly Entry[]) => {
    portion = { accounts: [...own], integrations: [] };
    bytes = bytesOf(own);
    portions.push(portion);
  };
  for (const name of new Set([...accountsOf.keys(), ...shopsOf.keys()])) {
    const own = accountsOf.get(name) ?? [];
    const shops = shopsOf.get(name) ?? [];
    const isFull =
      portion.accounts.length >= MOST_ACCOUNTS ||
      portion.integrations.length + shops.length > MOST_INTEGRATIONS ||
      bytes + bytesOf(own) + bytesOf(shops) > MOST_BYTES;
    if (isFull || portions.length === 0) begin(own);
    else {
      portion.accounts.push(...own);
      bytes += bytesOf(own);
    }
    for (const shop of shops) {
      const size = bytesOf([shop]);
      const isBeyond = portion.integrations.length >= MOST_INTEGRATIONS || bytes + size > MOST_BYTES;
      // By then the account may have another revision: that of the call before.
      if (isBeyond && portion.integrations.length > 0) begin(own.map(({ revision: _, ...entry }) => entry));
      portion.integrations.push(shop);
      bytes += size;
    }
  }
  return portions;
}

const bytesOf = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
