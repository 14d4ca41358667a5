/** The registrar under load: what DynamoDB turns away for the moment is written in the end, and nothing else is repeated. */
import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { passes, untilTaken } from '../../lambdas/adapters/dynamodb/contended.ts';
import { createDynamoRegistry } from '../../lambdas/adapters/dynamodb/registry.ts';
import { anIntegration } from '../builders/integration.ts';
import { type Reply, ScriptedHttp } from '../fakes/scripted-http.ts';

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
const named = (name: string) => Object.assign(new Error(name), { name });

test.each<[string, Error, boolean]>([
  ['a conflict with another transaction', cancelled('None', 'TransactionConflict'), true],
  ['a throttled item', cancelled('ThrottlingError', 'None'), true],
  ['throughput that is used up', named('ProvisionedThroughputExceededException'), true],
  ['a condition that failed', cancelled('None', 'ConditionalCheckFailed'), false],
  ['a condition that failed beside a conflict', cancelled('TransactionConflict', 'ConditionalCheckFailed'), false],
  ['a transaction cancelled without a reason', cancelled(), false],
  ['a missing permission', named('AccessDeniedException'), false],
])('%s: is it tried again?', (_, error, again) => {
  expect(passes(error)).toBe(again);
});

test('what is turned away for ever ends after ten attempts and bounded pauses', async () => {
  const pauses: number[] = [];
  let attempts = 0;
  const write = async () => {
    attempts += 1;
    throw cancelled('TransactionConflict');
  };
  const rest = async (ms: number) => void pauses.push(ms);
  await expect(untilTaken(write, rest, () => 1)).rejects.toBeInstanceOf(TransactionCanceledException);
  expect(attempts).toBe(10);
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

describe('over the wire', () => {
  const json = (status: number, body: unknown): Reply => ({
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body,
  });
  const conflict = json(400, {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    message: 'cancelled',
    CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
  });

  test('a registration meets a conflict, and asks again under another token', async () => {
    const server = await new ScriptedHttp().open();
    const tokens: string[] = [];
    server.otherwise(({ body }) => {
      tokens.push(JSON.parse(body).ClientRequestToken);
      return tokens.length === 1 ? conflict : json(200, {});
    });
    const client = new DynamoDBClient({
      ...{ endpoint: server.url, region: 'eu-west-1', maxAttempts: 1 },
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    try {
      await createDynamoRegistry({ client, table: 'ledger' }).change(anIntegration());
      expect(tokens).toHaveLength(2);
      expect(tokens[0]).not.toBe(tokens[1]);
    } finally {
      client.destroy();
      await server.close();
    }
  });
});
