/** The namespace that `platform.credentials` and `platform.targets` open, and that nothing of the file lies in it. */
import type { Fault } from '../lambdas/configuration/checks.ts';
import { type AccountSpec, type Namespace, namesFor } from '../lambdas/contract.ts';
import { credentialsOf, idOf, type Placed, targetsOf } from './config-places.ts';
import type { Platform } from './platform.ts';

/** @returns nothing when none is opened */
export function namespaceOf(
  { credentials, targets }: Platform,
  accounts: readonly AccountSpec[],
  integrations: readonly { readonly sites: readonly unknown[] }[],
  standIn: string | undefined,
): { readonly namespace?: Namespace } {
  if (credentials === undefined || targets === undefined) return {};
  const folder = (pattern: string) => pattern.slice(0, -1);
  return {
    namespace: {
      credentials: folder(credentials),
      targets: targets.map(folder),
      apiUrls: [...new Set(accounts.map(({ apiUrl }) => apiUrl))],
      ...(standIn === undefined ? {} : { standIn: standIn.replace(/\/+$/, '') }),
      sites: integrations.some(({ sites }) => sites.length > 0),
    },
  };
}

/** Whoever registers by the API could take over, or have overwritten, what lies in its namespace. */
export function overlapFaults(
  configuration: Placed & { readonly prefix: string; readonly namespace?: Namespace },
): readonly Fault[] {
  const { namespace } = configuration;
  if (!namespace) return [];
  const { ledgerTableParameter, auditTableParameter } = namesFor(configuration.prefix);
  const used: [Fault['path'], string][] = [
    ...credentialsOf(configuration).map(([path, source]): [Fault['path'], string] => [
      path,
      'secret' in source ? secretName(idOf(source)) : parameterName(idOf(source)),
    ]),
    ...targetsOf(configuration).map(([path, target]): [Fault['path'], string] => [
      path,
      target.kind === 'secret' ? target.name : parameterName(target.name),
    ]),
  ];
  const folders = [
    ['credentials', namespace.credentials] as const,
    ...namespace.targets.map((folder) => ['targets', folder] as const),
  ];
  return [
    ...folders.flatMap(([setting, folder]) =>
      used
        .filter(([, name]) => name.startsWith(folder))
        .map(([path, name]) => ({
          path,
          message: `${name} lies in platform.${setting} (${folder}*), which is open to the API: keep what the file uses elsewhere`,
        })),
    ),
    ...namespace.targets.flatMap((folder, index) =>
      [ledgerTableParameter, auditTableParameter].some((name) => name.startsWith(folder))
        ? [
            {
              path: ['platform', 'targets', index],
              message: `holds parameters of Paddlewheel's own (${ledgerTableParameter})`,
            },
          ]
        : [],
    ),
    // In the outer one, an account that is called as the inner one is would own what is everybody's there.
    ...namespace.targets.flatMap((folder, index) =>
      namespace.targets.some(
        (outer, at) => at !== index && folder.startsWith(outer) && (folder !== outer || at < index),
      )
        ? [{ path: ['platform', 'targets', index], message: 'lies in another folder of platform.targets' }]
        : [],
    ),
    ...namespace.targets.flatMap((folder, index) =>
      folder.startsWith(namespace.credentials) || namespace.credentials.startsWith(folder)
        ? [
            {
              path: ['platform', 'targets', index],
              message: 'overlaps platform.credentials: a token would overwrite a key',
            },
          ]
        : [],
    ),
  ];
}

const secretName = (id: string): string => id.replace(/^arn:.*:secret:(.*)-\w{6}$/, '$1');
/** SSM takes `a` and `/a` for the same. */
const parameterName = (id: string): string => `/${id.replace(/^arn:.*:parameter(?=\/)/, '').replace(/^\//, '')}`;
