/**
 * What to do next about an account's notification destination. Pure: facts in, one step out. Every step can be repeated,
 * and a crash between any two is healed by deciding again.
 */

import type { Instant } from '../../domain/model.ts';
import type { Destination, DestinationSettings, TrafficSource } from '../../paddle/notification-settings.ts';
import { AUDITED_EVENTS } from '../../paddle/notification-settings.ts';
import { addressOf, DEFAULT_OVERLAP_MS, type DestinationRecord, generationOf, MOST_SECRET_AGE_MS } from './model.ts';

export interface Facts {
  readonly now: Instant;
  /** The account's address without a query. */
  readonly endpoint: string;
  readonly found: readonly Destination[];
  /** The secrets that the webhook accepts now, newest first. */
  readonly stored: readonly string[];
  readonly record: DestinationRecord;
  readonly prove: boolean;
  /** A test before this instant does not count. Absent: any test of the destination does. */
  readonly provenSince?: Instant;
}

export type Step = { readonly message: string } & (
  | { readonly kind: 'done' }
  | { readonly kind: 'create'; readonly settings: DestinationSettings }
  | { readonly kind: 'repair'; readonly id: string; readonly settings: Partial<DestinationSettings> }
  /** Write the account's webhook secret. Before a destination sends anything that only a new secret verifies. */
  | { readonly kind: 'store'; readonly secrets: readonly string[] }
  | { readonly kind: 'prove'; readonly destination: Destination }
  | { readonly kind: 'retire'; readonly id: string }
  | { readonly kind: 'record'; readonly record: DestinationRecord }
);

export function decideStep(facts: Facts): Step {
  const { record, endpoint } = facts;
  const current = serving(facts, record.generation, record.destinationId);
  if (!current) return create(addressOf(endpoint, record.generation), 'all');
  const flaws = differences(current, settingsOf(addressOf(endpoint, record.generation), 'all'));
  // Secrets are added before anything is sent under them, and taken away only when nothing is any more.
  return (
    addSecrets(facts, current) ??
    repair(current, flaws) ??
    rotate(facts, current) ??
    retireSurplus(facts, current) ??
    tidySecrets(facts, current) ??
    remember(facts, current) ??
    proveCurrent(facts, current) ?? { kind: 'done', message: `${current.id} delivers to ${current.url}` }
  );
}

/** Without a record: the generation that Paddle knows as the one in service, so that its secret stays the same. */
export function generationAtPaddle(found: readonly Destination[], endpoint: string): number {
  const known = found.flatMap((each) => {
    const generation = generationOf(endpoint, each.url);
    return generation === undefined ? [] : [{ generation, active: each.active }];
  });
  const active = known.filter((each) => each.active);
  return Math.max(1, ...(active.length > 0 ? active : known).map(({ generation }) => generation));
}

/** Settings of a destination of ours. It takes simulations as well, so that its way can be tested. */
const settingsOf = (url: string, trafficSource: TrafficSource): DestinationSettings => ({
  url,
  active: true,
  events: AUDITED_EVENTS,
  apiVersion: 1,
  trafficSource,
});

/** The destination of a generation. Several at one address: the one that needs no repair, since Paddle refuses equals. */
function serving({ found, endpoint }: Facts, generation: number, id?: string): Destination | undefined {
  const url = addressOf(endpoint, generation);
  const there = found.filter((destination) => destination.url === url);
  const faultless = there.find((each) => Object.keys(differences(each, settingsOf(url, 'all'))).length === 0);
  const known = found.find((each) => each.id === id);
  return faultless ?? there.find((each) => each.id === id) ?? there.find((each) => each.active) ?? there[0] ?? known;
}

function differences(found: Destination, wanted: DestinationSettings): Partial<DestinationSettings> {
  const { url, active, events, apiVersion, trafficSource } = wanted;
  const sameEvents = found.events.length === events.length && events.every((name) => found.events.includes(name));
  return {
    ...(found.url === url ? {} : { url }),
    ...(found.active === active ? {} : { active }),
    ...(sameEvents ? {} : { events }),
    ...(found.apiVersion === apiVersion ? {} : { apiVersion }),
    ...(found.trafficSource === trafficSource ? {} : { trafficSource }),
  };
}

const create = (url: string, trafficSource: TrafficSource): Step => ({
  kind: 'create',
  settings: settingsOf(url, trafficSource),
  message: `Creating the notification destination ${url}`,
});

function repair({ id }: Destination, settings: Partial<DestinationSettings>): Step | undefined {
  const names = Object.keys(settings);
  if (names.length === 0) return undefined;
  return { kind: 'repair', id, settings, message: `Setting ${names.join(', ')} of ${id}` };
}

/** Of the destinations in service, the newest first. */
function secretsInService(facts: Facts, current: Destination): readonly string[] {
  const next = facts.record.rotation && serving(facts, facts.record.rotation.to);
  return next ? [next.secret, current.secret] : [current.secret];
}

function addSecrets(facts: Facts, current: Destination): Step | undefined {
  const secrets = secretsInService(facts, current);
  if (secrets.every((secret) => facts.stored.includes(secret))) return undefined;
  return { kind: 'store', secrets, message: `Storing the secrets of ${secrets.length} destination(s) in service` };
}

function tidySecrets(facts: Facts, current: Destination): Step | undefined {
  const secrets = secretsInService(facts, current);
  if (facts.stored.every((secret) => secrets.includes(secret))) return undefined;
  return { kind: 'store', secrets, message: 'Taking away the secrets of destinations that are silent now' };
}

/**
 * A new destination that gets test events only; its secret stored beside the old one; a test; then everything, to
 * both; after the overlap, the old one falls silent, and its secret goes.
 */
function rotate(facts: Facts, current: Destination): Step | undefined {
  const { record, now, endpoint } = facts;
  const { rotation } = record;
  if (!rotation) return overdue(facts);
  const url = addressOf(endpoint, rotation.to);
  const next = serving(facts, rotation.to);
  if (!next) return create(url, 'simulation');
  const opened = repair(next, differences(next, settingsOf(url, rotation.checkedAt ? 'all' : 'simulation')));
  if (opened) return opened;
  const note = (change: Partial<typeof rotation>, message: string): Step => ({
    kind: 'record',
    record: { ...record, rotation: { ...rotation, ...change } },
    message,
  });
  if (!rotation.checkedAt) {
    if (!facts.prove) return note({ checkedAt: now }, 'The test is left out, as configured');
    return { kind: 'prove', destination: next, message: `Testing ${next.id} before it takes over` };
  }
  if (!rotation.openedAt) return note({ openedAt: now }, `${next.id} and ${current.id} both receive everything`);
  if (Date.parse(now) < Date.parse(rotation.openedAt) + rotation.overlapMs) return undefined;
  // From here on the old one is in no service, and the next steps silence it and then take its secret away.
  const { rotation: _, ...rest } = record;
  const done = { ...rest, generation: rotation.to, destinationId: next.id, secretSince: rotation.openedAt };
  return { kind: 'record', record: done, message: `${next.id} has taken over` };
}

function overdue({ record, now }: Facts): Step | undefined {
  const { secretSince, generation } = record;
  if (!secretSince || Date.parse(now) < Date.parse(secretSince) + MOST_SECRET_AGE_MS) return undefined;
  const rotation = beginRotation({ generation }, now, DEFAULT_OVERLAP_MS, 'a year old');
  return { kind: 'record', record: { ...record, rotation }, message: 'The webhook secret is a year old' };
}

export const beginRotation = (
  { generation }: Pick<DestinationRecord, 'generation'>,
  requestedAt: Instant,
  overlapMs: number,
  reason?: string,
) => ({ to: generation + 1, requestedAt, overlapMs, ...(reason ? { reason } : {}) });

const retire = ({ id, url }: Destination): Step => ({ kind: 'retire', id, message: `Deactivating ${id} at ${url}` });

/** Active, at an address of ours, and of no generation in service: its secret is not accepted any more. */
function retireSurplus({ found, endpoint, record }: Facts, current: Destination): Step | undefined {
  const surplus = found.find((each) => {
    const generation = generationOf(endpoint, each.url);
    return each.active && generation !== undefined && each.id !== current.id && generation !== record.rotation?.to;
  });
  return surplus && retire(surplus);
}

function remember({ record, now }: Facts, current: Destination): Step | undefined {
  if (record.destinationId === current.id && record.secretSince && !record.failure) return undefined;
  const { failure: _, ...rest } = record;
  const secretSince = record.destinationId === current.id ? (record.secretSince ?? now) : now;
  const known = { ...rest, destinationId: current.id, secretSince };
  return { kind: 'record', record: known, message: `${current.id} is the destination of ${record.account}` };
}

function proveCurrent({ record, prove, provenSince = '' }: Facts, current: Destination): Step | undefined {
  if (!prove || (record.proved?.destinationId === current.id && record.proved.at >= provenSince)) return undefined;
  return { kind: 'prove', destination: current, message: `Testing ${current.id}` };
}
