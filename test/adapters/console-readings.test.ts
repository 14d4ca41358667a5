/** What the console reads of the ledger: in batches, again what DynamoDB left out, in the order of the names. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createConsoleReadings } from '../../lambdas/adapters/dynamodb/console-readings.ts';
import { ok, scriptedAws } from './scripted-aws.ts';

const item = (name: string, sk: 'CONFIG' | 'STATE', more: object) =>
  marshall({ pk: `INTEGRATION#${name}`, sk, ...more });
const key = (name: string, sk: string) => marshall({ pk: `INTEGRATION#${name}`, sk });

async function reading<T>(
  answers: Parameters<typeof scriptedAws>[0],
  read: (from: ReturnType<typeof readingsOn>) => Promise<T>,
) {
  const aws = await scriptedAws(answers);
  const client = new DynamoDBClient(aws.settings);
  try {
    return { found: await read(readingsOn(client)), requests: aws.requests };
  } finally {
    client.destroy();
    await aws.close();
  }
}
const readingsOn = (client: DynamoDBClient) =>
  createConsoleReadings({ client, ledgerTable: 'ledger', auditTable: 'trail' });

test('what DynamoDB leaves out of a batch is asked for again', async () => {
  const first = ok({
    Responses: { ledger: [item('b', 'CONFIG', { name: 'b' }), item('a', 'CONFIG', { name: 'a' })] },
    UnprocessedKeys: { ledger: { Keys: [key('a', 'STATE')] } },
  });
  const second = ok({ Responses: { ledger: [item('a', 'STATE', { integration: 'a', version: 7, tokens: [] })] } });
  const { found, requests } = await reading([first, second], (readings) => readings.load(['a', 'b', 'gone']));
  expect(found.map(({ config, state }) => [config.name, state.version])).toEqual([
    ['a', 7],
    ['b', 0],
  ]);
  const asked = requests.map(({ body }) => (body.RequestItems as { ledger: { Keys: object[] } }).ledger.Keys.length);
  expect(asked).toEqual([6, 1]);
});

test('what it leaves out for ever is an error, not an integration that is not there', async () => {
  const never = ok({ Responses: { ledger: [] }, UnprocessedKeys: { ledger: { Keys: [key('a', 'STATE')] } } });
  await expect(reading([never], (readings) => readings.load(['a']))).rejects.toThrow('did not answer all keys');
});

test('many are read a hundred keys at a time', async () => {
  const names = Array.from({ length: 120 }, (_, index) => `shop-${index}`);
  const { requests } = await reading([ok({ Responses: { ledger: [] } })], (readings) => readings.load(names));
  const asked = requests.map(({ body }) => (body.RequestItems as { ledger: { Keys: object[] } }).ledger.Keys.length);
  expect(asked.sort((a, b) => b - a)).toEqual([100, 100, 40]);
});
