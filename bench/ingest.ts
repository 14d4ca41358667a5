/**
 * The whole `webhook` handler over real HTTP, warm: CPU for each event, against a bare put of the SDK and a raw request, all in one
 * process and in turns; then 5,000 events of which every hundredth is signed wrongly.
 */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleHandler, handlerEntries } from '../infra/bundle.ts';
import { ROOT } from '../infra/root.ts';
import { ENV } from '../lambdas/contract.ts';
import { raw, SIGNED } from './floors.ts';
import { projectsNode } from './node.ts';
import { output } from './output.ts';
import { type Figure, type Part, scratchFolder } from './report.ts';

const SECRET = 'pdl_ntfset_bench';

/** Runs in the child; `handler`, `put`, `work` and the floors are made before. */
const CHILD = `
const context = { awsRequestId: 'bench', functionName: 'bench' };
let count = 0;
const id = (kind) => kind + '_01j9zv4tnm' + String(count).padStart(16, '0');
function event(bad, size = 400) {
  count += 1;
  const body = JSON.stringify({ event_id: id('evt'), event_type: 'client_token.created', occurred_at: '2026-11-22T03:00:00.000000Z',
    notification_id: id('ntf'), data: { id: id('ctkn'), name: 'pricing-page', status: 'active', description: 'x'.repeat(size) } });
  const ts = Math.floor(Date.now() / 1000);
  const h1 = createHmac('sha256', bad ? 'wrong' : SECRET).update(ts + ':' + body).digest('hex');
  return { pathParameters: { account: 'sandbox' }, headers: { 'paddle-signature': 'ts=' + ts + ';h1=' + h1 },
    requestContext: { http: { method: 'POST' } }, body, isBase64Encoded: false };
}
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const log = process.stdout.write.bind(process.stdout);
/** The same item for everybody who puts one. */
async function withItem(each) {
  const item = Object.entries(await work(each)).filter(([, value]) => value !== undefined);
  const Item = Object.fromEntries(item.map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }]));
  return { ...each, input: { TableName: 'audit', Item, ConditionExpression: 'attribute_not_exists(pk)' } };
}
async function round(subject, times, size) {
  const events = [];
  for (let at = 0; at < times; at += 1) events.push(await withItem(event(false, size)));
  const begun = process.cpuUsage();
  for (const each of events) await subject(each);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / times;
}
(async () => {
  process.stdout.write = () => true;
  console.log = console.info = console.warn = () => {};
  const subjects = { handler: (each) => handler(each, context), put: (each) => put(each.input),
    signed: (each) => signed(asCall(each)), raw: (each) => call(asCall(each)) };
  const cpu = { handler: [], put: [], signed: [], raw: [], work: [], least: [] };
  for (const subject of Object.values(subjects)) await round(subject, 150);
  for (let at = 0; at < ROUNDS; at += 1)
    for (const [name, subject] of Object.entries(subjects)) cpu[name].push(await round(subject, 150));
  await round(work, 500, 5900);
  const least = async ({ headers, body }) => {
    const [, ts] = /^ts=(\\d+)/.exec(headers['paddle-signature']);
    createHmac('sha256', SECRET).update(ts + ':' + body).digest();
    JSON.stringify(JSON.parse(body).data);
  };
  for (let at = 0; at < ROUNDS; at += 1) {
    cpu.work.push(await round(work, 500, 5900));
    cpu.least.push(await round(least, 500, 5900));
  }
  const times = [];
  let stored = 0, refused = 0;
  global.gc();
  const before = process.memoryUsage().heapUsed;
  const begun = performance.now();
  for (let at = 0; at < 5000; at += 1) {
    const each = event(at % 100 === 99);
    const from = performance.now();
    const { statusCode } = await handler(each, context);
    times.push(performance.now() - from);
    if (statusCode === 200) stored += 1; else if (statusCode === 401) refused += 1;
  }
  const seconds = (performance.now() - begun) / 1000;
  global.gc();
  const grown = (process.memoryUsage().heapUsed - before) / 1e6;
  times.sort((a, b) => a - b);
  log(JSON.stringify({ handler: median(cpu.handler), put: median(cpu.put), signed: median(cpu.signed), work: median(cpu.work), least: median(cpu.least), raw: median(cpu.raw), perSecond: 5000 / seconds,
    p50: times[2500], p99: times[4950], stored, refused, grown }) + '\\n');
  process.exit(0);
})();`;

const BARE_PUT = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({});
export const handler = (input) => client.send(new PutItemCommand(input));`;

/** The handler's own work, without its call: what is verified, read and made an item of. */
const WORK = `
import { readEvent } from '${ROOT}/lambdas/paddle/envelope.ts';
import { webhookItem } from '${ROOT}/lambdas/paddle/webhook-record.ts';
import { jsonOf } from '${ROOT}/lambdas/webhook/body.ts';
import { verifySignature } from '${ROOT}/lambdas/webhook/verify-signature.ts';
export const handler = async (event) => {
  const rawBody = Buffer.from(event.body, 'utf8');
  const header = event.headers['paddle-signature'];
  if (!verifySignature({ header, rawBody, secrets: ['${SECRET}'], now: Date.now() }).ok) throw new Error('not verified');
  const read = readEvent(jsonOf(rawBody).value);
  return webhookItem(read.event, 'sandbox', new Date().toISOString(), 'webhook', rawBody);
};`;

const FLOORS = `${raw('http')}${SIGNED}
const asCall = ({ input }) => ['dynamodb', 'DynamoDB_20120810.PutItem', '1.0', JSON.stringify(input)];`;

export const ingest: Part = {
  name: 'ingest',
  about: 'the webhook handler, warm: CPU, events a second, latency, memory',
  async run(): Promise<readonly Figure[]> {
    const folder = scratchFolder('ingest');
    const server = createServer((request, response) => {
      const isSecret = String(request.headers['x-amz-target']).endsWith('GetSecretValue');
      request.resume();
      request.once('end', () => {
        response.setHeader('content-type', 'application/x-amz-json-1.0');
        response.end(isSecret ? JSON.stringify({ Name: 'secret', SecretString: SECRET }) : '{}');
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      writeFileSync(path.join(folder, 'put.ts'), BARE_PUT);
      const webhook = await bundleHandler(handlerEntries.webhook, path.join(folder, 'webhook'));
      writeFileSync(path.join(folder, 'work.ts'), WORK);
      const put = await bundleHandler(path.join(folder, 'put.ts'), path.join(folder, 'put'));
      const work = await bundleHandler(path.join(folder, 'work.ts'), path.join(folder, 'work'));
      const required = (directory: string) => `require(${JSON.stringify(path.join(directory, 'index.js'))}).handler`;
      const script = `const SECRET = '${SECRET}', ROUNDS = 9;${FLOORS}
        const handler = ${required(webhook.directory)}; const put = ${required(put.directory)};
        const work = ${required(work.directory)};${CHILD}`;
      const env = {
        ...Object.fromEntries(Object.values(ENV).map((name) => [name, `${url}/nothing`])),
        ...{ [ENV.auditTable]: 'audit', [ENV.webhookSecrets]: '{"sandbox":{"secret":"secret"}}', TMPDIR: tmpdir() },
        ...{
          AWS_REGION: 'eu-west-1',
          AWS_ACCESS_KEY_ID: 'nobody',
          AWS_SECRET_ACCESS_KEY: 'nothing',
          AWS_ENDPOINT_URL: url,
        },
      };
      const stdout = await output(projectsNode(), ['--expose-gc', '-e', script], env, 600_000);
      return figuresOf(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const WORK_HOLDS =
  'HMAC, parsing and writing JSON are most of it, see the next line; the rest looks for what must be masked';

function figuresOf(
  child: Readonly<
    Record<
      | 'handler'
      | 'put'
      | 'signed'
      | 'work'
      | 'least'
      | 'raw'
      | 'perSecond'
      | 'p50'
      | 'p99'
      | 'stored'
      | 'refused'
      | 'grown',
      number
    >
  >,
): Figure[] {
  const { handler, put, signed, work, least, raw, perSecond, p50, p99, stored, refused, grown } = child;
  return [
    {
      name: 'CPU of the handler / bare put of the SDK',
      value: handler / put,
      unit: 'x',
      target: 1.1,
      note: 'verification, parsing, log and metric line of each event',
    },
    {
      name: 'CPU of the handler / raw request',
      value: handler / raw,
      unit: 'x',
      target: 2.5,
      note: "the SDK: its middleware, signature and (de)serialisation are most of it; see the put's own ratio",
    },
    { name: 'CPU of the bare put / raw request', value: put / raw, unit: 'x' },
    { name: 'CPU of a put signed by hand / raw request', value: signed / raw, unit: 'x' },
    { name: 'verified, parsed, made an item: 6.5 KB', value: work, unit: 'us', target: 50, note: WORK_HOLDS },
    { name: 'the same / HMAC, JSON.parse and JSON.stringify alone', value: work / least, unit: 'x' },
    { name: 'CPU for each event', value: handler, unit: 'us' },
    { name: 'events a second, one after the other', value: perSecond, unit: '1/s' },
    { name: 'p50', value: p50, unit: 'ms' },
    { name: 'p99', value: p99, unit: 'ms' },
    { name: 'of 5,000 stored', value: stored, unit: '', target: 4_950, atLeast: true },
    { name: 'of 5,000 refused for their signature', value: refused, unit: '', target: 50, atLeast: true },
    { name: 'memory that 5,000 events leave behind', value: Math.max(0, grown), unit: 'MB', target: 4 },
  ];
}
