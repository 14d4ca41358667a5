/** Does what is configured fit into IAM's and EventBridge's policies and patterns? Asked before anything is built, so that it is told as a fault. */

import type { Fault } from '../lambdas/configuration/checks.ts';
import type { AccountSpec, CredentialSource, IntegrationSpec, Target } from '../lambdas/contract.ts';
import { PATTERNS_ROOM } from './constructs/observed-reads.ts';
import { COPIES, type Kind, namesOrFolders, needOf, ROOM, type Rooms, shares } from './constructs/resource-names.ts';

/** As much of the configuration as fills policies and patterns. */
interface Sized {
  readonly accounts: readonly AccountSpec[];
  readonly integrations: readonly IntegrationSpec[];
}

/** What a role is allowed by name. */
interface Group {
  readonly path: 'accounts' | 'integrations';
  /** For people. */
  readonly what: string;
  readonly names: Readonly<Record<Kind, readonly string[]>>;
  readonly copies: Rooms;
}

const KINDS = ['ssm', 'secret'] as const;

/** Everything that each role is allowed by name, in one place: it has to fit together. Each role asks, so it is grouped once. */
function groupsOf(sized: Sized): Groups {
  const groups = known.get(sized) ?? grouped(sized);
  known.set(sized, groups);
  return groups;
}
const known = new WeakMap<Sized, Groups>();

function grouped({ accounts, integrations }: Sized) {
  const managed = accounts.filter(({ webhooks }) => webhooks === 'managed');
  const hooks = integrations.flatMap(({ deployHooks = [] }) => deployHooks);
  const headers = integrations.flatMap(({ sites }) => sites.flatMap((site) => Object.values(site.headers ?? {})));
  const apiKeys = (of: readonly AccountSpec[]) =>
    group(
      'accounts',
      'API keys',
      of.map(({ apiKey }) => apiKey),
    );
  const secrets = (of: readonly AccountSpec[]) =>
    group(
      'accounts',
      'webhook secrets',
      of.map(({ webhookSecret }) => webhookSecret),
    );
  return {
    rotate: {
      apiKeys: apiKeys(accounts),
      headers: group('integrations', 'headers of sites', headers),
      targets: group(
        'integrations',
        'targets',
        integrations.flatMap(({ targets }) => targets),
        COPIES.written,
      ),
      former: group(
        'integrations',
        'former targets',
        integrations.flatMap(({ formerTargets = [] }) => formerTargets),
      ),
    },
    registrar: { apiKeys: apiKeys(managed), secrets: secrets(managed) },
    webhook: { secrets: secrets(accounts) },
    backfill: { apiKeys: apiKeys(accounts) },
    hooks: {
      credentials: group(
        'integrations',
        'credentials of deploy hooks',
        hooks.map((hook) => (hook.kind === 'webhook' ? hook.url : hook.token)),
      ),
    },
  } satisfies Record<string, Record<string, Group>>;
}
type Groups = ReturnType<typeof grouped>;

function group(
  path: Group['path'],
  what: string,
  sources: readonly (CredentialSource | Target)[],
  copies: Rooms = COPIES.read,
): Group {
  const named = sources.map((source) => {
    if ('kind' in source) return source;
    return 'secret' in source
      ? { kind: 'secret' as const, name: source.secret }
      : { kind: 'ssm' as const, name: source.ssmParameter };
  });
  const of = (kind: Kind) => [...new Set(named.filter((each) => each.kind === kind).map(({ name }) => name))];
  return { path, what, names: { ssm: of('ssm'), secret: of('secret') }, copies };
}

/** How much room each group has in its role: all of it, if that is enough for everything; otherwise an even share. */
export function roomsOf<R extends keyof Groups>(sized: Sized, role: R): Readonly<Record<keyof Groups[R], Rooms>> {
  const groups: [string, Group][] = Object.entries(groupsOf(sized)[role]);
  const places = groups.flatMap(([name, { names, copies }]) =>
    KINDS.map((kind) => ({ name, kind, need: needOf(names[kind], copies[kind]) })),
  );
  const given = shares(
    places.map(({ need }) => need),
    ROOM,
  );
  const roomIn = (name: string, kind: Kind) =>
    given[places.findIndex((place) => place.name === name && place.kind === kind)] ?? 0;
  const rooms = groups.map(([name]) => [name, { ssm: roomIn(name, 'ssm'), secret: roomIn(name, 'secret') }]);
  return Object.fromEntries(rooms);
}

export function capacityFaults(sized: Sized & { readonly usageFromCloudTrail: boolean }): Fault[] {
  const all = groupsOf(sized);
  const faults = (Object.keys(all) as (keyof Groups)[]).flatMap((role) => {
    const rooms: Readonly<Record<string, Rooms>> = roomsOf(sized, role);
    return Object.entries(all[role]).flatMap(([name, { path, what, names, copies }]: [string, Group]) =>
      KINDS.flatMap((kind) =>
        fault(path, `${what} of the kind "${kind}"`, names[kind], copies[kind], rooms[name]?.[kind] ?? 0),
      ),
    );
  });
  const { names } = all.rotate.targets;
  const observed = KINDS.flatMap((kind) =>
    fault('usageFromCloudTrail', `targets of the kind "${kind}"`, names[kind], 1, PATTERNS_ROOM),
  );
  // The same names stand in several roles.
  const once = new Map(faults.map((found) => [found.message, found]));
  return [...once.values(), ...(sized.usageFromCloudTrail ? observed : [])];
}

function fault(path: string, what: string, names: readonly string[], copies: number, room: number): Fault[] {
  try {
    namesOrFolders(names, copies, room);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: [path], message: `${what}: ${error.message}` }];
  }
}
