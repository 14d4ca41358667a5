import { gzipSync } from 'node:zlib';
import { js, NEW, OLD, type PageCase, page, type Routes } from './page-case.ts';

const reads = (name: string, script: string, routes: Routes, more: Partial<PageCase> = {}): PageCase => ({
  ...{ name, wants: 'superseded', ...more },
  site: () => ({ '/pricing': page('', `<script>${script}</script>`), ...routes }),
});

const bodiless = (headers: Record<string, string>) => ({ body: '', status: 204, headers });

/** Not in a body that somebody reads as a script, a page or data. */
export const hidingPlaces: readonly PageCase[] = [
  {
    name: 'the page sets a cookie, from which its scripts take the token',
    wants: 'superseded',
    site: () => ({
      '/pricing': { body: page('<script>t=document.cookie</script>'), headers: { 'set-cookie': `pt=${OLD}` } },
    }),
  },
  reads('an answer without a body sets a cookie', 'fetch("/session").then(()=>{t=document.cookie})', {
    '/session': bodiless({ 'set-cookie': `pt=${encodeURIComponent(OLD).replace('_', '%5F')}; Path=/` }),
  }),
  reads('a header of an answer without a body', 'fetch("/session").then(r=>{t=r.headers.get("x-client-token")})', {
    '/session': bodiless({ 'x-client-token': OLD }),
  }),
  reads('the address to which an answer leads', 'fetch("/start").then(r=>{t=r.url})', {
    '/start': { body: '', status: 302, headers: { location: `/ready?t=${OLD}` } },
    '/ready': 'ready',
  }),
  {
    name: 'phones are answered another page',
    wants: 'superseded',
    site: () => ({
      '/pricing': {
        body: ({ headers }) => page(/Mobile/.test(headers['user-agent'] ?? '') ? `<script>t="${OLD}"</script>` : ''),
      },
    }),
  },
  {
    name: 'clean: phones are answered another page, with the same token',
    wants: 'current',
    site: () => ({
      '/pricing': {
        body: ({ headers }) =>
          page(/Mobile/.test(headers['user-agent'] ?? '') ? '<script src="/touch.js"></script>' : ''),
      },
      '/touch.js': js(`t="${NEW}"`),
    }),
  },
  {
    name: 'a custom property of a style sheet',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('<link rel="stylesheet" href="/theme.css">'),
      '/theme.css': '@import "/variables.css";',
      '/variables.css': `:root{--client-token:"${OLD}"}`,
    }),
  },
  reads(
    'the token is kept in IndexedDB',
    `const o=indexedDB.open("shop",1);o.onupgradeneeded=()=>o.result.createObjectStore("settings");o.onsuccess=()=>o.result.transaction("settings","readwrite").objectStore("settings").put({token:[...${JSON.stringify([...OLD].reverse().join(''))}].reverse().join("")},"paddle")`,
    {},
  ),
  reads(
    'a file that the page unpacks by itself',
    'fetch(["","settings.bin"].join("/")).then(r=>new Response(r.body.pipeThrough(new DecompressionStream("gzip"))).json())',
    { '/settings.bin': { body: gzipSync(`{"t":"${OLD}"}`), type: 'application/octet-stream' } },
  ),
  reads('an error whose body holds the settings', 'fetch("/api/config").then(r=>r.json())', {
    '/api/config': { body: `{"t":"${OLD}"}`, type: 'application/json', status: 404 },
  }),
];
