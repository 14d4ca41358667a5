/** Pages whose verdict is easy to get wrong. Each holds the current token too, so that whatever is missed reads as clean. */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tokenFor } from '../../sites/site-builds.ts';

export const OLD = tokenFor('the superseded one');
export const NEW = tokenFor('the current one');

export type PageAnswer =
  | string
  | {
      readonly body: string | ((request: IncomingMessage) => string);
      readonly type?: string;
      readonly status?: number;
      readonly headers?: OutgoingHttpHeaders;
    };
/** Path, with its query if it has one -> answer. */
export type Routes = Readonly<Record<string, PageAnswer>>;

export interface PageCase {
  readonly name: string;
  /** `doubtful`: neither `current` nor `superseded`. */
  readonly wants: 'current' | 'superseded' | 'not current' | 'doubtful';
  /** Default `/pricing`. */
  readonly path?: string;
  /** @param other the origin of a second site */
  readonly site: (other: string) => Routes;
  readonly other?: () => Routes;
  /** Scans in a row: the right verdict must be reached within these. Default 1. */
  readonly scans?: number;
  readonly clicks?: readonly string[];
}

export const holdsCurrent = `<script>window.APP={token:"${NEW}"}</script>`;

export const page = (head: string, body = '', first = holdsCurrent): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pricing</title>${first}${head}</head><body>${body}</body></html>`;

export const json = (body: string): PageAnswer => ({ body, type: 'application/json' });
export const html = (body: string): PageAnswer => ({ body, type: 'text/html; charset=utf-8' });
export const js = (body: string): PageAnswer => ({ body, type: 'text/javascript' });

export interface ServedPage {
  readonly url: string;
  /** `host:port` of both origins. */
  readonly hosts: readonly string[];
  close(): Promise<void>;
}

/** Serves the page over HTTP, from two origins of loopback. */
export async function servePage(subject: PageCase): Promise<ServedPage> {
  const second = await listen((subject.other ?? (() => ({})))());
  const first = await listen(subject.site(second.origin));
  return {
    url: first.origin + (subject.path ?? '/pricing'),
    hosts: [first.host, second.host],
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

async function listen(routes: Routes) {
  const server = createServer((request, response) => answer(routes, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host, origin: `http://${host}`, close };
}

const TYPES: readonly (readonly [RegExp, string])[] = [
  [/\.m?js$/, 'text/javascript; charset=utf-8'],
  [/\.json$/, 'application/json'],
  [/\.css$/, 'text/css'],
];

function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '/';
  const path = url.replace(/\?.*$/, '');
  const found = routes[url] ?? routes[path];
  const cors = { 'access-control-allow-origin': '*' };
  if (found === undefined) {
    response.writeHead(404, { 'content-type': 'text/html', ...cors }).end('<h1>Not found</h1>');
    return;
  }
  const { body, type, status = 200, headers = {} } = typeof found === 'string' ? { body: found } : found;
  const byName = TYPES.find(([ending]) => ending.test(path))?.[1] ?? 'text/html; charset=utf-8';
  response.writeHead(status, { 'content-type': type ?? byName, ...cors, ...headers });
  response.end(typeof body === 'function' ? body(request) : body);
}

export function isWanted({ wants }: PageCase, verdict: string): boolean {
  if (wants === 'not current') return verdict !== 'current';
  if (wants === 'doubtful') return verdict !== 'current' && verdict !== 'superseded';
  return verdict === wants;
}
