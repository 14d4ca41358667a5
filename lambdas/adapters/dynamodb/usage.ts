/** Usage in the ledger: the latest report of every consumer, and which token went into which build. */
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { UsageRecords, UsageReport } from '../../usage/ports.ts';
import { conditionHeld } from './conditional.ts';
import { ledgerKeys } from './keys.ts';

/** Longer than a build is deployed again after; DynamoDB removes the history then. */
const HISTORY_SECONDS = 400 * 24 * 60 * 60;

const NOTHING_NEWER_REPORTED = 'attribute_not_exists(#at) OR #at <= :at';
const NOTHING_NEWER_DEPLOYED = 'attribute_not_exists(#deployed) OR #deployed.#at <= :at';

type Key = { readonly pk: string; readonly sk: string };

export function createUsageRecords({
  client,
  ledgerTable,
}: {
  client: DynamoDBClient;
  ledgerTable: string;
}): UsageRecords {
  /** Sets the properties, and removes those that are `undefined`. @returns false when the condition did not hold */
  const set = async (key: Key, at: string, values: Readonly<Record<string, unknown>>, condition: string) => {
    const names = Object.keys(values);
    const kept = names.filter((name) => values[name] !== undefined);
    const removed = names.filter((name) => values[name] === undefined);
    const sets = `SET ${kept.map((name) => `#${name} = :${name}`).join(', ')}`;
    const removes = removed.length > 0 ? ` REMOVE ${removed.map((name) => `#${name}`).join(', ')}` : '';
    const bound = Object.fromEntries(kept.map((name) => [`:${name}`, values[name]]));
    const update = new UpdateItemCommand({
      TableName: ledgerTable,
      Key: marshall(key),
      UpdateExpression: sets + removes,
      ConditionExpression: condition,
      ExpressionAttributeNames: Object.fromEntries([...names, 'at'].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: marshall({ ...bound, ':at': at }, { removeUndefinedValues: true }),
    });
    return conditionHeld(client.send(update));
  };

  const usedBy = async (integration: string, consumer: string, build: string, phase: string) => {
    const key = marshall(ledgerKeys.used(integration, consumer, build, phase));
    const { Item } = await client.send(new GetItemCommand({ TableName: ledgerTable, Key: key, ConsistentRead: true }));
    return Item && (unmarshall(Item) as { tokenId: string; at: string });
  };

  return {
    async tokenOfBuild(integration, consumer, build) {
      const [built, deployed] = await Promise.all([
        usedBy(integration, consumer, build, 'build'),
        usedBy(integration, consumer, build, 'deploy'),
      ]);
      if (!built || !deployed) return (built ?? deployed)?.tokenId;
      return deployed.at > built.at ? deployed.tokenId : built.tokenId;
    },

    async record(report) {
      const { integration, consumer, build, phase, tokenId, at } = report;
      if (build !== undefined) {
        const expiresAt = Math.floor(Date.parse(at) / 1_000) + HISTORY_SECONDS;
        const used = { tokenId, at, expiresAt };
        await set(ledgerKeys.used(integration, consumer, build, phase), at, used, NOTHING_NEWER_REPORTED);
      }
      const latest = ledgerKeys.usage(integration, consumer + slotOf(report));
      const isLatest = await set(latest, at, latestOf(report), NOTHING_NEWER_REPORTED);
      // A deployment that was overtaken by a later report is still the last deployment, unless that was one as well.
      if (isLatest || phase === 'build') return;
      await set(latest, at, { deployed: deployedOf(report) }, NOTHING_NEWER_DEPLOYED);
    },
  };
}

/** The last deployment is a report too, hence never newer than the latest: one condition guards both. */
const latestOf = (report: UsageReport) => {
  const { consumer, tokenId, build, phase, branch, stage, at, by } = report;
  return {
    consumer,
    tokenId,
    build,
    phase,
    branch,
    stage,
    at,
    by,
    ...(phase === 'deploy' && { deployed: deployedOf(report) }),
  };
};

const deployedOf = ({ tokenId, build, branch, stage, at, by }: UsageReport) => ({
  ...{ tokenId, build, branch, stage, at, by },
});

/** Production, all previews together, and each place that nobody has named: no name of a consumer holds `#`. */
function slotOf({ place, branch = '', stage = '' }: UsageReport): string {
  if (place === 'production') return '';
  return place === 'preview' ? '#preview' : `#unclear#${stage}#${branch}`;
}
