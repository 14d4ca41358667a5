/**
 * The console on this machine: the same markup as in CloudWatch, with the credentials of whoever started it. Whoever reaches
 * it can use them, so it listens on loopback only, answers to no other name (DNS rebinding), under an address that nobody
 * can guess, and takes orders only from its own page (CSRF).
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Names } from '../../lambdas/contract.ts';
import { redact } from '../../lambdas/domain/mask.ts';
import { type Control, pageOf } from './page.ts';

export interface ConsoleBackend {
  readonly names: Pick<Names, 'console' | 'operate'>;
  /** `aws lambda invoke`. @throws Error with the function's own message */
  invoke(name: string, payload: object): Promise<unknown>;
  /** Who presses: kept in the audit trail. */
  identity(): Promise<string>;
}

export interface ConsoleOptions {
  readonly title: string;
  /** Default: any that is free. */
  readonly port?: number;
  readonly pollMs: number;
  /** Buttons of the page itself, for demonstrations. */
  readonly controls?: readonly Control[];
}

export interface RunningConsole {
  readonly url: string;
  stop(): Promise<void>;
}

const MOST_BODY = 64 * 1024;
const MOST_REQUESTED_BY = 200;

/** What is answered to the page. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function startConsole(backend: ConsoleBackend, options: ConsoleOptions): Promise<RunningConsole> {
  const secret = randomBytes(24).toString('base64url');
  const nonce = randomBytes(16).toString('base64url');
  const { title, port = 0, pollMs, controls = [] } = options;
  const page = pageOf({ title, nonce, pollMs, controls });
  const server = createServer((request, response) => {
    answer(request).then(
      ({ type, body }) => send(response, 200, type, body, nonce),
      (error) => {
        const status = error instanceof Refusal ? error.status : 500;
        send(response, status, 'application/json', JSON.stringify({ error: redact(String(error.message)) }), nonce);
      },
    );
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage): Promise<{ type: string; body: string }> {
    if (request.headers.host !== host) throw new Refusal(421, 'This console has another name.');
    const base = `/${secret}/`;
    if (request.method === 'GET' && request.url === base) return { type: 'text/html; charset=utf-8', body: page };
    if (request.method !== 'POST' || !request.url?.startsWith(base)) throw new Refusal(404, 'There is nothing here.');
    const ownPage = request.headers.origin === `http://${host}`;
    const json = request.headers['content-type'] === 'application/json';
    if (!ownPage || !json) throw new Refusal(403, 'Only the console itself may ask this.');
    const body = await bodyOf(request);
    const what = request.url.slice(base.length);
    if (what === 'call') return { type: 'application/json', body: JSON.stringify(await call(body, backend)) };
    if (what === 'control') return { type: 'application/json', body: JSON.stringify(await control(body, controls)) };
    throw new Refusal(404, 'There is nothing here.');
  }

  return {
    url: `http://${host}/${secret}/`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, status: number, type: string, body: string, nonce: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  });
  response.end(body);
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

async function bodyOf(request: IncomingMessage): Promise<Fields> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MOST_BODY) throw new Refusal(413, 'That is too much.');
  }
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    throw new Refusal(400, 'That is no JSON.');
  }
}

/** As CloudWatch calls a function for its widget. Only the two functions that the console's own buttons name. */
async function call({ endpoint, parameters, theme, forms }: Fields, { names, invoke, identity }: ConsoleBackend) {
  const name = endpoint === undefined ? names.console : String(endpoint).split(':function:').at(-1);
  if (name !== names.console && name !== names.operate) throw new Refusal(403, 'The console calls no such function.');
  const widgetContext = { theme, params: {}, forms: { all: fieldsOf(forms) } };
  const by = name === names.operate ? { requestedBy: (await identity()).slice(0, MOST_REQUESTED_BY) } : {};
  try {
    return { html: await invoke(name, { ...fieldsOf(parameters), ...by, widgetContext }) };
  } catch (error) {
    return { error: redact(inWords(error, name)) };
  }
}

function inWords(error: unknown, name: string): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'ResourceNotFoundException')
    return `There is no function ${name}: is the installation deployed here, and not with "console: false"?`;
  return error.message || error.name;
}

async function control({ id }: Fields, controls: readonly Control[]) {
  const found = controls.find((one) => one.id === id);
  if (!found) throw new Refusal(404, 'There is no such button.');
  try {
    return { message: await found.run() };
  } catch (error) {
    return { error: redact(error instanceof Error ? error.message : String(error)) };
  }
}
