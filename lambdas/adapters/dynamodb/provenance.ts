/** What the trail and the owner items say of a token that no state knows. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { decodeTime } from 'ulid';
import { auditPartition } from '../../domain/audit-keys.ts';
import type { Ledger, Provenance } from '../../rotation/ports.ts';
import { ledgerKeys } from './keys.ts';
import { queried } from './pages.ts';

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
    const query = {
      TableName: auditTable,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':from': from || '0', ':to': to }),
    };
    const orElse = `${pk} has more records than can be judged`;
    for await (const item of queried(client, query, { maxPages: MAX_PAGES, orElse })) {
      const record = unmarshall(item);
      if (record.kind === 'action') yield record;
    }
  }

  const ownerOf = async (tokenId: string): Promise<string | undefined> => {
    const Key = marshall(ledgerKeys.owner(tokenId));
    const { Item } = await client.send(new GetItemCommand({ TableName: ledgerTable, Key, ConsistentRead: true }));
    return Item && String(unmarshall(Item).integration);
  };

  const isKnown = async (tokenId: string): Promise<boolean> => {
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
    const owner = await ownerOf(tokenId);
    if (owner !== undefined) return owner === integration ? 'known' : 'taken';
    if (await isKnown(tokenId)) return 'known';
    return (await isIntended(integration, rotationId)) ? 'intended' : 'none';
  };
}
