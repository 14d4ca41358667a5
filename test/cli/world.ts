/** The command line over the real functions, and those over fakes: nothing between a command and the ledger is made up. */
import type { CliIo } from '../../cli/io.ts';
import { type CliAws, FunctionFailedError } from '../../cli/ports.ts';
import { run } from '../../cli/program.ts';
import type { AuditEntry, AuditTrail, PageRequest } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import type { Watermark } from '../../lambdas/backfill/watermark.ts';
import { NAMES, OPERATE_ALIAS } from '../../lambdas/contract.ts';
import { genesis, type Head, linkBehind, type TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import { auditPartition, auditSortKey } from '../../lambdas/domain/audit-keys.ts';
import type { AuditRecord } from '../../lambdas/domain/model.ts';
import { later, MINUTE } from '../../lambdas/domain/time.ts';
import type { DestinationRecord } from '../../lambdas/registrar/destinations/model.ts';
import type { UsageReport } from '../../lambdas/usage/ports.ts';
import { createUsage } from '../../lambdas/usage/usage.ts';
import { START } from '../builders/integration.ts';
import { FakeReconcileQueue, RecordingLog, RecordingMetrics } from '../fakes/runtime.ts';
import { functionsOf } from '../rotation/functions.ts';
import { Harness } from '../rotation/harness.ts';

export const ME = 'arn:aws:sts::123456789012:assumed-role/Engineer/ada';

export const entryOf = (record: AuditRecord): AuditEntry => ({
  ...record,
  pk: auditPartition(record),
  sk: auditSortKey(record.at, record.id),
  day: record.at.slice(0, 10),
  kind: 'action',
});

/** Records and their chains, as a table holds them. */
export function chained(records: readonly AuditEntry[]): TrailRecord[] {
  const heads = new Map<string, Head>();
  return records.flatMap((record) => {
    const { link, mark } = linkBehind(heads.get(record.pk) ?? genesis(record.pk), record);
    heads.set(record.pk, link);
    return [record, { ...link }, { ...mark }];
  });
}

/** Pages of two, so that every test with more turns a page. */
export function trailOf(entries: () => readonly AuditEntry[]): AuditTrail {
  const pages = (wanted: (entry: AuditEntry) => boolean, { cursor = '0', from = '' }: PageRequest = {}) => {
    const found = entries()
      .filter((entry) => wanted(entry) && entry.sk >= from.replace('Z', ''))
      .sort((a, b) => (a.sk < b.sk ? -1 : 1));
    const start = Number(cursor);
    return Promise.resolve({
      entries: found.slice(start, start + 2),
      cursor: start + 2 < found.length ? String(start + 2) : undefined,
    });
  };
  return {
    append: () => Promise.reject(new Error('the command line never writes')),
    byToken: (id, page) => pages(({ pk }) => pk === `TOKEN#${id}`, page),
    byIntegration: (name, page) => pages(({ pk }) => pk === `INTEGRATION#${name}`, page),
    byDay: (day, page) => pages((entry) => entry.day === day, page),
  };
}

/** An installation that has its first token. */
export async function installation(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const harness = new Harness(options);
  await harness.until(later(START, MINUTE));
  const { ledger, clock } = harness;
  const parts = { log: new RecordingLog(), metrics: new RecordingMetrics(), queue: new FakeReconcileQueue(), clock };
  const { rotate, status } = functionsOf({
    world: harness.world,
    integrations: () => [...ledger.configs.keys()],
    ...parts,
  });
  const reports: UsageReport[] = [];
  const usage = createUsage({
    ...parts,
    ledger,
    records: {
      async tokenOfBuild(integration, consumer, build) {
        const isIt = (r: UsageReport) => r.integration === integration && r.consumer === consumer && r.build === build;
        return reports.findLast(isIt)?.tokenId;
      },
      async record(report) {
        reports.push(report);
        const all = (ledger.usages.get(report.integration) ?? []) as readonly unknown[] as readonly UsageReport[];
        const others = all.filter((u) => u.consumer !== report.consumer || u.place !== report.place);
        ledger.usages.set(report.integration, [...others, report]);
      },
    },
    index: { publishedAt: async () => [], parametersBelow: async () => [] },
    versionOf: () => '',
  });
  const functions: Record<string, (payload: unknown) => Promise<unknown>> = {
    [NAMES.rotate]: (payload) => rotate(payload, 'invocation'),
    [NAMES.operate]: (payload) => rotate(payload, 'invocation', OPERATE_ALIAS),
    [NAMES.status]: (payload) => status(payload, 'invocation'),
    [NAMES.usage]: usage,
  };
  const payloads: Record<string, unknown>[] = [];
  /** Names of the functions, in the order of the calls. */
  const called: string[] = [];
  const more: AuditEntry[] = [];
  const faults = {
    functions: new Map<string, string>(),
    tables: new Map<string, string>(),
    beating: true,
    base: '',
    secret: 'pdl_ntfset_01test_secret',
    lastExport: 'COMPLETED' as string | undefined,
  };
  const account = harness.account.name;
  const webhooks: { destination: DestinationRecord; mark: Watermark } = {
    destination: { account, version: 2, generation: 1, destinationId: 'ntfset_1', secretSince: START },
    mark: { account, version: 1, anchors: [], completeThrough: START },
  };
  /** The records as they are, each with its link, as if all had been observed in order. */
  const trail = { items: undefined as TrailRecord[] | undefined };
  const stored = () => {
    trail.items ??= chained([...ledger.records.map(entryOf), ...more]);
    return trail.items;
  };
  const aws: CliAws = {
    names: NAMES,
    async invoke(name, payload) {
      const sent = JSON.parse(JSON.stringify(payload));
      payloads.push(sent);
      called.push(name);
      try {
        return JSON.parse(JSON.stringify(await functions[name]?.(sent)));
      } catch (error) {
        throw new FunctionFailedError(name, (error as Error).message);
      }
    },
    identity: async () => ME,
    trail: async () => trailOf(() => [...ledger.records.map(entryOf), ...more]),
    trailItems: async (pk) => stored().filter((item) => item.pk === pk),
    trailItem: async (pk, sk) => stored().find((item) => item.pk === pk && item.sk === sk),
    trailPartitions: async () => [...new Set(stored().map(({ pk }) => pk))],
    tokensOf: async (integration) =>
      [...ledger.owners.values()].filter((claim) => claim.integration === integration).map(({ tokenId }) => tokenId),
    due: (now) => ledger.findDue(now),
    async functionState(name) {
      const state = faults.functions.get(name) ?? 'Active';
      if (state !== 'missing') return state;
      throw Object.assign(new Error(`Function not found: ${name}`), { name: 'ResourceNotFoundException' });
    },
    tableState: async (name) => faults.tables.get(name) ?? 'ACTIVE',
    lastExport: async () => faults.lastExport,
    hasTicked: async () => faults.beating,
    credential: async () => faults.secret,
    account: async (name) => ledger.accounts.get(name),
    destination: async () => webhooks.destination,
    watermark: async () => webhooks.mark,
    webhookBase: async () => faults.base || undefined,
  };
  const command = async (
    line: string,
    given: {
      env?: Record<string, string>;
      answer?: string;
      meanwhile?: () => Promise<unknown>;
      io?: Partial<CliIo>;
    } = {},
  ) => {
    const printed = { out: '', err: '' };
    async function* stdin() {}
    const io = {
      env: { ...given.env },
      stdin: stdin(),
      out: (text: string) => {
        printed.out += text;
      },
      err: (text: string) => {
        printed.err += text;
      },
      now: () => clock.now(),
      rest: async (ms: number) => {
        clock.advance(ms);
        await given.meanwhile?.();
      },
      ask: async () => given.answer,
      ...given.io,
    };
    return { exit: await run(words(line), { io, aws }), ...printed };
  };
  return { harness, command, payloads, called, reports, aws, more, faults, webhooks, stored };
}

/** As a shell splits: spaces, and single quotes around what holds some. */
const words = (line: string): string[] =>
  (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));
