import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { auditPartition, auditSortKey } from '../../lambdas/domain/audit-keys.ts';
import type { AuditRecord } from '../../lambdas/domain/model.ts';
import type { OwnerState } from '../../lambdas/observe/attribute.ts';
import { createObserve, type ObserveParts } from '../../lambdas/observe/observe.ts';
import type { AttributionItem } from '../../lambdas/observe/ports.ts';
import { FakeReconcileQueue, FakeReports, RecordingLog, RecordingMetrics, StillClock } from '../fakes/runtime.ts';

export const ROTATION = '01JKB92MPL7V4RFG8X3Q5WZ7BN';
export const NAME = `pricing-page · ${ROTATION}`;
export const TOKEN = 'live_7d279f61a3499fed520f7cd8c08';

let sequence = 0;
/** A line of the trail as its stream brings it. */
export const inserted = (line: object, eventName: 'INSERT' | 'MODIFY' = 'INSERT'): DynamoDBRecord => {
  sequence += 1;
  const NewImage = marshall(line, { removeUndefinedValues: true }) as Record<string, never>;
  return { eventName, dynamodb: { SequenceNumber: String(sequence), NewImage } };
};

export const webhookLine = (change: {
  id: string;
  type: string;
  tokenId?: string;
  account?: string;
  data?: object;
}) => {
  const { account = 'live', data = {} } = change;
  const at = '2026-11-22T02:59:00.123456Z';
  return {
    pk: auditPartition({ tokenId: change.tokenId, account }),
    sk: auditSortKey(at, change.id),
    day: '2026-11-22',
    writtenIn: '2026-11-22T02',
    kind: 'webhook',
    source: 'webhook',
    at,
    receivedAt: '2026-11-22T02:59:01.000Z',
    notificationId: 'ntf_1',
    id: change.id,
    type: change.type,
    tokenId: change.tokenId,
    account,
    data: JSON.stringify({ id: change.tokenId, token: 'live_7d27…c08', ...data }),
  };
};

export const actionLine = (record: AuditRecord) => ({
  ...record,
  pk: auditPartition(record),
  sk: auditSortKey(record.at, record.id),
  day: record.at.slice(0, 10),
  writtenIn: record.at.slice(0, 13),
  kind: 'action',
});

/** The function with its world: a ledger and a trail that stand still, a bus and a queue that remember. */
export function observing(instruments: Partial<Pick<ObserveParts, 'log' | 'metrics'>> = {}) {
  const owners = new Map<string, string>();
  const states = new Map<string, { config: { account: string }; state: OwnerState }>();
  const attributions = new Map<string, AttributionItem>();
  const announced: AuditRecord[] = [];
  const chained: string[] = [];
  /** Account -> id of its API key. */
  const keyIds = new Map<string, string>();
  /** Registered by the API. */
  const sellers = new Set<string>();
  /** Fails the effect of that name as often as the number says. */
  const failures = new Map<string, number>();
  const effect = (name: string) => {
    const left = failures.get(name) ?? 0;
    failures.set(name, left - 1);
    if (left > 0) throw new Error(`${name} is away`);
  };
  /** Integrations whose reconcile was begun at once. */
  const begun: string[] = [];
  const queue = new FakeReconcileQueue();
  const reports = new FakeReports();
  const tools = { clock: new StillClock(), log: new RecordingLog(), metrics: new RecordingMetrics() };
  const parts: ObserveParts = {
    ...tools,
    ...instruments,
    bus: {
      async announce(some) {
        effect('bus');
        announced.push(...some);
      },
    },
    ledger: {
      async owner(tokenId) {
        effect('ledger');
        return owners.get(tokenId);
      },
      load: async (integration) => states.get(integration),
    },
    keys: {
      read: async (account) => keyIds.get(account),
      isSellers: async (account) => sellers.has(account),
    },
    trail: {
      async append(item) {
        effect('trail');
        const key = `${item.pk}|${item.sk}`;
        if (attributions.has(key)) return 'duplicate';
        attributions.set(key, JSON.parse(JSON.stringify(item)));
        return 'stored';
      },
    },
    chain: {
      async append(record) {
        effect('chain');
        const key = `${record.pk}|${record.sk}`;
        const known = chained.includes(key);
        if (!known) chained.push(key);
        return known ? 'already' : 'chained';
      },
    },
    reports: {
      async report(some) {
        effect('reports');
        await reports.report(some);
      },
    },
    queue: {
      async send(requests) {
        effect('queue');
        await queue.send(requests);
      },
    },
    direct: {
      async reconcile(integration) {
        effect('direct');
        begun.push(integration);
      },
    },
  };
  const observe = createObserve(parts);
  const run = (...batch: DynamoDBRecord[]) => observe({ Records: batch });
  const known = { owners, states, keyIds, sellers, attributions, announced, chained };
  return { ...tools, parts, ...known, failures, reports, queue, begun, observe, run };
}
