import { ConflictError } from '../../lambdas/domain/errors.ts';
import type { Account, IntegrationConfig, IntegrationState } from '../../lambdas/domain/model.ts';
import type { EntryLedger, EntryRecord } from '../../lambdas/registrar/entries/ports.ts';
import type { Registry } from '../../lambdas/registrar/register.ts';
import { unique } from './samples.ts';

/** The API's side and the deploys' side of one ledger, and what is beside them. */
export interface EntriesWorld {
  readonly ledger: EntryLedger;
  readonly registry: Registry;
  state(integration: string): Promise<IntegrationState | undefined>;
  putState(state: IntegrationState): Promise<void>;
  /** Is there a record with this id of this account or integration? */
  recorded(record: EntryRecord): Promise<boolean>;
}

const NOW = '2026-11-23T03:00:00.000Z';

function seller() {
  const account: Account = {
    ...{ name: unique('seller'), environment: 'sandbox', apiUrl: 'https://sandbox-api.paddle.com' },
    ...{ apiKey: { secret: 'key' }, webhookSecret: { secret: 'webhook' }, maxRevocationsPerRun: 5 },
    ...{ webhooks: 'managed', proveWebhooks: true, owner: 'api', revision: 1 },
  };
  const config: IntegrationConfig = {
    ...{ name: unique('shop'), account: account.name, environment: 'sandbox', managed: true, scheduleSince: NOW },
    ...{ schedule: { every: 86_400_000 }, graceMs: 1_000, graceFrom: 'published', consumers: [], sites: [] },
    targets: [{ kind: 'secret', name: unique('web'), jsonKey: 'TOKEN' }],
    ...{ scans: { count: 1, overMs: 1_000 }, lookBackMs: 1_000, holdAlarmAfterMs: 1_000, drift: 'restore' },
    ...{ owner: 'api', revision: 1 },
  };
  const record = (integration?: string): EntryRecord => ({
    ...{ id: unique('act'), type: integration ? 'integration.registered' : 'account.registered', at: NOW },
    ...{ account: account.name, ...(integration && { integration }), message: 'Registered.' },
  });
  return { account, config, record };
}

/** What every ledger must do for entries of the API, the fake one and the one in DynamoDB. */
export function entriesContract(make: () => Promise<EntriesWorld>): void {
  test('an account comes with its record, and is listed', async () => {
    const { ledger, recorded } = await make();
    const { account, record } = seller();
    const written = record();
    await ledger.putAccount(account, undefined, written);
    expect(await ledger.account(account.name)).toEqual(account);
    expect(await ledger.accounts()).toContain(account.name);
    expect(await recorded(written)).toBe(true);
  });

  test('an integration comes with a first state, its place in the registry, and its targets', async () => {
    const { ledger, state } = await make();
    const { account, config, record } = seller();
    await ledger.putAccount(account, undefined, record());
    await ledger.putIntegration(config, undefined, record(config.name), NOW);
    expect(await ledger.config(config.name)).toEqual(config);
    expect(await state(config.name)).toMatchObject({ version: 1, tokens: [], dueAt: NOW });
    const entry = { integration: config.name, account: config.account, owner: 'api', revision: 1 };
    expect(await ledger.integrations()).toContainEqual({ ...entry, reconcileOwed: false });
    const [target] = config.targets;
    expect(target && (await ledger.publishedAt(target))).toEqual([{ integration: config.name, revision: 1, target }]);
  });

  test('a change owes a reconcile until that was asked for, and keeps the owner', async () => {
    const { ledger } = await make();
    const { account, config, record } = seller();
    await ledger.putAccount(account, undefined, record());
    await ledger.putIntegration(config, undefined, record(config.name), NOW);
    await ledger.putIntegration({ ...config, graceMs: 2, revision: 2 }, config, record(config.name), NOW);
    const about = { integration: config.name, account: config.account, owner: 'api' as const, revision: 2 };
    const entry = { ...about, reconcileOwed: true };
    expect(await ledger.integrations()).toContainEqual(entry);
    // Of a change before this one.
    await ledger.reconcileRequested({ ...entry, revision: 1 });
    expect(await ledger.integrations()).toContainEqual(entry);
    await ledger.reconcileRequested(entry);
    expect(await ledger.integrations()).toContainEqual({ ...entry, reconcileOwed: false });
  });

  test('a state of an earlier life stays, and is owed a reconcile', async () => {
    const { ledger, state, putState } = await make();
    const { account, config, record } = seller();
    await ledger.putAccount(account, undefined, record());
    const earlier = { integration: config.name, version: 42, tokens: [], sweeps: [], requests: [] };
    await putState(earlier);
    await ledger.putIntegration(config, undefined, record(config.name), NOW);
    expect(await state(config.name)).toEqual(earlier);
    expect(await ledger.integrations()).toContainEqual(
      expect.objectContaining({ integration: config.name, reconcileOwed: true }),
    );
  });

  test('whoever was overtaken writes nothing, no record either', async () => {
    const { ledger, recorded } = await make();
    const { account, config, record } = seller();
    await ledger.putAccount(account, undefined, record());
    await ledger.putAccount({ ...account, revision: 2 }, account, record());
    await ledger.putIntegration(config, undefined, record(config.name), NOW);
    const late = [record(), record(), record(config.name)] as const;
    await expect(ledger.putAccount({ ...account, revision: 2 }, account, late[0])).rejects.toThrow(ConflictError);
    await expect(ledger.putAccount(account, undefined, late[1])).rejects.toThrow(ConflictError);
    const twin = { ...config, graceMs: 7 };
    await expect(ledger.putIntegration(twin, undefined, late[2], NOW)).rejects.toThrow(ConflictError);
    expect(await ledger.account(account.name)).toMatchObject({ revision: 2 });
    expect(await ledger.config(config.name)).toEqual(config);
    expect(await Promise.all(late.map(recorded))).toEqual([false, false, false]);
  });

  test('an integration comes to an account that is registered, and to no other; it may leave without', async () => {
    const { ledger, registry, state, recorded } = await make();
    const { account, config, record } = seller();
    const early = record(config.name);
    await expect(ledger.putIntegration(config, undefined, early, NOW)).rejects.toThrow(ConflictError);
    await ledger.putAccount(account, undefined, record());
    await ledger.putIntegration(config, undefined, record(config.name), NOW);
    const left = { ...account, managed: false, revision: 2 };
    await ledger.putAccount(left, account, record());
    const changed = { ...config, graceMs: 7, revision: 2 };
    await expect(ledger.putIntegration(changed, config, record(config.name), NOW)).rejects.toThrow(ConflictError);
    const twin = { ...config, name: unique('twin') };
    await expect(ledger.putIntegration(twin, undefined, record(twin.name), NOW)).rejects.toThrow(ConflictError);
    expect([await ledger.config(twin.name), await state(twin.name), await recorded(early)]).toEqual([
      ...[undefined, undefined, false],
    ]);
    const { owner: _, revision: __, ...files } = account;
    await registry.putAccount(files);
    await expect(ledger.putIntegration(changed, config, record(config.name), NOW)).rejects.toThrow(ConflictError);
    await ledger.putIntegration({ ...config, managed: false, revision: 2 }, config, record(config.name), NOW);
    expect(await ledger.config(config.name)).toMatchObject({ managed: false });
  });

  test('a target that is new to an integration must be claimed as it was read', async () => {
    const { ledger, recorded } = await make();
    const { account, config, record } = seller();
    const [target] = config.targets;
    const claims = async () => (target ? ledger.publishedAt(target) : []);
    await ledger.putAccount(account, undefined, record());
    await ledger.putIntegration(config, undefined, record(config.name), NOW, await claims());
    const twin = { ...config, name: unique('twin') };
    const late = record(twin.name);
    await expect(ledger.putIntegration(twin, undefined, late, NOW, [])).rejects.toThrow(ConflictError);
    expect([await ledger.config(twin.name), await recorded(late)]).toEqual([undefined, false]);
    const gone = { ...config, managed: false, revision: 2 };
    await ledger.putIntegration(gone, config, record(config.name), NOW);
    const before = await claims();
    const back = { ...config, revision: 3 };
    await ledger.putIntegration(back, gone, record(config.name), NOW, before);
    await expect(ledger.putIntegration(twin, undefined, late, NOW, before)).rejects.toThrow(ConflictError);
    // A target that stays is no question of claims.
    const changed = { ...back, graceMs: 7, revision: 4 };
    await ledger.putIntegration(changed, back, record(config.name), NOW, []);
    await ledger.putIntegration({ ...changed, managed: false, revision: 5 }, changed, record(config.name), NOW);
    await ledger.putIntegration(twin, undefined, late, NOW, await claims());
    expect(await claims()).toEqual([{ integration: twin.name, revision: 1, target }]);
  });

  test('a deploy that has overlooked the API’s writes nothing over it, until it has left', async () => {
    const { ledger, registry } = await make();
    const { account, config, record } = seller();
    await ledger.putAccount(account, undefined, record());
    await ledger.putIntegration(config, undefined, record(config.name), NOW);
    const { owner: _, revision: __, ...files } = config;
    await expect(registry.putAccount({ ...account, owner: undefined })).rejects.toThrow();
    await expect(registry.change(files)).rejects.toThrow();
    await expect(registry.create(files, NOW)).rejects.toThrow();
    expect(await ledger.config(config.name)).toEqual(config);
    await ledger.putIntegration({ ...config, managed: false, revision: 2 }, config, record(config.name), NOW);
    await registry.change(files);
    expect(await ledger.config(config.name)).toEqual(files);
  });
}
