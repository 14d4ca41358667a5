/** Where is what the configuration names, and can it be reached from there? Asked at synth, for AWS answers it only at run time. */
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Fault } from '../lambdas/configuration/checks.ts';
import type { AccountSpec, CredentialSource, IntegrationSpec, Target } from '../lambdas/contract.ts';
import type { Platform } from './platform.ts';

/** Of the stack, as far as it is known when the configuration is parsed. */
export interface Here {
  readonly account?: string;
  readonly region?: string;
}

export interface Placed {
  readonly accounts: readonly AccountSpec[];
  readonly integrations: readonly IntegrationSpec[];
  readonly platform: Platform;
}

type Path = Fault['path'];
type At<T> = readonly [path: Path, value: T];

/** Each takes room in policies; many more than anybody has. */
const MOST_KEYS = 20;

export function placeFaults(configuration: Placed, here: Here): Fault[] {
  const credentials = credentialsOf(configuration);
  const targets = targetsOf(configuration);
  const keys = [...credentials, ...targets].flatMap(([path, { kmsKey }]): At<string>[] =>
    kmsKey === undefined ? [] : [[[...path, 'kmsKey'], kmsKey]],
  );
  return [
    ...credentials.flatMap((each) => credentialFaults(each, here)),
    ...keysElsewhere(credentials, targets, here),
    ...strangers([...arnsOf(credentials), ...keys, ...platformArns(configuration), ...rolesOf(configuration)], here),
    ...tooManyKeys(keys),
  ];
}

export const idOf = (source: CredentialSource): string => ('secret' in source ? source.secret : source.ssmParameter);

export function credentialsOf({
  accounts,
  integrations,
}: Placed): At<CredentialSource & { readonly managed?: boolean }>[] {
  return [
    ...accounts.flatMap(({ name, apiKey, webhookSecret, webhooks }) => [
      [['accounts', name, 'apiKey'], apiKey] as const,
      [['accounts', name, 'webhookSecret'], { ...webhookSecret, managed: webhooks === 'managed' }] as const,
    ]),
    ...integrations.flatMap(({ deployHooks = [], sites }, index) => [
      ...deployHooks.map((hook, at) => {
        const [setting, source] =
          hook.kind === 'webhook' ? (['url', hook.url] as const) : (['token', hook.token] as const);
        return [['integrations', index, 'deployHooks', at, setting], source] as const;
      }),
      ...sites.flatMap(({ headers = {} }, at) =>
        Object.entries(headers).map(
          ([header, source]) => [['integrations', index, 'sites', at, 'headers', header], source] as const,
        ),
      ),
    ]),
  ];
}

export const targetsOf = ({ integrations }: Placed): At<Target>[] =>
  integrations.flatMap(({ targets, formerTargets = [] }, index) => [
    ...targets.map((target, at) => [['integrations', index, 'publishTo', at], target] as const),
    ...formerTargets.map((target, at) => [['integrations', index, 'formerTargets', at], target] as const),
  ]);

function credentialFaults([path, source]: At<CredentialSource & { readonly managed?: boolean }>, here: Here): Fault[] {
  const [, , , region, account] = idOf(source).split(':');
  if (account === undefined) return [];
  const abroad = here.account !== undefined && account !== here.account;
  if (source.managed && (abroad || (here.region !== undefined && region !== here.region))) {
    const message =
      'lies in another account or region, where Paddlewheel cannot keep it: name a secret of this one, or set webhooks: "manual"';
    return [{ path, message }];
  }
  if (!abroad || source.kmsKey !== undefined) return [];
  const message = `lies in account ${account}, and AWS's default keys serve their own account only: encrypt it with a customer-managed key, and name that as "kmsKey"`;
  return [{ path, message }];
}

/** A key serves its own region only. */
function keysElsewhere(
  credentials: readonly At<CredentialSource>[],
  targets: readonly At<Target>[],
  here: Here,
): Fault[] {
  const places = [
    ...credentials.map(([path, source]) => [path, source.kmsKey, idOf(source).split(':')[3] ?? here.region] as const),
    ...targets.map(([path, { kmsKey }]) => [path, kmsKey, here.region] as const),
  ];
  return places.flatMap(([path, key, region]) => {
    const ofKey = key?.split(':')[3];
    if (ofKey === undefined || region === undefined || ofKey === region) return [];
    return [{ path: [...path, 'kmsKey'], message: `is a key of ${ofKey}, and encrypts nothing in ${region}` }];
  });
}

const arnsOf = (credentials: readonly At<CredentialSource>[]): At<string>[] =>
  credentials.flatMap(([path, source]): At<string>[] =>
    idOf(source).startsWith('arn:') ? [[path, idOf(source)]] : [],
  );

const platformArns = ({ platform: { kmsKey, permissionsBoundary } }: Placed): At<string>[] => [
  ...(kmsKey ? [[['platform', 'kmsKey'], kmsKey] as const] : []),
  ...(permissionsBoundary ? [[['platform', 'permissionsBoundary'], permissionsBoundary] as const] : []),
];

const rolesOf = ({ integrations }: Placed): At<string>[] =>
  integrations.flatMap(({ consumers }, index) =>
    consumers.flatMap((each, at): At<string>[] =>
      typeof each === 'string' || each.role === undefined
        ? []
        : [[['integrations', index, 'consumers', at, 'role'], each.role]],
    ),
  );

/** Nothing reaches from one partition into another. */
function strangers(arns: readonly At<string>[], { region }: Here): Fault[] {
  // A value that only the deploy knows is not judged.
  const known = arns.filter(([, arn]) => arn.startsWith('arn:'));
  const [first] = known;
  const expected = region === undefined ? first?.[1].split(':')[1] : partitionOf(region);
  return known.flatMap(([path, arn]) => {
    const partition = arn.split(':')[1];
    if (partition === expected) return [];
    return [{ path, message: `lies in the partition ${partition}, which cannot be reached from ${expected}` }];
  });
}

const partitionOf = (region: string): string => RegionInfo.get(region).partition ?? 'aws';

function tooManyKeys(keys: readonly At<string>[]): Fault[] {
  const different = new Set(keys.map(([, key]) => key)).size;
  const message = `${different} different keys are named as "kmsKey", and a role has room for ${MOST_KEYS}: let some share a key`;
  return different > MOST_KEYS ? [{ path: ['configuration'], message }] : [];
}
