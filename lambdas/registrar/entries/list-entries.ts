/** What the API has registered: names with their owners, or whole entries as they can be registered again. */
import { accountAsWritten, integrationAsWritten } from '../../configuration/as-written.ts';
import { type ListingWish, readListing } from '../../configuration/registration.ts';
import type { Account } from '../../domain/model.ts';
import { inBatches } from '../register.ts';
import { type EntryAnswer, rejected } from './answers.ts';
import type { EntryCall, EntryPorts } from './ports.ts';

export interface Listed {
  readonly outcome: 'listed' | 'exported';
  readonly message: string;
  /** `list`: `{ name, environment, revision, integrations }`. `export`: what `register` takes. */
  readonly accounts: readonly unknown[];
  /** `list`: `{ name, owner, account, revision }`. `export`: what `register` takes. */
  readonly integrations: readonly unknown[];
  /** There is more: ask again with `after`. */
  readonly after?: string;
}

/** Accounts in the order of their names, with their integrations. */
export async function listEntries(
  payload: unknown,
  { ledger }: EntryPorts,
  call: EntryCall,
): Promise<Listed | EntryAnswer> {
  const read = readListing(payload);
  if ('faults' in read) return rejected(read.faults);
  const { listing } = read;
  const [all, registry] = await Promise.all([ledger.accounts(), ledger.integrations()]);
  const names = wantedOf(all, listing, call.only);
  const page = names.slice(0, listing.limit);
  const found = await inBatches(page, call.signal, (name) => ledger.account(name));
  const accounts = found.filter((account): account is Account => account?.owner === 'api' && account.managed !== false);
  const within = new Set(accounts.map(({ name }) => name));
  const entries = registry.filter(({ account, owner }) => owner === 'api' && account && within.has(account));
  const configs = await inBatches(entries, call.signal, ({ integration }) => ledger.config(integration));
  const integrations = configs.filter((config) => config?.managed).filter((config) => config !== undefined);
  const rest = names.length > page.length ? { after: page.at(-1) } : {};
  const message = `${accounts.length} accounts with ${integrations.length} integrations.`;
  if (listing.action === 'list')
    return {
      outcome: 'listed',
      message,
      accounts: accounts.map(({ name, environment, revision }) => ({
        ...{ name, owner: 'api', environment, revision },
        integrations: integrations.filter(({ account }) => account === name).map((each) => each.name),
      })),
      integrations: integrations.map(({ name, account, revision }) => ({ name, owner: 'api', account, revision })),
      ...rest,
    };
  return {
    outcome: 'exported',
    message,
    accounts: accounts.map(accountAsWritten),
    integrations: integrations.map(integrationAsWritten),
    ...rest,
  };
}

const wantedOf = (all: readonly string[], { accounts, after = '' }: ListingWish, only: string): readonly string[] =>
  all
    .filter((name) => name.startsWith(only) && name > after && (accounts === undefined || accounts.includes(name)))
    .toSorted();
