import type { Namespace } from '../../lambdas/contract.ts';
import type { EntryAnswer } from '../../lambdas/registrar/entries/answers.ts';
import { handleEntryRequest } from '../../lambdas/registrar/entries/entry-request.ts';
import type { Listed } from '../../lambdas/registrar/entries/list-entries.ts';
import { type Configuration, register } from '../../lambdas/registrar/register.ts';
import { FakeIds } from '../fakes/fake-ids.ts';
import { createFakeEntries } from './fake-entries.ts';
import { createFakeReconcileQueue, createFakeRegistry } from './fake-registry.ts';

export const MONDAY = '2026-11-23T03:00:00.000Z';
export const TUESDAY = '2026-11-24T03:00:00.000Z';
export const namespace: Namespace = {
  credentials: 'paddlewheel/sellers/',
  targets: ['/paddle/sellers/', 'paddle/sellers/'],
  apiUrls: ['https://paddle.test'],
  sites: false,
};
export const seller = (name: string, more: object = {}) => ({ name, environment: 'sandbox', ...more });
export const shop = (account: string, more: object = {}) => ({
  name: `${account}-shop`,
  account,
  rotate: { every: '30 days' },
  publishTo: [{ ssmParameter: `/paddle/sellers/${account}/token` }],
  ...more,
});
export const acme = { accounts: [seller('acme')], integrations: [shop('acme')] };

/** The API over a ledger in memory, which deploys see as well. */
export function createWorld() {
  const registry = createFakeRegistry();
  const fakes = { ...registry, ...createFakeEntries(registry), ...createFakeReconcileQueue() };
  const ids = new FakeIds();
  let calls = 0;
  const way = (options: { now?: string; alias?: string; opened?: string | undefined; signal?: AbortSignal }) => ({
    now: options.now ?? MONDAY,
    alias: options.alias,
    namespace: 'opened' in options ? options.opened : JSON.stringify(namespace),
    signal: options.signal ?? new AbortController().signal,
    requestId: `call-${++calls}`,
  });
  const call = <T = Listed>(event: object, options: Parameters<typeof way>[0] = {}) =>
    handleEntryRequest(event, { ...fakes, ids }, way(options)) as Promise<T>;
  return {
    ...fakes,
    call,
    register: (payload: object, options?: Parameters<typeof way>[0]) =>
      call<EntryAnswer>({ action: 'register', requestedBy: 'ada', ...payload }, options),
    unregister: (payload: object, options?: Parameters<typeof way>[0]) =>
      call<EntryAnswer>({ action: 'unregister', requestedBy: 'ada', ...payload }, options),
    deploy: (configuration: Configuration) =>
      register(configuration, fakes, { requestId: 'deploy', now: TUESDAY, signal: new AbortController().signal }),
  };
}
