/** Pages whose verdict is easy to get wrong. Each holds the current token too, so that whatever is missed reads as clean. */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tokenFor } from '../../sites/site-builds.ts';

export const OLD = tokenFor('the superseded one');
export const NEW = tokenFor('the current one');

export type PageAnswer =
  | string
  | {
      readonly body: string | Buffer | ((request: IncomingMessage) => string);
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

/** What runs, what is worked out at run time, and what never ran: a reader of source cannot know. */
export const NEEDS_A_BROWSER: ReadonlySet<string> = new Set([
  'Segment: the script of a write key',
  'the page sends its visitors to another origin by script',
  'clean: analytics of another origin that is not there',
  'the address of a script is put together from parts that another script sets',
  'the token is put together at run time and kept in the storage',
  'the token is decoded at run time and handed to Paddle.js',
  'a script that loads only when the visitor scrolls',
  'a script that loads only when a button is pressed',
  'clean: a service worker that asks the network first',
  'a service worker keeps a script without a hash, and asks the network for the page',
  'a sandbox token with an environment that is worked out at run time',
  'a sandbox token without any environment',
  'a third token',
  'the old token reaches Paddle.js when the button is pressed',
  'a click on what is not there',
  'a page that loads itself again and again',
  'a page that never lets go of the processor',
  'a page that asks for without end',
  'a custom property of a style sheet',
  'the token is kept in IndexedDB',
  'a file that the page unpacks by itself',
  'an error whose body holds the settings',
]);
