/** A call that registers accounts and integrations: the schema and the checks of a configuration file, and those of the namespace. */
import * as z from 'zod';
import type { AccountSpec, IntegrationSpec, Namespace } from '../contract.ts';
import { crossFaults, type Fault, listOf, objectOf, textOf } from './checks.ts';
import { completeAccount, completeIntegration } from './complete.ts';
import { account, integration } from './entries.ts';
import { linesOf, say, toFaults } from './faults.ts';
import { apiKeyPlace, namespaceFaults, webhookSecretPlace } from './namespace.ts';
import { credential } from './places.ts';
import { name, text } from './words.ts';

/** Lambda takes 6 MB; this much is written within a minute. */
export const MOST_ENTRIES = 2_000;

const revision = z.int('must be a whole number').min(1, 'must be at least 1').optional();
const asked = {
  requestedBy: text.max(200, 'is longer than 200 characters').optional(),
  reason: text.max(500, 'is longer than 500 characters').optional(),
  dryRun: z.boolean().default(false),
};
const TOO_MANY = `must hold at most ${MOST_ENTRIES} entries: register in several calls`;
const registration = z.strictObject({
  action: z.literal('register'),
  accounts: z
    .array(account.extend({ name, apiKey: credential.optional(), revision }))
    .max(MOST_ENTRIES, TOO_MANY)
    .default([]),
  integrations: z
    .array(integration({ allowShort: false }).extend({ revision }))
    .max(MOST_ENTRIES, TOO_MANY)
    .default([]),
  ...asked,
});

/** `revision`: of the entry that it replaces, as whoever asks has read it. */
export type Wanted<T> = T & { readonly revision?: number };

export interface Asked {
  readonly requestedBy?: string;
  readonly reason?: string;
  readonly dryRun: boolean;
}

export interface Registration extends Asked {
  readonly accounts: readonly Wanted<AccountSpec>[];
  readonly integrations: readonly Wanted<IntegrationSpec>[];
}

/** Names that a call speaks of, as far as it can be read. What can be no name is a fault, and nobody is asked for it. */
export function namesIn(payload: unknown): { readonly accounts: readonly string[]; readonly all: readonly string[] } {
  const { accounts, integrations } = objectOf(payload);
  const named = (entries: unknown, key: string) =>
    listOf(entries).flatMap((entry) => name.safeParse(objectOf(entry)[key]).data ?? []);
  const ofAccounts = [...new Set([...named(accounts, 'name'), ...named(integrations, 'account')])];
  return {
    accounts: ofAccounts.slice(0, 2 * MOST_ENTRIES),
    all: [...new Set([...ofAccounts, ...named(integrations, 'name')])],
  };
}

/** @param registered names of accounts that are there already. @returns what is asked for, or every fault, a line each */
export function readRegistration(
  payload: unknown,
  namespace: Namespace,
  registered: readonly string[],
): { readonly registration: Registration } | { readonly faults: readonly string[] } {
  const parsed = registration.safeParse(payload, { error: say });
  const issues = parsed.error?.issues ?? [];
  // Checks across entries compare each with the others: of as many as may be.
  const isBounded = !issues.some((issue) => issue.code === 'too_big' && issue.origin === 'array');
  const faults = [...issues.flatMap(toFaults), ...(isBounded ? checked(payload, namespace, registered) : [])];
  if (!parsed.success || faults.length > 0) return { faults: linesOf(faults) };
  const { accounts, integrations, action: _, ...rest } = parsed.data;
  return {
    registration: {
      ...rest,
      accounts: accounts.map(({ name, revision, apiKey, ...entry }) => ({
        ...completeAccount(
          name,
          { ...entry, apiKey: apiKey ?? { secret: apiKeyPlace(namespace, name) } },
          { webhookSecret: webhookSecretPlace(namespace, name), standIn: namespace.standIn },
        ),
        ...(revision === undefined ? {} : { revision }),
      })),
      integrations: integrations.map(({ revision, ...entry }) => ({
        ...completeIntegration(entry, undefined),
        ...(revision === undefined ? {} : { revision }),
      })),
    },
  };
}

/** The checks across entries, which speak of accounts by name, as a file has them. */
function checked(payload: unknown, namespace: Namespace, registered: readonly string[]): Fault[] {
  const { accounts: rawAccounts, integrations: rawIntegrations } = objectOf(payload);
  const [accounts, integrations] = [listOf(rawAccounts).map(objectOf), listOf(rawIntegrations).map(objectOf)];
  const indexes = new Map<string, number>();
  const twice: Fault[] = [];
  for (const [index, entry] of accounts.entries()) {
    const name = textOf(entry.name);
    if (name === undefined) continue;
    const first = indexes.get(name);
    if (first === undefined) indexes.set(name, index);
    else twice.push({ path: ['accounts', index, 'name'], message: `${name} is already taken by accounts[${first}]` });
  }
  const byName = Object.fromEntries([
    ...registered.map((known) => [known, {}] as const),
    ...accounts.map((entry) => [textOf(entry.name) ?? '', entry] as const),
  ]);
  const across = crossFaults({ accounts: byName, integrations }, namespace.standIn).map(({ path, message }) => {
    const [top, key, ...rest] = path;
    const index = top === 'accounts' ? indexes.get(String(key)) : undefined;
    return { path: index === undefined ? path : ['accounts', index, ...rest], message };
  });
  return [
    ...twice,
    ...across,
    ...namespaceFaults(accounts, integrations, namespace),
    ...tooLarge('accounts', accounts),
    ...tooLarge('integrations', integrations),
  ];
}

/** Half of what an item of the ledger has room for: the names of its attributes are longer there. */
const MOST_BYTES = 200_000;
const tooLarge = (setting: string, entries: readonly object[]): Fault[] =>
  entries.flatMap((entry, index) => {
    const bytes = Buffer.byteLength(JSON.stringify(entry));
    const message = `is too large: ${bytes} bytes, of at most ${MOST_BYTES}`;
    return bytes > MOST_BYTES ? [{ path: [setting, index], message }] : [];
  });

const names = z.array(name).max(MOST_ENTRIES, `must name at most ${MOST_ENTRIES}`);
const unregistration = z
  .strictObject({
    action: z.literal('unregister'),
    accounts: names.default([]),
    integrations: names.default([]),
    ...asked,
  })
  .refine(({ accounts, integrations }) => accounts.length + integrations.length > 0, {
    error: 'names neither "accounts" nor "integrations"',
  });
export type Unregistration = Omit<z.output<typeof unregistration>, 'action'>;

export function readUnregistration(
  payload: unknown,
): { readonly unregistration: Unregistration } | { readonly faults: readonly string[] } {
  const { data, error } = unregistration.safeParse(payload, { error: say });
  return data ? { unregistration: data } : { faults: linesOf(error.issues.flatMap(toFaults)) };
}

/** Of one answer, which Lambda bounds by 6 MB. */
export const MOST_LISTED = 1_000;
const listing = z.strictObject({
  action: z.enum(['list', 'export', 'get']),
  accounts: names.optional(),
  after: text.max(200).optional(),
  limit: z.int('must be a whole number').min(1).max(MOST_LISTED).default(MOST_LISTED),
});
export type ListingWish = z.output<typeof listing>;

export function readListing(
  payload: unknown,
): { readonly listing: ListingWish } | { readonly faults: readonly string[] } {
  const { data, error } = listing.safeParse(payload, { error: say });
  return data ? { listing: data } : { faults: linesOf(error.issues.flatMap(toFaults)) };
}
