import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoThrottle } from '../../lambdas/adapters/dynamodb/throttle.ts';
import { createLocalThrottle, type Throttle } from '../../lambdas/paddle/throttle.ts';
import { type Asked, type Reply, ScriptedHttp } from '../fakes/scripted-http.ts';
import { NOW } from './setup.ts';

const CONDITION = 'attribute_not_exists(blockedUntil) OR blockedUntil < :until';
const KEY = { pk: { S: 'ACCOUNT#sandbox' }, sk: { S: 'THROTTLE' } };
const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body,
});

/** DynamoDB's wire protocol, for one item and for the one condition that is used on it. */
class OneItemTable {
  stored: number | undefined;
  broken = false;
  readonly operations: string[] = [];

  answer(asked: Asked): Reply {
    const operation = String(asked.headers['x-amz-target']).split('.')[1] ?? '';
    this.operations.push(operation);
    if (this.broken) return json(400, { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'no' });
    const body = JSON.parse(asked.body);
    expect(body).toMatchObject({ TableName: 'paddlewheel-ledger', Key: KEY });
    return operation === 'GetItem' ? this.#get() : this.#update(body);
  }

  #get(): Reply {
    return json(200, this.stored === undefined ? {} : { Item: { ...KEY, blockedUntil: { N: String(this.stored) } } });
  }

  #update(body: { ConditionExpression: string; ExpressionAttributeValues: { ':until': { N: string } } }): Reply {
    expect(body.ConditionExpression).toBe(CONDITION);
    const until = Number(body.ExpressionAttributeValues[':until'].N);
    if (this.stored !== undefined && this.stored >= until) {
      return json(400, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: 'no' });
    }
    this.stored = until;
    return json(200, {});
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
  const client = new DynamoDBClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  closing.push(
    () => client.destroy(),
    () => server.close(),
  );
  const failures: unknown[] = [];
  const worker = () =>
    createDynamoThrottle({
      client,
      table: 'paddlewheel-ledger',
      account: 'sandbox',
      onReadFailure: (error) => failures.push(error),
    });
  return { table, worker, failures };
}

const KINDS: Record<string, () => Promise<Throttle>> = {
  'of one process': async () => createLocalThrottle(),
  'in the ledger': async () => (await openTable()).worker(),
};
describe.each(Object.entries(KINDS))('a throttle %s', (_, open) => {
  test('lets through until it is blocked, and again from the very end of the block on', async () => {
    const throttle = await open();
    expect(await throttle.blockedUntil(NOW)).toBeUndefined();
    await throttle.block(NOW + 60_000);
    expect(await throttle.blockedUntil(NOW + 59_999)).toBe(NOW + 60_000);
    expect(await throttle.blockedUntil(NOW + 60_000)).toBeUndefined();
  });

  test('never shortens a block', async () => {
    const throttle = await open();
    await throttle.block(NOW + 60_000);
    await throttle.block(NOW + 1_000);
    expect(await throttle.blockedUntil(NOW + 2_000)).toBe(NOW + 60_000);
  });
});

describe('a throttle in the ledger', () => {
  test('silences the other workers of the account', async () => {
    const { worker } = await openTable();
    await worker().block(NOW + 60_000);
    expect(await worker().blockedUntil(NOW)).toBe(NOW + 60_000);
  });

  test('leaves the longer block of another worker', async () => {
    const { table, worker } = await openTable();
    table.stored = NOW + 90_000;
    await worker().block(NOW + 60_000);
    expect(table.stored).toBe(NOW + 90_000);
  });

  test('replaces a block that is over', async () => {
    const { table, worker } = await openTable();
    table.stored = NOW - 1;
    await worker().block(NOW + 60_000);
    expect(table.stored).toBe(NOW + 60_000);
  });

  test('reads at most once in two seconds, and not at all while it knows of a block', async () => {
    const { table, worker } = await openTable();
    const throttle = worker();
    await throttle.blockedUntil(NOW);
    await throttle.blockedUntil(NOW + 1_999);
    expect(table.operations).toEqual(['GetItem']);
    table.stored = NOW + 60_000;
    expect(await throttle.blockedUntil(NOW + 2_000)).toBe(NOW + 60_000);
    await throttle.blockedUntil(NOW + 30_000);
    expect(table.operations).toEqual(['GetItem', 'GetItem']);
  });

  describe('that cannot be read', () => {
    test('lets one call through in five seconds: neither dead nor a storm', async () => {
      const { table, worker, failures } = await openTable();
      table.broken = true;
      const throttle = worker();
      expect(await throttle.blockedUntil(NOW)).toBeUndefined();
      expect(await throttle.blockedUntil(NOW + 1)).toBe(NOW + 5_000);
      expect(await throttle.blockedUntil(NOW + 4_999)).toBe(NOW + 5_000);
      expect(await throttle.blockedUntil(NOW + 5_000)).toBeUndefined();
      expect(failures).toHaveLength(4);
    });

    test('still heeds the lock-out that this process has seen', async () => {
      const { table, worker } = await openTable();
      const throttle = worker();
      table.broken = true;
      await expect(throttle.block(NOW + 60_000)).rejects.toThrow('no');
      expect(await throttle.blockedUntil(NOW + 59_999)).toBe(NOW + 60_000);
    });

    test('is as good as new once it can be read again', async () => {
      const { table, worker } = await openTable();
      const throttle = worker();
      table.broken = true;
      await throttle.blockedUntil(NOW);
      table.broken = false;
      expect(await throttle.blockedUntil(NOW + 1)).toBeUndefined();
    });
  });
});
