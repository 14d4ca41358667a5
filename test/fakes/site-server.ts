/** A static web server on a free port of loopback, with the bad habits of real ones as switches. */
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export interface SiteServer {
  readonly origin: string;
  /** `host:port`, for `allowPrivateHosts`. */
  readonly host: string;
  /** `GET /path` in the order of arrival. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void | Promise<void>;

export async function serve(handler: Handler, address = '127.0.0.1'): Promise<SiteServer> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const host = `${address}:${(server.address() as AddressInfo).port}`;
  return {
    ...{ origin: `http://${host}`, host, requests },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** For a suite: whatever it starts ends with the test that started it. */
export function sitesOfTests(): (handler: Handler) => Promise<SiteServer> {
  const servers: SiteServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  return async (handler) => {
    const server = await serve(handler);
    servers.push(server);
    return server;
  };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.css': 'text/css',
};

export interface FolderOptions {
  /** Every path that is not a file answers the page with 200, as hosts of single-page apps do. */
  readonly spa?: boolean;
  readonly gzip?: boolean;
}

/**
 * Serves the folders in turn, one request each: with two of them, a half-deployed site. What was read once is kept: nobody
 * changes what is served.
 */
export function folders(roots: readonly string[], options: FolderOptions = {}): Handler {
  let turn = 0;
  const read = new Map<string, Promise<Buffer | undefined>>();
  const body = (file: string): Promise<Buffer | undefined> => {
    const begun = read.get(file) ?? contentOf(file, options);
    read.set(file, begun);
    return begun;
  };
  return async (request, response) => {
    const root = roots[turn % roots.length] as string;
    turn += 1;
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const wanted = path.join(root, path.normalize(decodeURIComponent(pathname)));
    const names = [
      wanted.endsWith(path.sep) ? `${wanted}index.html` : wanted,
      ...(options.spa ? [path.join(root, 'index.html')] : []),
    ];
    for (const file of names) {
      const found = await body(file);
      if (!found) continue;
      const headers = { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' };
      response.writeHead(200, { ...headers, ...(options.gzip ? { 'content-encoding': 'gzip' } : {}) }).end(found);
      return;
    }
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
  };
}

/** As it goes over the network; `undefined`: there is no such file. */
async function contentOf(file: string, { gzip }: FolderOptions): Promise<Buffer | undefined> {
  const found = await readFile(file).catch(() => undefined);
  return found && gzip ? gzipSync(found) : found;
}

/** A body, or an answer with its head; `hang`: the head is sent, the body never ends. */
export type Answer =
  | string
  | {
      readonly status?: number;
      readonly headers?: http.OutgoingHttpHeaders;
      readonly body?: string | Buffer;
      readonly ending?: 'hang' | 'cut';
    };

/** Files in memory; a list answers one after the other and then its last for ever. */
export function files(content: Readonly<Record<string, Answer | readonly Answer[]>>): Handler {
  const served = new Map<string, number>();
  return (request, response) => {
    const name = request.url ?? '/';
    const entry = content[name];
    const turn = served.get(name) ?? 0;
    served.set(name, turn + 1);
    const list: readonly Answer[] = entry === undefined ? [{ status: 404 }] : Array.isArray(entry) ? entry : [entry];
    const answer = list[Math.min(turn, list.length - 1)] as Answer;
    const { status = 200, headers = {}, body = '', ending } = typeof answer === 'string' ? { body: answer } : answer;
    const type = /\.m?js(?:\?|$)/.test(name) ? TYPES['.js'] : name.endsWith('.json') ? TYPES['.json'] : TYPES['.html'];
    response.writeHead(status, { 'content-type': type, ...headers });
    if (ending === 'hang') response.write(body);
    else if (ending === 'cut') response.write(body, () => response.destroy());
    else response.end(body);
  };
}
