/** Does what is configured fit into IAM's and EventBridge's policies and patterns? Asked before anything is built, so that it is told as a fault. */
import type { AccountSpec, CredentialSource, IntegrationSpec } from '../lambdas/contract.ts';
import type { Fault } from './config-checks.ts';
import { COPIES } from './constructs/credentials.ts';
import { PATTERNS_ROOM } from './constructs/observed-reads.ts';
import { namesOrFolders, ROOM } from './constructs/resource-names.ts';

type Kind = keyof typeof COPIES;

/** As much of the configuration as fills policies and patterns. */
interface Sized {
  readonly accounts: readonly AccountSpec[];
  readonly integrations: readonly IntegrationSpec[];
  readonly usageFromCloudTrail: boolean;
}

export function capacityFaults({ integrations, accounts, usageFromCloudTrail }: Sized): Fault[] {
  const targets = integrations.flatMap((integration) => integration.targets);
  const published = (kind: Kind) => targets.filter((target) => target.kind === kind).map(({ name }) => name);
  const hooks = integrations.flatMap(({ deployHooks = [] }) => deployHooks);
  const credentials = hooks.map((hook) => (hook.kind === 'webhook' ? hook.url : hook.token));
  const kinds = ['ssm', 'secret'] as const;
  return [
    ...kinds.flatMap((kind) => fault('integrations', `targets of the kind "${kind}"`, published(kind), COPIES[kind])),
    ...kinds.flatMap((kind) =>
      fault(
        'integrations',
        `credentials of deploy hooks of the kind "${kind}"`,
        namesOf(kind, credentials),
        COPIES[kind],
      ),
    ),
    ...kinds.flatMap((kind) =>
      fault(
        'accounts',
        `API keys of the kind "${kind}"`,
        namesOf(
          kind,
          accounts.map(({ apiKey }) => apiKey),
        ),
        COPIES[kind],
      ),
    ),
    ...(usageFromCloudTrail
      ? kinds.flatMap((kind) =>
          fault('usageFromCloudTrail', `targets of the kind "${kind}"`, published(kind), 1, PATTERNS_ROOM),
        )
      : []),
  ];
}

const namesOf = (kind: Kind, sources: readonly CredentialSource[]): string[] =>
  sources.flatMap((source) => {
    const name = 'secret' in source ? source.secret : source.ssmParameter;
    return ('secret' in source ? 'secret' : 'ssm') === kind && !name.startsWith('arn:') ? [name] : [];
  });

function fault(path: string, what: string, names: readonly string[], copies: number, room = ROOM): Fault[] {
  if (names.length === 0) return [];
  try {
    namesOrFolders(names, copies, room);
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: [path], message: `${what}: ${error.message}` }];
  }
}
