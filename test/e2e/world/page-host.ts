/** Web pages for the site scan on loopback: `PUT` a path, and it is there. Also takes what CloudFormation would be told. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageHost {
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * `PUT /path` stores the body; with `?status=503`, what is answered with it; with `?cache=…`, how long it may be kept.
 * `GET /path` answers it. `POST` takes what deploy hooks send, and builds nothing.
 */
export async function startPageHost(): Promise<PageHost> {
  const pages = new Map<string, { readonly status: number; readonly body: string; readonly cache: string }>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://pages');
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const status = Number(url.searchParams.get('status') ?? 200);
      const cache = url.searchParams.get('cache') ?? 'no-store';
      pages.set(url.pathname, { status, body: Buffer.concat(chunks).toString('utf8'), cache });
      response.writeHead(204).end();
      return;
    }
    if (request.method === 'POST') {
      request.resume();
      response.writeHead(201).end();
      return;
    }
    const page = pages.get(url.pathname) ?? { status: 404, body: 'not found', cache: 'no-store' };
    const type = url.pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(page.status, { 'content-type': type, 'cache-control': page.cache }).end(page.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
