/**
 * Stands between the functions and the local AWS, hands every byte on as it is, and writes down which permissions each
 * request needed and whose request it was. What is kept is names and keys: no body, no secret, no signature.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ENV } from '../../lambdas/contract.ts';
import { LOCAL_ACCOUNT, type LocalAws } from '../../local/aws.ts';
import { type AwsCall, callsOf } from './aws-calls.ts';
import { settingsFor } from './aws-world.ts';
import { envelopeFault, SYNCHRONOUS_BYTES } from './lambda-envelope.ts';
import type { Spoken } from './service-models.ts';

/** Larger than anything that AWS would take or give here. */
const MOST_BYTES = 16 * 1024 * 1024;
/** As long as a browser may look at a page. */
const PATIENCE_MS = 130_000;

const INVOCATION = /^POST \/2015-03-31\/functions\//;

export interface RecordedCall extends AwsCall {
  /** The name of the key that signed the request: see `through-the-proxy.cjs`. */
  readonly caller: string;
  /** What was answered, HTTP. */
  readonly status: number;
}

export interface RecordingProxy {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  /** Requests that could not be understood; empty, or the record proves nothing. */
  readonly faults: readonly string[];
  /** Payloads of invocations that Lambda would have refused. */
  readonly oversized: readonly string[];
  /** @param url of the local AWS. Until then, everything is answered 502. */
  forwardTo(url: string): void;
  stop(): Promise<void>;
}

/** @param watch is told every request and answer, bodies included */
export async function startRecordingProxy(watch: (spoken: Spoken) => void = () => {}): Promise<RecordingProxy> {
  const calls: RecordedCall[] = [];
  const faults: string[] = [];
  const oversized: string[] = [];
  const agent = new Agent({ keepAlive: true });
  let upstream: URL | undefined;

  const note = (incoming: IncomingMessage, body: Buffer, status: number, answer: Buffer) => {
    const target = String(incoming.headers['x-amz-target'] ?? `${incoming.method} ${incoming.url?.split('?')[0]}`);
    try {
      const { caller, region } = signer(incoming.headers.authorization);
      const exchange = { target, request: json(body), answer: json(answer), region, account: LOCAL_ACCOUNT };
      watch({ ...exchange, status });
      if (INVOCATION.test(target)) {
        const faultsOfPayloads = [body, answer].map(({ length }) => envelopeFault(length, SYNCHRONOUS_BYTES));
        oversized.push(
          ...faultsOfPayloads.filter((fault) => fault !== undefined).map((fault) => `${target}: ${fault}`),
        );
      }
      calls.push(...callsOf(exchange).map((call) => ({ caller, status, ...call })));
    } catch (error) {
      faults.push(`${target}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await wholeOf(incoming);
      if (!upstream) {
        outgoing.writeHead(502).end();
        return;
      }
      const { hostname: host, port } = upstream;
      const { method, url: path, rawHeaders: headers } = incoming;
      const onward = send({ host, port, method, path, headers, agent, timeout: PATIENCE_MS });
      onward.once('timeout', () => onward.destroy(new Error('the local AWS does not answer')));
      onward.end(body);
      const [answer] = (await once(onward, 'response')) as [IncomingMessage];
      const answered = await wholeOf(answer);
      note(incoming, body, Number(answer.statusCode), answered);
      outgoing.writeHead(Number(answer.statusCode), answer.statusMessage, answer.rawHeaders).end(answered);
    } catch {
      // Whoever asked sees what it would have seen without us: a connection that broke.
      outgoing.destroy();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    faults,
    oversized,
    forwardTo(url) {
      upstream = new URL(url);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  };
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new RangeError('a body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, …` */
function signer(authorization: string | undefined): { caller: string; region: string } {
  const [, caller, region] = /Credential=([^/]+)\/\d{8}\/([^/]+)\//.exec(authorization ?? '') ?? [];
  if (caller === undefined || region === undefined) throw new RangeError('it is not signed');
  return { caller, region };
}

const json = (body: Buffer): unknown => (body.length === 0 ? undefined : JSON.parse(body.toString('utf8')));

/** The SQS client sends to the address that the queue's URL names, whatever its endpoint is: so that must be the proxy's. */
export async function sendReconcilesThrough(proxy: string, aws: LocalAws): Promise<void> {
  const lambda = new LambdaClient(settingsFor(aws));
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  for (const { FunctionName } of Functions) {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const queue = Environment?.Variables?.[ENV.reconcileQueueUrl];
    if (!queue) continue;
    const Variables = {
      ...Environment?.Variables,
      [ENV.reconcileQueueUrl]: new URL(new URL(queue).pathname, proxy).href,
    };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  }
  lambda.destroy();
}
