/** A first deploy that fails half-way is no obstacle to the next: what it leaves behind is in nobody's way. */
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { NAMES } from '../../lambdas/contract.ts';
import { type LocalAws, startLocalAws } from '../../local/aws.ts';
import { deployPaddlewheel } from '../../local/deploy.ts';
import { settingsFor } from './aws-world.ts';

// Always its own: a stack that was rolled back lies there.
delete process.env.PADDLEWHEEL_AWS_URL;

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
}, 120_000);
afterAll(() => aws?.stop());

test('is rolled back, leaves its tables, and is deployed again', async () => {
  const ssm = new SSMClient(settingsFor(aws));
  const tables = async () =>
    (await new DynamoDBClient(settingsFor(aws)).send(new ListTablesCommand({}))).TableNames ?? [];
  const deploy = () =>
    deployPaddlewheel({ aws, config: 'test/resources/hooks.config.ts', paddleUrl: 'http://127.0.0.1:1' });
  // Something of ours that is there already, and not ours: CloudFormation meets it after it has made the tables.
  const Name = NAMES.ledgerTableParameter;
  await ssm.send(new PutParameterCommand({ Name, Value: 'in the way', Type: 'String' }));
  await expect(deploy()).rejects.toThrow(/ROLLBACK|failed/i);
  const left = await tables();
  await ssm.send(new DeleteParameterCommand({ Name }));

  const { outputs } = await deploy();
  expect(left).toHaveLength(2);
  expect(await tables()).toEqual(
    expect.arrayContaining([...left, outputs.PaddlewheelLedgerTable, outputs.PaddlewheelAuditTable]),
  );
  // Nobody can reach Paddle there, and the deploy ends well all the same.
  expect(outputs.PaddlewheelWebhooks).toMatch(/^sandbox: (pending|failed) /);
}, 540_000);
