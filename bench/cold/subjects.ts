/** What is compared: the same calls, by nothing but Node, by a signature of our own, by the SDK, and by Python. */
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleHandler } from '../../infra/bundle.ts';
import { ROOT } from '../../infra/root.ts';
import { raw, SIGNED } from '../floors.ts';
import { SECRET } from './server.ts';

const RAW = raw('https');
const PUT =
  '{"TableName":"audit","Item":{"pk":{"S":"evt"},"sk":{"S":"1"}},"ConditionExpression":"attribute_not_exists(pk)"}';
const CALLS = `[
  ['dynamodb', 'DynamoDB_20120810.PutItem', '1.0', ${JSON.stringify(PUT)}],
  ['ssm', 'AmazonSSM.PutParameter', '1.1', '{"Name":"/a","Value":"b","Type":"String","Overwrite":true}'],
  ['secretsmanager', 'secretsmanager.GetSecretValue', '1.1', '{"SecretId":"secret"}'],
]`;

const SDK_PUT = `
  import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
  const client = new DynamoDBClient({});
  export const handler = () => client.send(new PutItemCommand(${PUT})).then(() => undefined);`;
const SDK_THREE = `
  import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
  import { SSMClient, PutParameterCommand } from '@aws-sdk/client-ssm';
  import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
  const [dynamo, ssm, secrets] = [new DynamoDBClient({}), new SSMClient({}), new SecretsManagerClient({})];
  export const handler = async () => {
    await dynamo.send(new PutItemCommand(${PUT}));
    await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String', Overwrite: true }));
    await secrets.send(new GetSecretValueCommand({ SecretId: 'secret' }));
  };`;

const PYTHON_PUT = 'boto3.client("dynamodb").put_item(TableName="audit", Item={"pk": {"S": "evt"}, "sk": {"S": "1"}})';
const PYTHON_THREE = `${PYTHON_PUT}
boto3.client("ssm").put_parameter(Name="/a", Value="b", Type="String", Overwrite=True)
boto3.client("secretsmanager").get_secret_value(SecretId="secret")`;
/** The imports of AWS's template for rotating a secret, and the calls. */
const inPython = (calls: string) => `import time
begun = time.perf_counter()
import boto3, json, logging, os
${calls}
print((time.perf_counter() - begun) * 1000)`;

const required = (directory: string) => `require(${JSON.stringify(path.join(directory, 'index.js'))})`;
const run = (directory: string) => `finish(${required(directory)}.handler());`;

/** @param folder within the project, where the SDK is found */
export async function subjectsIn(folder: string) {
  const bundled = async (name: string, source: string) => {
    writeFileSync(path.join(folder, `${name}.ts`), source);
    return bundleHandler(path.join(folder, `${name}.ts`), path.join(folder, name));
  };
  const put = await bundled('put', SDK_PUT);
  const three = await bundled('three', SDK_THREE);
  // As the CDK bundles when nobody says anything: the SDK included, not minified.
  const outfile = path.join(folder, 'default', 'index.js');
  await build({
    ...{ entryPoints: [path.join(folder, 'put.ts')], outfile, absWorkingDir: ROOT, logLevel: 'silent' },
    ...{ bundle: true, platform: 'node', target: 'node24', format: 'cjs' },
  });
  writeFileSync(path.join(folder, 'default', 'package.json'), '{"type":"commonjs"}\n');
  return {
    rawPut: `${RAW} finish(call(${CALLS}[0]));`,
    put: run(put.directory),
    defaultPut: run(path.join(folder, 'default')),
    signedThree: `${RAW}${SIGNED} finish((async () => { for (const each of ${CALLS}) await signed(each); })());`,
    three: run(three.directory),
    pythonPut: inPython(PYTHON_PUT),
    pythonThree: inPython(PYTHON_THREE),
    /** A put that warms and the secret side by side, then the event's put: the same three calls as the webhook makes. */
    rawWebhook: `${RAW}
      const [put, , secret] = ${CALLS};
      const read = call(secret);
      finish(call(put).then(() => read).then(() => call(put)));`,
    webhook: (directory: string) => `finish((${invocation(directory)})());`,
    invocation,
  };
}

/** Source of a function that hands the loaded handler a signed event. */
export function invocation(directory: string): string {
  const body = JSON.stringify({
    event_id: 'evt_01j9zv4tnmk8w2f7q3c5x6y7z8',
    event_type: 'client_token.created',
    occurred_at: '2026-11-22T03:00:00.000000Z',
    notification_id: 'ntf_01j9zv4tnmk8w2f7q3c5x6y7z8',
    data: { id: 'ctkn_01j9zv4tnmk8w2f7q3c5x6y7z8', name: 'pricing-page', status: 'active' },
  });
  const ts = Math.floor(Date.now() / 1000);
  const h1 = createHmac('sha256', SECRET).update(`${ts}:${body}`).digest('hex');
  const headers = { 'paddle-signature': `ts=${ts};h1=${h1}` };
  const requestContext = { http: { method: 'POST' } };
  const event = { pathParameters: { account: 'sandbox' }, headers, requestContext, body, isBase64Encoded: false };
  return `((handler) => () => handler(${JSON.stringify(event)}, { awsRequestId: 'bench' }))(${required(directory)}.handler)`;
}

const WARMING = /^const warmed = trail\.warm\(\);\nvoid secrets\.warm\(4\);$/m;

/** The webhook without what it does while it starts. @throws when that is not where it was */
export async function unwarmedWebhook(folder: string): Promise<string> {
  const source = readFileSync(path.join(ROOT, 'lambdas', 'webhook.ts'), 'utf8');
  if (!WARMING.test(source)) throw new Error('lambdas/webhook.ts warms itself in another way than is known here');
  const lambdas = path.relative(folder, path.join(ROOT, 'lambdas')).replaceAll(path.sep, '/');
  const changed = source
    .replace(WARMING, 'const warmed = Promise.resolve();')
    .replaceAll(/from '\.\//g, `from '${lambdas}/`);
  writeFileSync(path.join(folder, 'unwarmed.ts'), changed);
  return (await bundleHandler(path.join(folder, 'unwarmed.ts'), path.join(folder, 'unwarmed'))).directory;
}
