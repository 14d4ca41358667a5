/** Clients, tables and small interferences on a local AWS, for tests of the adapters alone. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { clientSettings } from '../../lambdas/adapters/aws/clients.ts';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { DAY_INDEX, DUE_INDEX, WRITTEN_INDEX } from '../../lambdas/contract.ts';
import type { AuditRecord } from '../../lambdas/domain/model.ts';
import type { LocalAws } from '../../local/aws.ts';

/** What stands for AWS. */
export type Emulator = Pick<LocalAws, 'url' | 'env' | 'stop'>;

/** Deadlines are made for AWS. An emulator on a busy machine is slower, and to repeat what was done after all is often an error. */
const PATIENT_MS = 60_000;

/** What SDK clients need to reach it with the settings that the functions use, but for the deadlines. */
export const settingsFor = (aws: Pick<Emulator, 'url' | 'env'>) => ({
  ...clientSettings,
  requestHandler: {
    ...clientSettings.requestHandler,
    connectionTimeout: PATIENT_MS,
    requestTimeout: PATIENT_MS,
    socketTimeout: PATIENT_MS,
  },
  endpoint: aws.url,
  region: String(aws.env.AWS_REGION),
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** The two tables with the keys and indexes of the real ones. */
export async function createTables(client: DynamoDBClient, tables: { ledger: string; audit: string }): Promise<void> {
  const create = (TableName: string, indexes: readonly (Index & { readonly whole?: true })[]) => {
    const keys = [...new Set(['pk', 'sk', ...indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey])])];
    const command = new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema('pk', 'sk'),
      GlobalSecondaryIndexes: indexes.map(({ name, partitionKey, sortKey, whole }) => ({
        IndexName: name,
        KeySchema: keySchema(partitionKey, sortKey),
        Projection: { ProjectionType: whole ? 'ALL' : 'KEYS_ONLY' },
      })),
    });
    return client.send(command);
  };
  await create(tables.ledger, [DUE_INDEX]);
  await create(tables.audit, [{ ...DAY_INDEX, whole: true }, WRITTEN_INDEX]);
}

interface Index {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

const keySchema = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
];

export const put = (client: DynamoDBClient, TableName: string, value: object) =>
  client.send(new PutItemCommand({ TableName, Item: marshall(value, { removeUndefinedValues: true }) }));

/** Our records of an integration that concern no token, read past the adapters. */
export async function recordsOf(client: DynamoDBClient, table: string, integration: string): Promise<AuditRecord[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': ledgerKeys.config(integration).pk }),
    }),
  );
  return Items.map((item) => {
    const { pk, sk, day, writtenIn, kind, ...record } = unmarshall(item);
    return record as AuditRecord;
  });
}

/**
 * A DynamoDB client that can lose one answer. `call`: the caller is told that the call failed. `wire`: one attempt gets
 * no answer, and the SDK tries again by itself.
 */
export function forgetfulClient(settings: ReturnType<typeof settingsFor>) {
  const client = new DynamoDBClient(settings);
  let losing: 'call' | 'response' | undefined;
  let attempts = 0;
  const loses = (where: 'call' | 'response') => {
    if (losing !== where) return;
    losing = undefined;
    throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
  };
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      loses('call');
      return answer;
    },
    { step: 'initialize' },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      attempts += 1;
      const answer = await next(args);
      loses('response');
      return answer;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return {
    client,
    loseNextAnswer: (where: 'call' | 'response') => {
      losing = where;
      attempts = 0;
    },
    attempts: () => attempts,
  };
}
