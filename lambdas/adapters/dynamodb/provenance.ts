/** What the trail and the owner items say of a token that no state knows. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { decodeTime } from 'ulid';
import { auditPartition } from '../../domain/audit-keys.ts';
import type { Ledger, Provenance } from '../../rotation/ports.ts';
import { ledgerKeys } from './keys.ts';

/** The record of an intent is written within the same run as its id is made. */
const BEFORE_MS = 60_000;
const AFTER_MS = 10 * 60_000;
const MAX_PAGES = 20;

interface Options {
  readonly client: DynamoDBClient;
  readonly ledgerTable: string;
  readonly auditTable: string;
}

/** Reads consistently, and refuses to answer from half of what is there. */
export function createProvenance({ client, ledgerTable, auditTable }: Options): Ledger['provenance'] {
  async function* actions(pk: string, from = '', to = '~'): AsyncGenerator<Record<string, unknown>> {
    let start: Record<string, AttributeValue> | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await client.send(
        new QueryCommand({
          TableName: auditTable,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: marshall({ ':pk': pk, ':from': from || '0', ':to': to }),
          ExclusiveStartKey: start,
        }),
      );
      for (const item of answer.Items ?? []) {
        const record = unmarshall(item);
        if (record.kind === 'action') yield record;
      }
      start = answer.LastEvaluatedKey;
      if (!start) return;
    }
    throw new Error(`${pk} has more records than can be judged`);
  }

  const isKnown = async (tokenId: string): Promise<boolean> => {
    const Key = marshall(ledgerKeys.owner(tokenId));
    if ((await client.send(new GetItemCommand({ TableName: ledgerTable, Key, ConsistentRead: true }))).Item)
      return true;
    // Any action of ours about it: it was in a state once.
    for await (const _ of actions(auditPartition({ tokenId, account: '' }))) return true;
    return false;
  };

  const isIntended = async (integration: string, rotationId: string): Promise<boolean> => {
    const at = (ms: number) => new Date(decodeTime(rotationId) + ms).toISOString();
    const partition = auditPartition({ integration, account: '' });
    for await (const record of actions(partition, at(-BEFORE_MS), `${at(AFTER_MS)}~`)) {
      if (record.type === 'rotation.intended' && record.rotationId === rotationId) return true;
    }
    return false;
  };

  return async (integration, rotationId, tokenId): Promise<Provenance> => {
    if (await isKnown(tokenId)) return 'known';
    return (await isIntended(integration, rotationId)) ? 'intended' : 'none';
  };
}
