/**
 * How long a cold `webhook` takes from the loading of its code to the first event that is stored, and how long each handler
 * takes to load. Every run is a new process; what is told are ratios to a floor of the same run: raw
 * `node:https`, unsigned, making the same three calls. The milliseconds hold on no other machine.
 */
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleHandlers, HANDLERS } from '../infra/bundle.ts';
import { ENV } from '../lambdas/contract.ts';
import { certificateFor } from '../test/fakes/certificate.ts';
import { type Figure, median, type Part } from './report.ts';

const RUNS = 15;
const PATIENCE_MS = 30_000;
const SECRET = 'pdl_ntfset_bench';

/** A process of its own that prints the milliseconds that `body` took. `finish(promise)` ends it. */
async function timed(body: string, env: NodeJS.ProcessEnv): Promise<number> {
  const script = `
    const began = performance.now();
    const finish = (done) => Promise.resolve(done).then((answer) => {
      if (answer && answer.statusCode !== 200) throw new Error('answered ' + answer.statusCode);
      require('node:fs').writeSync(1, '\\n' + (performance.now() - began));
      process.exit(0);
    });
    ${body}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env, timeout: PATIENCE_MS });
  return Number(stdout.split('\n').at(-1));
}

function firstEvent(file: string): string {
  const body = JSON.stringify({
    event_id: 'evt_01j9zv4tnmk8w2f7q3c5x6y7z8',
    event_type: 'client_token.created',
    occurred_at: '2026-11-22T03:00:00.000000Z',
    notification_id: 'ntf_01j9zv4tnmk8w2f7q3c5x6y7z8',
    data: { id: 'ctkn_01j9zv4tnmk8w2f7q3c5x6y7z8', name: 'pricing-page', status: 'active' },
  });
  const ts = Math.floor(Date.now() / 1000);
  const event = {
    pathParameters: { account: 'sandbox' },
    headers: {
      'paddle-signature': `ts=${ts};h1=${createHmac('sha256', SECRET).update(`${ts}:${body}`).digest('hex')}`,
    },
    requestContext: { http: { method: 'POST' } },
    body,
    isBase64Encoded: false,
  };
  return `finish(require(${JSON.stringify(file)}).handler(${JSON.stringify(event)}, { awsRequestId: 'bench' }));`;
}

const floor = `
  const https = require('node:https');
  const agent = new https.Agent({ keepAlive: true });
  const call = (target, body) => new Promise((resolve, reject) => {
    const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
    const request = https.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', resolve);
    });
    request.once('error', reject);
    request.end(JSON.stringify(body));
  });
  const put = (pk) => call('DynamoDB_20120810.PutItem', { TableName: 'audit', Item: { pk: { S: pk } } });
  const secret = call('secretsmanager.GetSecretValue', { SecretId: 'secret' });
  finish(put('WARM').then(() => secret).then(() => put('evt')).then(() => undefined));`;

/** The imports of AWS's template for rotating a secret in Python. */
const PYTHON =
  'import time; begun = time.perf_counter(); import boto3, json, logging, os; boto3.client("secretsmanager"); print((time.perf_counter() - begun) * 1000)';

async function pythonTemplate(env: NodeJS.ProcessEnv): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', PYTHON], { env, timeout: PATIENCE_MS });
    return Number(stdout);
  } catch {
    // No boto3 here: the comparison is left out.
    return undefined;
  }
}

const FLOOR = 'raw https, the same three calls';
const FIRST = 'webhook: loaded, first event stored';
const EMPTY = 'an empty handler';

export const coldStart: Part = {
  name: 'cold-start',
  about: 'all handlers, from the loading of their code on, in processes of their own',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-bench-'));
    const { key, cert } = certificateFor('localhost');
    const authority = path.join(folder, 'authority.pem');
    writeFileSync(authority, cert);

    /** Answers a secret to whoever asks for one, and takes every put but the warming one, whose condition never holds. */
    const server = createServer({ key, cert }, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const refused = Buffer.concat(chunks).includes('"WARM"');
      const answer = String(request.headers['x-amz-target']).endsWith('GetSecretValue')
        ? { Name: 'secret', SecretString: SECRET }
        : refused
          ? { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException' }
          : {};
      response
        .writeHead(refused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify(answer));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `https://localhost:${(server.address() as AddressInfo).port}`;

    const env = {
      ...Object.fromEntries(Object.values(ENV).map((name) => [name, `${url}/nothing`])),
      [ENV.auditTable]: 'audit',
      [ENV.webhookSecrets]: '{"sandbox":{"secret":"secret"}}',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
      AWS_ENDPOINT_URL: url,
      NODE_EXTRA_CA_CERTS: authority,
    };
    try {
      const bundles = await bundleHandlers({ outdir: path.join(folder, 'bundles') });
      const file = (handler: (typeof HANDLERS)[number]) => path.join(bundles[handler].directory, 'index.js');
      const subjects: readonly (readonly [name: string, body: () => string])[] = [
        [FLOOR, () => floor],
        [FIRST, () => firstEvent(file('webhook'))],
        [EMPTY, () => 'finish();'],
        ...HANDLERS.map(
          (handler) => [`${handler}: loaded`, () => `require(${JSON.stringify(file(handler))}); finish();`] as const,
        ),
      ];
      const took = new Map<string, number[]>(subjects.map(([name]) => [name, []]));
      const python: number[] = [];
      // One of each in turn, so that what disturbs the machine disturbs all alike. The first round warms the disk.
      for (let run = 0; run <= RUNS; run += 1) {
        for (const [name, body] of subjects) {
          const ms = await timed(body(), env);
          if (run > 0) took.get(name)?.push(ms);
        }
        const ms = await pythonTemplate({ ...process.env, AWS_DEFAULT_REGION: 'eu-west-1' });
        if (run > 0 && ms !== undefined) python.push(ms);
      }
      return figuresOf(took, python);
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const HOLDS = "reading and compiling the SDK's clients; see the size of the bundle";

function figuresOf(took: ReadonlyMap<string, readonly number[]>, python: readonly number[]): Figure[] {
  const of = (name: string) => median(took.get(name) ?? []);
  const base = of(FLOOR);
  const loaded = HANDLERS.map(
    (handler): Figure => ({ name: `${handler}: loaded`, value: of(`${handler}: loaded`) / base, unit: 'x floor' }),
  );
  const ratio = (handler: string) => of(`${handler}: loaded`) / median(python);
  const againstPython: Figure[] =
    python.length === 0
      ? []
      : [
          {
            name: "rotate: loaded / AWS's Python template",
            value: ratio('rotate'),
            unit: 'x',
            target: 0.3,
            note: HOLDS,
          },
        ];
  return [
    { name: FIRST, value: of(FIRST) / base, unit: 'x floor', target: 2.4, note: HOLDS },
    ...againstPython,
    ...loaded,
    { name: 'an empty handler', value: of(EMPTY) / base, unit: 'x floor' },
    { name: `floor: ${FLOOR}`, value: base, unit: 'ms' },
  ];
}
