/** A first deploy that fails half-way is no obstacle to the next, nor is a destroy: what they leave behind is in nobody's way, and can be gone on with. */
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { NAMES } from '../../lambdas/contract.ts';
import { type LocalAws, startLocalAws } from '../../local/aws.ts';
import { type Deployed, deployPaddlewheel, destroyPaddlewheel } from '../../local/deploy.ts';
import { settingsFor } from './aws-world.ts';

// Always its own: a stack that was rolled back lies there.
delete process.env.PADDLEWHEEL_AWS_URL;

let aws: LocalAws;
/** Of the deployment that stands there in the end. */
let outputs: Deployed['outputs'];
beforeAll(async () => {
  aws = await startLocalAws();
}, 120_000);
afterAll(() => aws?.stop());

const paddleUrl = 'http://127.0.0.1:1';

test('is rolled back, leaves its tables, and is deployed again', async () => {
  const ssm = new SSMClient(settingsFor(aws));
  const tables = async () =>
    (await new DynamoDBClient(settingsFor(aws)).send(new ListTablesCommand({}))).TableNames ?? [];
  const deploy = () => deployPaddlewheel({ aws, config: 'test/resources/hooks.config.ts', paddleUrl });
  // Something of ours that is there already, and not ours: CloudFormation meets it after it has made the tables.
  const Name = NAMES.ledgerTableParameter;
  await ssm.send(new PutParameterCommand({ Name, Value: 'in the way', Type: 'String' }));
  await expect(deploy()).rejects.toThrow(/ROLLBACK|failed/i);
  const left = await tables();
  await ssm.send(new DeleteParameterCommand({ Name }));

  ({ outputs } = await deploy());
  expect(left).toHaveLength(2);
  expect(await tables()).toEqual(
    expect.arrayContaining([...left, outputs.PaddlewheelLedgerTable, outputs.PaddlewheelAuditTable]),
  );
  // Nobody can reach Paddle there, and the deploy ends well all the same.
  expect(outputs.PaddlewheelWebhooks).toMatch(/^sandbox: (pending|failed) /);
}, 300_000);

test('destroyed, it leaves its tables; deployed again with their names, it goes on with what is in them', async () => {
  const dynamo = new DynamoDBClient(settingsFor(aws));
  const key = { pk: { S: 'ACCOUNT#kept' }, sk: { S: 'CONFIG' } };
  const left = [String(outputs.PaddlewheelLedgerTable), String(outputs.PaddlewheelAuditTable)] as const;
  for (const TableName of left) await dynamo.send(new PutItemCommand({ TableName, Item: key }));
  await destroyPaddlewheel({ aws, config: 'test/resources/hooks.config.ts', paddleUrl });
  expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual(expect.arrayContaining([...left]));

  [process.env.PADDLEWHEEL_E2E_LEDGER, process.env.PADDLEWHEEL_E2E_TRAIL] = left;
  const options = ['--import-existing-resources'];
  const again = await deployPaddlewheel({ aws, config: 'test/resources/adopted.config.ts', paddleUrl, options });
  expect([again.outputs.PaddlewheelLedgerTable, again.outputs.PaddlewheelAuditTable]).toEqual(left);
  for (const TableName of left)
    expect((await dynamo.send(new GetItemCommand({ TableName, Key: key }))).Item).toEqual(key);
}, 540_000);
