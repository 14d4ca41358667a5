/** What the stream of the audit trail gives up, on a deployed stack. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { trailItems } from '../../cli/trail-reader.ts';
import { auditItem } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { scanned } from '../../lambdas/adapters/dynamodb/pages.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { chainKeys, isOfChain, type Link, type TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import { verifyPartition } from '../../lambdas/domain/verify-chain.ts';
import type { Installation } from '../../local/installation.ts';

/** For six hours a record may be on its way; this one was written before. */
const HOUR = 3_600_000;
const pk = 'INTEGRATION#shop';

/**
 * A record that the stream does not hand over: it comes in as a kind that the stream leaves out, and becomes a record by a change,
 * which the stream leaves out as well. @throws unless the comparison chains it, and only it, once
 */
export async function chainMissing(running: Installation): Promise<void> {
  const client = new DynamoDBClient(running.clientSettings);
  const TableName = String(running.outputs.PaddlewheelAuditTable);
  const record = auditItem({
    ...{ id: 'act_lost', type: 'token.published', at: new Date(Date.now() - 7 * HOUR).toISOString() },
    ...{ account: 'first', integration: 'shop', message: 'The stream gave it up.' },
  });
  for (const Item of [{ ...record, kind: { S: 'left-out' } }, record])
    await client.send(new PutItemCommand({ TableName, Item }));
  const faults = async () => {
    const chain = (await trailItems(client, TableName, chainKeys.partition(pk))) as unknown as readonly Link[];
    const records = await trailItems(client, TableName, pk);
    return verifyPartition({ pk, chain, records }, Date.now()).faults.map(({ kind, record: of }) => `${kind} ${of}`);
  };
  mustBe(await faults(), [`unchained ${record.sk?.S}`], 'before the comparison');
  const compare = () => running.invoke<{ chained: number }>(NAMES.observe, { action: 'chain-missing' });
  mustBe([(await compare()).chained, (await compare()).chained], [1, 0], 'records that two comparisons chained');
  mustBe(await faults(), [], 'after the comparison');
  const items = await Array.fromAsync(scanned(client, { TableName, ConsistentRead: true }, { maxPages: 100 }));
  const trail = items.map((item) => unmarshall(item) as TrailRecord).filter((item) => !isOfChain(item));
  const unseen = trail.filter(({ writtenIn }) => !/^\d{4}-\d\d-\d\dT\d\d$/.test(String(writtenIn)));
  mustBe(
    unseen.map(({ sk }) => sk),
    [],
    'records that do not say when they were written',
  );
}

function mustBe(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`);
}
