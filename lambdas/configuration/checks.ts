/**
 * Checks across the entries of a configuration. They read the raw input, as far as it has the right shape, so that
 * a duplicate is reported in the same run as a mistyped duration.
 */
import { consumerAlias, DEFAULT_PREFIX, HOSTS, namesFor } from '../contract.ts';
import { urlFault } from './words.ts';

export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type Raw = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
export const objectOf = (value: unknown): Raw => (isObject(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The variable that replaces every `apiUrl`. */
const STAND_IN = 'PADDLEWHEEL_PADDLE_URL';

/** Lambda gives all environment variables together 4 KB; this leaves room for the others. */
const WEBHOOK_SECRETS_MAX = 3_000;

/** `standIn`: the address that replaces every account's `apiUrl`, if one does. */
export function crossFaults(input: unknown, standIn?: string): Fault[] {
  const config = objectOf(input);
  const accounts = objectOf(config.accounts);
  const integrations = listOf(config.integrations).map(objectOf);
  const { webhookSecret } = namesFor(textOf(config.prefix) ?? DEFAULT_PREFIX);
  return [
    ...unknownAccounts(accounts, integrations),
    ...duplicates(places(integrations, (entry) => [[['name'], textOf(entry.name)]])),
    ...targetConflicts(integrations),
    ...formerConflicts(integrations),
    ...duplicates(places(integrations, (entry) => [[['adopt'], textOf(entry.adopt)]])),
    ...duplicates(places(integrations, consumersOf), ofOneIntegration),
    ...boundTwice(integrations),
    ...duplicates(places(integrations, hooksOf), ofOneIntegration),
    ...overwrittenCredentials(accounts, integrations, webhookSecret),
    ...Object.entries(accounts).flatMap(([name, raw]) => unmanageableSecret(name, objectOf(raw))),
    ...Object.entries(accounts).flatMap(([name, raw]) => hostFaults(name, objectOf(raw), standIn)),
  ];
}

/** Those that only a file has: it fills the environment of a function, and a variable may stand in for every address. */
export function fileFaults(input: unknown, standIn?: string): Fault[] {
  const config = objectOf(input);
  const { webhookSecret } = namesFor(textOf(config.prefix) ?? DEFAULT_PREFIX);
  return [...tooManyAccounts(objectOf(config.accounts), webhookSecret), ...standInFaults(standIn)];
}

/** As many as a person reads. */
const MOST_NAMES = 20;

function unknownAccounts(accounts: Raw, integrations: readonly Raw[]): Fault[] {
  return integrations.flatMap((entry, index) => {
    const account = textOf(entry.account);
    if (account === undefined || Object.hasOwn(accounts, account)) return [];
    const names = Object.keys(accounts);
    const known = names.length > MOST_NAMES ? names.length : names.join(', ') || 'none';
    return [
      { path: ['integrations', index, 'account'], message: `there is no account "${account}" (accounts: ${known})` },
    ];
  });
}

type Place = readonly [path: (string | number)[], key: string | undefined];

const places = (integrations: readonly Raw[], of: (entry: Raw) => readonly Place[]): readonly Place[] =>
  integrations.flatMap((entry, index) =>
    of(entry).map(([path, key]): Place => [['integrations', index, ...path], key]),
  );

/** Where an account's webhook secret is kept unless the configuration says otherwise. */
type SecretOf = (account: string) => string;

/** SSM takes `/a` and `a` for the same parameter, as their ARNs show. */
const placeKey = (raw: Raw): string | undefined => {
  const parameter = textOf(raw.ssmParameter);
  if (parameter !== undefined)
    return `ssm parameter ${parameter.replace(/^arn:.*:parameter(?=\/)/, '').replace(/^\//, '')}`;
  const secret = textOf(raw.secret);
  return secret === undefined ? undefined : `secret ${secret.replace(/^arn:.*:secret:(.*)-\w{6}$/, '$1')}`;
};

const targetsOf = (entry: Raw): Place[] =>
  listOf(entry.publishTo).map((target, index) => [['publishTo', index], placeKey(objectOf(target))]);
const consumersOf = (entry: Raw): Place[] =>
  listOf(entry.consumers).map((each, index) => [['consumers', index], nameOf(each)]);
const nameOf = (consumer: unknown): string | undefined => textOf(consumer) ?? textOf(objectOf(consumer).name);

/** Each takes an alias with a permission: a template has room for 500 resources, and a function's policy for 20 KB. */
const MOST_BOUND = 50;

/** The alias stands for the consumer wherever it reports, so that its name means one role, and no other name the same alias. */
function boundTwice(integrations: readonly Raw[]): Fault[] {
  const roles = new Map<string, { name: string; role: string }>();
  const faults = integrations.flatMap((entry, index) =>
    listOf(entry.consumers).flatMap((raw, at) => {
      const [name, role] = [nameOf(raw), textOf(objectOf(raw).role)];
      if (name === undefined || role === undefined) return [];
      const path = ['integrations', index, 'consumers', at];
      const other = roles.get(consumerAlias(name));
      if (!other) roles.set(consumerAlias(name), { name, role });
      if (other && other.name !== name)
        return [{ path, message: `"${name}" and "${other.name}" would share the alias ${consumerAlias(name)}` }];
      if (other && other.role !== role) return [{ path, message: `"${name}" is already bound to ${other.role}` }];
      return [];
    }),
  );
  const message = `${roles.size} consumers are bound to roles, and a stack has room for ${MOST_BOUND}: let some share a name, or a role`;
  return roles.size > MOST_BOUND ? [...faults, { path: ['integrations'], message }] : faults;
}

/** The same hook twice would start the same build twice. */
const hooksOf = (entry: Raw): Place[] =>
  listOf(entry.deployHooks).map((raw, index) => {
    const { kind, url, repository, eventType } = objectOf(raw);
    const github = textOf(repository) && `${repository} ${textOf(eventType) ?? ''}`.trim();
    return [['deployHooks', index], kind === 'github' ? github : placeKey(objectOf(url))];
  });

const ofOneIntegration = (path: Place[0]): string => `${path[1]} `;

/** `within`: what must be the same besides, for two to meet. */
function duplicates(all: readonly Place[], within: (path: Place[0]) => string = () => ''): Fault[] {
  const seen = new Map<string, Place[0]>();
  return all.flatMap(([path, key]) => {
    if (key === undefined) return [];
    const place = `${within(path)}${key}`;
    const twin = seen.get(place);
    if (!twin) seen.set(place, path);
    return twin ? [{ path, message: `${key} is already taken by integrations[${twin[1]}]` }] : [];
  });
}

interface TargetPlace {
  readonly path: readonly [string, number, string, number];
  readonly place: string;
  readonly jsonKey: string | undefined;
}

const targetPlaces = (entry: Raw, integration: number, setting: 'publishTo' | 'formerTargets'): TargetPlace[] =>
  listOf(entry[setting]).flatMap((raw, index) => {
    const place = placeKey(objectOf(raw));
    const jsonKey = textOf(objectOf(raw).jsonKey);
    return place === undefined ? [] : [{ path: ['integrations', integration, setting, index], place, jsonKey }];
  });

/** Two keys of one secret do not meet; a key and the whole secret do. */
const collide = (a: TargetPlace, b: TargetPlace): boolean =>
  a.place === b.place && (a.jsonKey === undefined || b.jsonKey === undefined || a.jsonKey === b.jsonKey);

function targetConflicts(integrations: readonly Raw[]): Fault[] {
  const earlier = new Map<string, TargetPlace[]>();
  return integrations
    .flatMap((entry, index) => targetPlaces(entry, index, 'publishTo'))
    .flatMap((target) => {
      const inPlace = earlier.get(target.place) ?? [];
      const twin = inPlace.find((other) => collide(other, target));
      inPlace.push(target);
      earlier.set(target.place, inPlace);
      return twin
        ? [{ path: target.path, message: `${described(target, twin)} by integrations[${twin.path[1]}]` }]
        : [];
    });
}

function described({ place, jsonKey }: TargetPlace, twin: TargetPlace): string {
  if (jsonKey === twin.jsonKey)
    return `${jsonKey === undefined ? '' : `key "${jsonKey}" of `}${place} is already taken`;
  return jsonKey === undefined
    ? `${place} as a whole cannot hold a token: its key "${twin.jsonKey}" is already taken`
    : `key "${jsonKey}" of ${place} cannot hold a token: the whole secret is already taken`;
}

/** A target of now is read in any case, and nothing is said about it twice. */
const formerConflicts = (integrations: readonly Raw[]): Fault[] =>
  integrations.flatMap((entry, index) => {
    const now = targetPlaces(entry, index, 'publishTo');
    return targetPlaces(entry, index, 'formerTargets')
      .filter((former) => now.some((target) => target.place === former.place && target.jsonKey === former.jsonKey))
      .map(({ path, place }) => ({ path, message: `${place} is still in publishTo` }));
  });

/** Publishing there would destroy the very credential that Paddlewheel works with. */
function overwrittenCredentials(accounts: Raw, integrations: readonly Raw[], secretOf: SecretOf): Fault[] {
  const credentials = new Map<string, string>();
  for (const [name, raw] of Object.entries(accounts)) {
    const account = objectOf(raw);
    const apiKey = placeKey(objectOf(account.apiKey));
    const webhookSecret = placeKey(objectOf(account.webhookSecret ?? { secret: secretOf(name) }));
    if (apiKey) credentials.set(apiKey, `the API key of account "${name}"`);
    if (webhookSecret) credentials.set(webhookSecret, `the webhook secret of account "${name}"`);
  }
  for (const entry of integrations) {
    for (const { url, token } of listOf(entry.deployHooks).map(objectOf)) {
      const key = placeKey(objectOf(url ?? token));
      if (key) credentials.set(key, 'the credential of a deploy hook');
    }
  }
  return places(integrations, targetsOf).flatMap(([path, key]) => {
    const credential = key === undefined ? undefined : credentials.get(key);
    return credential ? [{ path, message: `${key} holds ${credential}; a token must not be published there` }] : [];
  });
}

function tooManyAccounts(accounts: Raw, secretOf: SecretOf): Fault[] {
  const sources = Object.entries(accounts).map(([name, raw]) => [
    name,
    objectOf(raw).webhookSecret ?? { secret: secretOf(name) },
  ]);
  const length = JSON.stringify(Object.fromEntries(sources)).length;
  const message = `the places of the webhook secrets take ${length} characters, and a Lambda environment has room for ${WEBHOOK_SECRETS_MAX}; use fewer accounts or shorter names, or register them by the API (docs/platform.md)`;
  return length > WEBHOOK_SECRETS_MAX ? [{ path: ['accounts'], message }] : [];
}

/** A managed secret is rewritten while its destination is replaced, which Secrets Manager keeps versions of. */
function unmanageableSecret(name: string, { webhooks, webhookSecret }: Raw): Fault[] {
  if (webhooks === 'manual' || textOf(objectOf(webhookSecret).ssmParameter) === undefined) return [];
  const message =
    'is an SSM parameter, but Paddlewheel keeps the webhook secret in Secrets Manager: name a secret, or set webhooks: "manual"';
  return [{ path: ['accounts', name, 'webhookSecret'], message }];
}

function standInFaults(standIn: string | undefined): Fault[] {
  const message = standIn === undefined ? undefined : urlFault(standIn);
  return message ? [{ path: [STAND_IN], message }] : [];
}

/** A live account that talks to the sandbox, or the reverse, would mint tokens that no page of its own can use. */
function hostFaults(name: string, account: Raw, standIn: string | undefined): Fault[] {
  const host = URL.parse(standIn ?? textOf(account.apiUrl) ?? '')?.host;
  const official = Object.entries(HOSTS).find(([, url]) => URL.parse(url)?.host === host)?.[0];
  if (official === undefined || official === account.environment) return [];
  const path = standIn === undefined ? ['accounts', name, 'apiUrl'] : [STAND_IN];
  return [{ path, message: `is Paddle's ${official} address, but account "${name}" is not ${official}` }];
}
