import { NEW, OLD, type PageCase, page } from './page-case.ts';

const cached = (name: string, headers: Record<string, string>, wants: PageCase['wants'] = 'not current'): PageCase => ({
  name,
  wants,
  site: () => ({ '/pricing': { body: page(''), headers } }),
});
const worker = (name: string, script: string, wants: PageCase['wants'] = 'not current'): PageCase => ({
  name,
  wants,
  site: () => ({
    '/pricing': page('', '<script>navigator.serviceWorker.register("/sw.js")</script>'),
    '/': page(''),
    '/sw.js': script,
  }),
});
const years = 2 * 365 * 86_400;
const LATER = 'Fri, 01 Jan 2038 00:00:00 GMT';

/** All bytes are new, and old ones may still come from a cache: or not. */
export const caches: readonly PageCase[] = [
  cached('HTML that browsers keep for two years', { 'cache-control': `max-age=${years}, public, immutable` }),
  cached('HTML that content networks keep for a year', { 'cache-control': 's-maxage=31536000, max-age=0' }),
  cached('HTML that content networks keep, in a header of their own', {
    'cache-control': 'no-cache',
    'surrogate-control': 'max-age=31536000',
  }),
  cached('HTML that may be stale for a year', { 'cache-control': 'max-age=1, stale-while-revalidate=31536000' }),
  cached('HTML with Expires far ahead', { expires: LATER }),
  cached('HTML that says it never changes, and not for how long', { 'cache-control': 'public, immutable' }),
  cached('HTML without any word, last changed ten years ago', { 'last-modified': 'Fri, 01 Jan 2016 00:00:00 GMT' }),
  {
    name: 'a script without a hash in its name, kept for a year, that holds the token',
    wants: 'not current',
    site: () => ({
      '/pricing': page('<script src="/js/app.js"></script>'),
      '/js/app.js': { ...jsOf(`var t="${NEW}"`), headers: { 'cache-control': 'max-age=31536000' } },
    }),
  },
  {
    name: 'a loader without a hash in its name, kept for a year, that names the hashed script',
    wants: 'not current',
    site: () => ({
      '/pricing': page('<script type="module" src="/loader.js"></script>', '', ''),
      '/loader.js': { ...jsOf('import "./app-4d3c2b1a.js"'), headers: { 'cache-control': 'max-age=31536000' } },
      '/app-4d3c2b1a.js': `var t="${NEW}"`,
    }),
  },
  worker(
    'a service worker that keeps the page under a name that never changes',
    'const C="shop-pwa-v3";self.addEventListener("install",e=>e.waitUntil(caches.open(C).then(c=>c.addAll(["/","/pricing"]))));self.addEventListener("fetch",e=>e.respondWith(caches.match(e.request).then(r=>r||fetch(e.request))))',
  ),
  worker(
    'a service worker that answers from the cache and renews it afterwards',
    'self.addEventListener("install",e=>e.waitUntil(caches.open("v1").then(c=>c.add("/pricing")).then(()=>self.skipWaiting())));self.addEventListener("activate",e=>e.waitUntil(self.clients.claim()));self.addEventListener("fetch",e=>e.respondWith(caches.open("v1").then(async c=>{const hit=await c.match(e.request);const net=fetch(e.request).then(r=>{c.put(e.request,r.clone());return r});return hit||net})))',
  ),
  worker(
    "a service worker in Workbox's manner: precacheAndRoute with revisions",
    'const list=[{url:"/pricing",revision:"1a2b3c"}];const precacheAndRoute=l=>{self.addEventListener("install",e=>e.waitUntil(caches.open("workbox-precache-v2").then(c=>c.addAll(l.map(x=>x.url)))));self.addEventListener("fetch",e=>{const u=new URL(e.request.url);if(l.some(x=>x.url===u.pathname))e.respondWith(caches.match(e.request))})};precacheAndRoute(list)',
  ),
  {
    name: 'a service worker keeps a script without a hash, and asks the network for the page',
    wants: 'not current',
    site: () => ({
      '/pricing': page(
        '<script src="/app.js"></script>',
        '<script>navigator.serviceWorker.register("/sw.js")</script>',
        '',
      ),
      '/app.js': `window.t="${NEW}"`,
      '/sw.js':
        'self.addEventListener("install",e=>e.waitUntil(caches.open("v").then(c=>c.add("/app.js"))));self.addEventListener("fetch",e=>{if(e.request.url.endsWith("/app.js"))e.respondWith(caches.match(e.request).then(r=>r||fetch(e.request)))})',
    }),
  },
  {
    name: 'a service worker that precaches a page with the old token',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script>navigator.serviceWorker.register("/sw.js")</script>'),
      '/old.html': page(`<script>window.t="${OLD}"</script>`),
      '/sw.js': 'self.addEventListener("install",e=>e.waitUntil(caches.open("v").then(c=>c.addAll(["/old.html"]))))',
    }),
  },
  worker(
    'clean: a service worker that asks the network first',
    'self.addEventListener("install",e=>e.waitUntil(caches.open("v").then(c=>c.add("/pricing"))));self.addEventListener("fetch",e=>e.respondWith(fetch(e.request).catch(()=>caches.match(e.request))))',
    'current',
  ),
  worker(
    'clean: a service worker for notifications only',
    'self.addEventListener("push",()=>{});self.addEventListener("install",()=>self.skipWaiting())',
    'current',
  ),
  {
    name: 'clean: HTML for five minutes, hashed scripts for a year',
    wants: 'current',
    site: () => ({
      '/pricing': {
        body: page('<script src="/assets/main-Dnew1234.js"></script>'),
        headers: { 'cache-control': 'max-age=300' },
      },
      '/assets/main-Dnew1234.js': {
        ...jsOf(`var t="${NEW}"`),
        headers: { 'cache-control': 'max-age=31536000, immutable' },
      },
    }),
  },
  cached(
    'clean: HTML that must be asked for each time, whatever else is said',
    { 'cache-control': 'no-cache, max-age=31536000' },
    'current',
  ),
  cached('clean: HTML that nobody may keep', { 'cache-control': 'no-store', expires: LATER }, 'current'),
  {
    name: 'clean: a library with its version in its name, kept for a year',
    wants: 'current',
    site: () => ({
      '/pricing': page('<script src="/js/jquery-3.7.1.min.js"></script><script src="/js/site.js?ver=6.5.2"></script>'),
      '/js/jquery-3.7.1.min.js': { ...jsOf('1'), headers: { 'cache-control': 'max-age=31536000' } },
      '/js/site.js': { ...jsOf('2'), headers: { 'cache-control': 'max-age=31536000' } },
    }),
  },
];

function jsOf(body: string) {
  return { body, type: 'text/javascript' };
}
