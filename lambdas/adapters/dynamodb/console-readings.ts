/** What the console reads, in DynamoDB. A page is a moment's view: reads need not be consistent, and so cost half. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Loaded, Readings } from '../../console/ports.ts';
import type { TrailEntry } from '../../console/view.ts';
import { batchesOf } from '../../domain/batches.ts';
import type { IntegrationConfig, IntegrationState } from '../../domain/model.ts';
import { createDynamoAuditTrail } from './audit-trail.ts';
import { getAll } from './get-all.ts';
import { fromItem, type Item } from './items.ts';
import { ledgerKeys } from './keys.ts';
import { createDynamoLedger } from './ledger.ts';
import { createDynamoRegistry } from './registry.ts';
import { createSeenReports } from './seen.ts';

/** Two keys each, and DynamoDB takes a hundred. */
const MOST_AT_ONCE = 50;
const SIDE_BY_SIDE = 4;
/** Of the integration, and of each token. */
const MOST_RECORDS = 60;

export function createConsoleReadings(tables: {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly auditTable: string;
}): Readings {
  const { client, ledgerTable: table } = tables;
  const trail = createDynamoAuditTrail(tables);
  const states = (names: readonly string[]) => {
    const keys = names.flatMap((name) => [ledgerKeys.config(name), ledgerKeys.state(name)]);
    return getAll(client, { table, keys });
  };

  return {
    async names() {
      const entries = await createDynamoRegistry({ client, table }).integrations();
      return entries.map(({ integration }) => integration);
    },

    async load(names) {
      const items: Item[] = [];
      for (const some of batchesOf(SIDE_BY_SIDE, batchesOf(MOST_AT_ONCE, names)))
        items.push(...(await Promise.all(some.map(states))).flat());
      return paired(names, items);
    },

    usage: createDynamoLedger(tables).usage,
    seen: createSeenReports(tables).seen,

    async trail(integration, tokenIds) {
      const page = { limit: MOST_RECORDS, newestFirst: true };
      const pages = await Promise.all([
        trail.byIntegration(integration, page),
        ...tokenIds.map((id) => trail.byToken(id, page)),
      ]);
      return pages.flatMap(({ entries }) => entries).sort(newestFirst) as unknown as readonly TrailEntry[];
    },
  };
}

const newestFirst = (a: { sk: string }, b: { sk: string }): number => (a.sk < b.sk ? 1 : -1);

/** In the order of the names; whoever has no configuration was never deployed, or is being registered. */
function paired(names: readonly string[], items: readonly Item[]): Loaded[] {
  const byKey = new Map(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]));
  const find = ({ pk, sk }: { pk: string; sk: string }) => byKey.get(`${pk} ${sk}`);
  return names.flatMap((name) => {
    const [config, state] = [find(ledgerKeys.config(name)), find(ledgerKeys.state(name))];
    if (!config) return [];
    const fresh: IntegrationState = { integration: name, version: 0, tokens: [], sweeps: [], requests: [] };
    return [{ config: fromItem<IntegrationConfig>(config), state: state ? fromItem<IntegrationState>(state) : fresh }];
  });
}
