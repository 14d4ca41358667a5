/** What the API has registered: names with their owners, or whole entries as they can be registered again. */
import { accountAsWritten, integrationAsWritten } from '../../configuration/as-written.ts';
import { type ListingWish, readListing } from '../../configuration/registration.ts';
import { batchesOf } from '../../domain/batches.ts';
import type { Account, IntegrationConfig } from '../../domain/model.ts';
import { inBatches, type RegistryEntry } from '../register.ts';
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

/** Lambda bounds an answer by 6 MB. */
const MOST_BYTES = 4_000_000;
const MOST_READ = 5_000;
const SIDE_BY_SIDE = 25;

/** Accounts in the order of their names, each with its integrations; a page may end within those of one account. */
export async function listEntries(
  payload: unknown,
  { ledger }: EntryPorts,
  call: EntryCall,
): Promise<Listed | EntryAnswer> {
  const read = readListing(payload);
  if ('faults' in read) return rejected(read.faults);
  const { listing } = read;
  const [all, registry] = await Promise.all([ledger.accounts(), ledger.integrations()]);
  const seen = registry.filter(({ integration }) => integration.startsWith(call.only));
  const cursors = cursorsOf(wantedOf(all, listing, call.only), seen).filter((each) => each > (listing.after ?? ''));
  const { accounts, integrations, after } = await pageOf(cursors, listing.limit, ledger, call);
  const rest = after === undefined ? {} : { after };
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

const wantedOf = (all: readonly string[], { accounts }: ListingWish, only: string): readonly string[] => {
  const wanted = accounts && new Set(accounts);
  return all.filter((name) => name.startsWith(only) && (wanted === undefined || wanted.has(name)));
};

/** `acme`, `acme acme-shop`, `acme-two`: a blank sorts before all that a name may hold. */
function cursorsOf(names: readonly string[], registry: readonly RegistryEntry[]): readonly string[] {
  const within = new Set(names);
  const entries = registry.filter(({ account, owner }) => owner === 'api' && account && within.has(account));
  return [...names, ...entries.map(({ account, integration }) => `${account} ${integration}`)].sort();
}

interface Page {
  readonly accounts: readonly Account[];
  readonly integrations: readonly IntegrationConfig[];
  readonly after?: string;
}

/** Of so many accounts, and of as many bytes as an answer has room for. */
async function pageOf(
  cursors: readonly string[],
  limit: number,
  ledger: EntryPorts['ledger'],
  { signal }: EntryCall,
): Promise<Page> {
  const [accounts, integrations]: [Account[], IntegrationConfig[]] = [[], []];
  let [names, read, bytes, after] = [0, 0, 0, undefined as string | undefined];
  for (const batch of batchesOf(SIDE_BY_SIDE, cursors)) {
    const found = await inBatches(batch, signal, (cursor) => entryAt(cursor, ledger));
    for (const [at, { account, config }] of found.entries()) {
      const isAccount = !batch[at]?.includes(' ');
      const entry = account ?? config;
      const size = entry === undefined ? 0 : Buffer.byteLength(JSON.stringify(entry));
      const isFull = (isAccount && names === limit) || read === MOST_READ || (read > 0 && bytes + size > MOST_BYTES);
      if (isFull) return { accounts, integrations, after };
      after = batch[at];
      if (isAccount) names += 1;
      [read, bytes] = [read + 1, bytes + size];
      if (account) accounts.push(account);
      if (config) integrations.push(config);
    }
  }
  return { accounts, integrations };
}

/** Nothing when it has left, or is not the API's any more. */
async function entryAt(
  cursor: string,
  ledger: EntryPorts['ledger'],
): Promise<{ readonly account?: Account; readonly config?: IntegrationConfig }> {
  const [name = '', integration] = cursor.split(' ');
  if (integration === undefined) {
    const account = await ledger.account(name);
    return account?.owner === 'api' && account.managed !== false ? { account } : {};
  }
  const config = await ledger.config(integration);
  return config?.owner === 'api' && config.managed ? { config } : {};
}
