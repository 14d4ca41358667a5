/** What goes in one call: written long before a caller hangs up, and within what Lambda takes. */
import { groupedBy } from '../lambdas/domain/grouped.ts';

export interface Entry {
  readonly name?: unknown;
  readonly account?: unknown;
  readonly revision?: unknown;
  readonly publishTo?: unknown;
}

export interface Portion {
  readonly accounts: Entry[];
  readonly integrations: Entry[];
  /** Of each of them, which one of the file it is. */
  readonly places: { readonly accounts: number[]; readonly integrations: number[] };
}

const MOST_ACCOUNTS = 250;
const MOST_INTEGRATIONS = 1_000;
/** Lambda takes 6 MB. */
const MOST_BYTES = 3_000_000;

/** An account goes with its integrations, those need it; and once more with those that have no room beside the others. */
export function portionsOf(accounts: readonly Entry[], integrations: readonly Entry[]): readonly Portion[] {
  const accountsOf = groupedBy(accounts, ({ name }) => name);
  const shopsOf = groupedBy(integrations, ({ account }) => account);
  const placeOf = new Map([accounts, integrations].flatMap((entries) => entries.map((entry, at) => [entry, at])));
  const placesOf = (entries: readonly Entry[]) => entries.map((entry) => placeOf.get(entry) ?? 0);
  const portions: Portion[] = [];
  const empty = (): Portion => ({ accounts: [], integrations: [], places: { accounts: [], integrations: [] } });
  let [portion, bytes]: [Portion, number] = [empty(), 0];
  const begin = (own: readonly Entry[], places = placesOf(own)) => {
    portion = { ...empty(), accounts: [...own], places: { accounts: places, integrations: [] } };
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
      portion.places.accounts.push(...placesOf(own));
      bytes += bytesOf(own);
    }
    for (const shop of shops) {
      const size = bytesOf([shop]);
      const isBeyond = portion.integrations.length >= MOST_INTEGRATIONS || bytes + size > MOST_BYTES;
      // By then the account may have another revision: that of the call before.
      if (isBeyond && portion.integrations.length > 0) {
        const again = own.map(({ revision: _, ...entry }) => entry);
        begin(again, placesOf(own));
      }
      portion.integrations.push(shop);
      portion.places.integrations.push(...placesOf([shop]));
      bytes += size;
    }
  }
  return portions;
}

/** Within one call the registrar finds it. */
export function clashesBetween(portions: readonly Portion[]): readonly string[] {
  const taken = new Map<string, { readonly portion: Portion; readonly place: number | undefined }>();
  return portions.flatMap((portion) =>
    portion.integrations.flatMap(({ name, publishTo }, at) => {
      const place = portion.places.integrations[at];
      const claimed = [name, ...(Array.isArray(publishTo) ? publishTo : [])].map((each) => JSON.stringify(each));
      return claimed.flatMap((key) => {
        const twin = taken.get(key);
        if (!twin) taken.set(key, { portion, place });
        const clashes = key !== undefined && twin !== undefined && twin.portion !== portion;
        return clashes ? [`integrations[${place}]: ${key} is already taken by integrations[${twin.place}]`] : [];
      });
    }),
  );
}

const bytesOf = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
