import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoPaceBook } from '../../lambdas/adapters/dynamodb/pace-book.ts';
import { paceBookContract } from '../contracts/pace-book.contract.ts';
import { type Asked, type Reply, ScriptedHttp } from '../fakes/scripted-http.ts';

interface Stored {
  readonly next?: number;
  readonly blockedUntil?: number;
}
type Values = Readonly<Record<string, number>>;

const isOpen = ({ blockedUntil = 0 }: Stored, values: Values) =>
  blockedUntil <= Number(values[':now']) || blockedUntil > Number(values[':longest']);
const OPEN = '(attribute_not_exists(blockedUntil) OR blockedUntil <= :now OR blockedUntil > :longest)';
const CONDITIONS: Readonly<Record<string, (item: Stored, values: Values) => boolean>> = {
  [`${OPEN} AND #next > :idle AND #next <= :limit`]: (item, values) =>
    isOpen(item, values) &&
    item.next !== undefined &&
    item.next > Number(values[':idle']) &&
    item.next <= Number(values[':limit']),
  [`${OPEN} AND (attribute_not_exists(#next) OR #next <= :idle OR #next > :farthest)`]: (item, values) =>
    isOpen(item, values) &&
    ((item.next ?? 0) <= Number(values[':idle']) || Number(item.next) > Number(values[':farthest'])),
  'attribute_not_exists(blockedUntil) OR blockedUntil < :until OR blockedUntil > :longest': (item, values) =>
    (item.blockedUntil ?? 0) < Number(values[':until']) || Number(item.blockedUntil) > Number(values[':longest']),
};
const CHANGES: Readonly<Record<string, (item: Stored, values: Values) => Stored>> = {
  'SET #next = #next + :turns': (item, values) => ({ ...item, next: Number(item.next) + Number(values[':turns']) }),
  'SET #next = :next': (item, values) => ({ ...item, next: values[':next'] }),
  'SET blockedUntil = :until': (item, values) => ({ ...item, blockedUntil: values[':until'] }),
};

const numbers = (values: Readonly<Record<string, { N: string }>>): Values =>
  Object.fromEntries(Object.entries(values).map(([name, { N }]) => [name, Number(N)]));
const itemOf = (stored: Stored) =>
  Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, { N: String(value) }]));

/** DynamoDB's wire protocol for one item, and for the very conditions that are used on it. */
class OneItemTable {
  stored: Stored = {};
  readonly operations: string[] = [];

  answer(asked: Asked): Reply {
    const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? '';
    this.operations.push(operation);
    const body = JSON.parse(asked.body);
    expect(body).toMatchObject({ Key: { pk: { S: 'PACE#https://sandbox-api.paddle.com' }, sk: { S: 'PACE' } } });
    const reply = (status: number, content: object) => ({
      ...{ status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: content },
    });
    if (operation === 'GetItem') return reply(200, { Item: itemOf(this.stored) });
    const values = numbers(body.ExpressionAttributeValues);
    const holds = CONDITIONS[body.ConditionExpression];
    const change = CHANGES[body.UpdateExpression];
    if (!holds || !change) throw new Error(`unknown: ${body.UpdateExpression} / ${body.ConditionExpression}`);
    const before = this.stored;
    if (holds(before, values)) {
      this.stored = change(before, values);
      return reply(200, { Attributes: itemOf(before) });
    }
    const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
    return reply(400, { __type, message: 'no', Item: itemOf(before) });
  }
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openTable() {
  const table = new OneItemTable();
  const server = await new ScriptedHttp().open();
  server.otherwise((asked) => table.answer(asked));
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const client = new DynamoDBClient({ endpoint: server.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  closing.push(
    () => client.destroy(),
    () => server.close(),
  );
  const book = createDynamoPaceBook({ client, table: 'ledger', apiUrl: 'https://sandbox-api.paddle.com' });
  return { table, book };
}

describe('the book in the ledger', () => {
  paceBookContract(async () => (await openTable()).book);

  test('costs one write for each turn while it is in use, and two for the first', async () => {
    const { table, book } = await openTable();
    const wanted = { now: 1_000_000, calls: 1, everyMs: 250, mostWaitMs: 5_000 };
    await book.book(wanted);
    expect(table.operations).toEqual(['UpdateItem', 'UpdateItem']);
    for (let at = 1; at <= 10; at += 1) await book.book({ ...wanted, now: wanted.now + 300 * at });
    expect(table.operations).toHaveLength(12);
  });

  test('costs one write when there is no turn', async () => {
    const { table, book } = await openTable();
    table.stored = { next: 1_030_000 };
    await book.book({ now: 1_000_000, calls: 1, everyMs: 250, mostWaitMs: 5_000 });
    expect(table.operations).toEqual(['UpdateItem']);
  });
});
