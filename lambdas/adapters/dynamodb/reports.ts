/**
 * What was said about tokens, until Paddle has answered. A partition of its own per integration, so that whoever may
 * write reports may write nothing else of the ledger.
 */
import { randomUUID } from 'node:crypto';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { batchesOf } from '../../domain/batches.ts';
import type { StoredReport } from '../../domain/model.ts';
import type { TokenReports } from '../../domain/ports.ts';
import type { ReportsInbox } from '../../rotation/ports.ts';
import { conditionHeld } from './conditional.ts';
import { fromItem, toItem } from './items.ts';
import { ledgerKeys } from './keys.ts';

/** Puts side by side. */
const SIDE_BY_SIDE = 10;
/** More than one run can ask about; the next one reads the rest. */
const MOST_REPORTS = 500;

export function createReports(options: {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
}): TokenReports & ReportsInbox {
  const { client, ledgerTable: TableName } = options;
  return {
    async report(reports) {
      for (const batch of batchesOf(SIDE_BY_SIDE, reports)) {
        await Promise.all(
          batch.map((report) => {
            const key = ledgerKeys.report(report.integration, report.tokenId);
            const Item = toItem({ ...key, ...report, reportId: randomUUID() });
            return client.send(new PutItemCommand({ TableName, Item }));
          }),
        );
      }
    },

    async reports(integration) {
      const read = new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': ledgerKeys.report(integration, '').pk }),
        // The newest tokens first: the current one is among them, and must not wait for older ones that nobody can answer.
        ScanIndexForward: false,
        Limit: MOST_REPORTS,
      });
      return ((await client.send(read)).Items ?? []).map((item) => fromItem<StoredReport>(item));
    },

    async answered({ integration, tokenId, reportId }) {
      const isTheSame = 'reportId = :answered';
      const remove = new DeleteItemCommand({
        TableName,
        Key: marshall(ledgerKeys.report(integration, tokenId)),
        ConditionExpression: isTheSame,
        ExpressionAttributeValues: marshall({ ':answered': reportId }),
      });
      // Where it does not hold, another report has come since, or an earlier run had removed this one.
      await conditionHeld(client.send(remove));
    },
  };
}
