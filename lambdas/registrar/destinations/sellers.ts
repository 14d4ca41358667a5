/** The destinations of accounts that came by the API: too many for one run, and none of them the concern of another. */
import { stableHash } from '../../domain/hash.ts';
import type { Account } from '../../domain/model.ts';
import { type Finding, reconcileDestinations } from './all-destinations.ts';
import type { DestinationPorts } from './ports.ts';

export interface Seller {
  readonly account: string;
  /** Registered or changed, and its destination not in order since. */
  readonly webhooksOwed: boolean;
  /** Of the account, when that was noted. */
  readonly revision?: number;
}

export interface SellerRegistry {
  sellers(): Promise<readonly Seller[]>;
  /** Its destination is in order, as far as it is what was read: whoever has changed meanwhile is owed one still. */
  webhooksSettled(seller: Seller): Promise<void>;
}

/** Of the schedule (ms). */
export const EVERY_MS = 5 * 60_000;
const RUNS_A_DAY = (24 * 3_600_000) / EVERY_MS;
/** A new destination takes about six calls, so that a run uses a fifth of what an address has. */
export const OWED_PER_RUN = 40;

/** Those that are owed take turns, so that some that cannot be mended keep nobody waiting; of the others, each comes once a day. */
export function turnOf(sellers: readonly Seller[], now: number): readonly string[] {
  const run = Math.floor(now / EVERY_MS);
  const sorted = sellers.toSorted((a, b) => (a.account < b.account ? -1 : 1));
  const owed = sorted.filter(({ webhooksOwed }) => webhooksOwed);
  const turns = Math.max(1, Math.ceil(owed.length / OWED_PER_RUN));
  const begin = (run % turns) * OWED_PER_RUN;
  const others = sorted.filter(
    ({ account, webhooksOwed }) => !webhooksOwed && stableHash(account) % RUNS_A_DAY === run % RUNS_A_DAY,
  );
  return [...owed.slice(begin, begin + OWED_PER_RUN), ...others].map(({ account }) => account);
}

export interface SellersMaintained {
  readonly outcome: 'maintained';
  readonly message: string;
  /** Not in order: each is noted beside its account, and tried again. No failure of the run: nobody else is concerned. */
  readonly failing: readonly Pick<Finding, 'account' | 'message'>[];
}

export async function maintainSellers(
  ports: DestinationPorts,
  registry: SellerRegistry,
  signal: AbortSignal,
): Promise<SellersMaintained> {
  const sellers = new Map((await registry.sellers()).map((seller) => [seller.account, seller]));
  const names = turnOf([...sellers.values()], ports.clock.now());
  const accounts = await Promise.all(names.map((name) => ports.ledger.account(name)));
  const isOurs = (account: Account | undefined) => account?.owner === 'api' && account.managed !== false;
  const managed = accounts.filter((account) => account !== undefined).filter(isOurs);
  const findings = await reconcileDestinations(managed, ports, { signal });
  const isSettled = ({ outcome }: Finding) => outcome === 'registered' || outcome === 'manual';
  const left = names.filter((_, index) => !isOurs(accounts[index]));
  for (const account of [...findings.filter(isSettled).map((finding) => finding.account), ...left]) {
    const seller = sellers.get(account);
    if (seller) await registry.webhooksSettled(seller);
  }
  const failing = findings.filter((finding) => !isSettled(finding));
  const message = `${findings.length} accounts of the API looked at, ${failing.length} not in order.`;
  return { outcome: 'maintained', message, failing: failing.map(({ account, message }) => ({ account, message })) };
}
