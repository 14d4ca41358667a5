import { holdsCurrent, html, js, json, NEW, OLD, type PageCase, page } from './page-case.ts';

/** Where frameworks and bundlers keep what a page loads after its HTML. */
export const frameworks: readonly PageCase[] = [
  {
    name: 'Gatsby: data of a static query, preloaded with as=fetch',
    wants: 'superseded',
    path: '/pricing/',
    site: () => ({
      '/pricing/': page(
        '<link as="script" rel="preload" href="/app-1f2e3d4c5b6a79880000.js"><link as="fetch" rel="preload" href="/page-data/pricing/page-data.json" crossorigin="anonymous"><link as="fetch" rel="preload" href="/page-data/sq/d/3649515864.json" crossorigin="anonymous">',
        '<div id="___gatsby"></div><script src="/app-1f2e3d4c5b6a79880000.js" async></script>',
      ),
      '/app-1f2e3d4c5b6a79880000.js':
        '(()=>{var p=h=>fetch("/page-data/sq/d/"+h+".json").then(r=>r.json());window.q=p})()',
      '/page-data/pricing/page-data.json': '{"result":{"pageContext":{}},"staticQueryHashes":["3649515864"]}',
      '/page-data/sq/d/3649515864.json': `{"data":{"site":{"siteMetadata":{"paddle":{"token":"${OLD}"}}}}}`,
    }),
  },
  {
    name: 'Gatsby: data of a static query that only page-data.json names',
    wants: 'superseded',
    path: '/pricing/',
    site: () => ({
      '/pricing/': page(
        '<link as="fetch" rel="preload" href="/page-data/pricing/page-data.json" crossorigin="anonymous">',
        '<div id="___gatsby"></div>',
      ),
      '/page-data/pricing/page-data.json': '{"result":{"pageContext":{}},"staticQueryHashes":["3649515864"]}',
      '/page-data/sq/d/3649515864.json': `{"data":{"token":"${OLD}"}}`,
    }),
  },
  {
    name: 'Nuxt: a prerendered payload, named in data-src',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<link rel="preload" as="fetch" crossorigin="anonymous" href="/pricing/_payload.json?6f1c2b9e"><script type="module" src="/_nuxt/BxQ9zK2m.js" crossorigin></script>',
        '<div id="__nuxt"></div><script type="application/json" data-nuxt-data="nuxt-app" data-ssr="true" id="__NUXT_DATA__" data-src="/pricing/_payload.json?6f1c2b9e">[{"state":1,"once":3}]</script>',
      ),
      '/_nuxt/BxQ9zK2m.js': 'export const a=1;',
      '/pricing/_payload.json': `[{"data":1,"prerenderedAt":2},["ShallowReactive",3],1732500000000,{"cfg":4},"${OLD}"]`,
    }),
  },
  {
    name: 'Nuxt: the new token in the HTML, the old one as default in the client bundle',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        `<script>window.__NUXT__={};window.__NUXT__.config={public:{paddle:{token:"${NEW}"}},app:{baseURL:"/",buildAssetsDir:"/_nuxt/"}}</script><script type="module" src="/_nuxt/entry.BxQ9zK2m.js"></script>`,
        '',
        '',
      ),
      '/_nuxt/entry.BxQ9zK2m.js': `const d={public:{paddle:{token:"${OLD}"}}};export{d}`,
    }),
  },
  {
    name: 'SvelteKit: dynamic public environment in /_app/env.js',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<link rel="modulepreload" href="/_app/immutable/entry/start.Cq0dGx1f.js">',
        '<script>{__sveltekit_1k2j3h={base:"",env:null};const element=document.currentScript.parentElement;import("/_app/env.js").then(({env})=>{__sveltekit_1k2j3h.env=env;import("/_app/immutable/entry/start.Cq0dGx1f.js").then(kit=>kit.start(element))})}</script>',
      ),
      '/_app/env.js': `export const env={"PUBLIC_PADDLE_TOKEN":"${OLD}"}`,
      '/_app/immutable/entry/start.Cq0dGx1f.js': 'export const start=()=>{};',
    }),
  },
  {
    name: 'SvelteKit: data of the route in __data.json',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script type="module">fetch("/pricing/__data.json?x-sveltekit-invalidated=01")</script>'),
      '/pricing/__data.json': `{"type":"data","nodes":[{"type":"data","data":[{"token":1},"${OLD}"]}]}`,
    }),
  },
  {
    name: 'Astro: properties of an island in an attribute',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '',
        `<astro-island uid="Z1" component-url="/_astro/Buy.BxQ9zK2m.js" renderer-url="/_astro/client.C1d2E3f4.js" props="{&quot;token&quot;:[0,&quot;${OLD}&quot;]}" ssr client="visible"><button>Buy</button></astro-island>`,
      ),
      '/_astro/Buy.BxQ9zK2m.js': 'export default 1',
      '/_astro/client.C1d2E3f4.js': 'export default 2',
    }),
  },
  {
    name: 'Astro: a server island, fetched after the page has loaded',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<link rel="preload" as="fetch" href="/_server-islands/Buy?e=default&amp;p=&amp;s=%7B%7D" crossorigin="anonymous">',
        '<script type="module" data-island-id="x1">let r=await fetch("/_server-islands/Buy?e=default&p=&s=%7B%7D");globalThis.island=await r.text()</script>',
      ),
      '/_server-islands/Buy': html(`<button data-paddle-token="${OLD}">Buy</button>`),
    }),
  },
  {
    name: 'Angular: an initialiser fetches assets/config',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<base href="/"><link rel="modulepreload" href="chunk-7KQ2WX3A.js">',
        '<app-root></app-root><script src="main-4HYT6RNB.js" type="module"></script>',
      ),
      '/chunk-7KQ2WX3A.js': 'export var a=1;',
      '/main-4HYT6RNB.js':
        'import{a}from"./chunk-7KQ2WX3A.js";var I=h=>()=>h.get("assets/config/app-config.json");export{I,a}',
      '/assets/config/app-config.json': `{"paddle":{"clientToken":"${OLD}"}}`,
    }),
  },
  {
    name: 'Qwik: a listener names its chunk relative to q:base',
    wants: 'superseded',
    path: '/pricing/',
    site: () => ({
      '/pricing/': `<!doctype html><html q:container="paused" q:version="1.19" q:base="/build/"><head><script>window.APP={token:"${NEW}"}</script></head><body><button on:click="q-BcW7x9Kd.js#s_0mJ3fQ[0 1]">Buy</button></body></html>`,
      '/build/q-BcW7x9Kd.js': `export const s_0mJ3fQ=()=>Paddle.Initialize({token:"${OLD}"})`,
    }),
  },
  {
    name: 'Qwik: a chunk that only the serialised state names',
    wants: 'superseded',
    path: '/pricing/',
    site: () => ({
      '/pricing/': `<!doctype html><html q:container="paused" q:base="/build/"><head><script>window.APP={token:"${NEW}"}</script></head><body><button>Buy</button><script type="qwik/json">{"objs":["\\u0002q-DcX8y0Le.js#s_1nK4gR"]}</script></body></html>`,
      '/build/q-DcX8y0Le.js': `export const s_1nK4gR=()=>"${OLD}"`,
    }),
  },
  {
    name: 'Parcel: the manifest of bundles is JSON in a string',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script type="module" src="/index.7a1b2c3d.js"></script>'),
      '/index.7a1b2c3d.js':
        'var e=globalThis.parcelRequire94c2;e("kyEFX").register(JSON.parse(\'{"6Rk1f":"index.7a1b2c3d.js","9QzP2":"checkout.5e4d3c2b.js"}\'));var n=e("kyEFX").resolve("9QzP2");export const b=()=>import("./"+n);',
      '/checkout.5e4d3c2b.js': `export const t="${OLD}"`,
    }),
  },
  {
    name: 'Rspack: names of chunks in a table',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('<script defer src="/static/js/index.0a1b2c3d.js"></script>'),
      '/static/js/index.0a1b2c3d.js':
        '(()=>{"use strict";var r={};r.u=e=>"static/js/async/"+e+"."+{821:"9f8e7d6c"}[e]+".js",r.p="/";self.rspackChunk=self.rspackChunk||[];window.go=()=>r.e(821)})()',
      '/static/js/async/821.9f8e7d6c.js': `(self.rspackChunk=self.rspackChunk||[]).push([["821"],{5(e){e.exports="${OLD}"}}])`,
    }),
  },
  {
    name: 'React Router: lazily discovered routes in the manifest',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<link rel="modulepreload" href="/assets/manifest-1a2b3c4d.js">',
        '<script>window.__reactRouterContext={basename:"/",isSpaMode:false}</script><script type="module">import "/assets/manifest-1a2b3c4d.js"</script>',
      ),
      '/assets/manifest-1a2b3c4d.js':
        'window.__reactRouterManifest={"routes":{"routes/buy":{"id":"routes/buy","path":"buy","module":"/assets/buy-B4cD5eF6.js","imports":["/assets/jsx-C5dE6fG7.js"]}},"version":"1a2b3c4d"};',
      '/assets/buy-B4cD5eF6.js': `export default ()=>"${OLD}"`,
      '/assets/jsx-C5dE6fG7.js': 'export const j=1',
    }),
  },
  {
    name: 'Next.js, exported: what the router asks for on a way back stands in a text file',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script>(self.__next_f=self.__next_f||[]).push([1,"0:[1]\\n"])</script>'),
      '/pricing.txt': { body: `0:["$","p",null,{"token":"${OLD}"}]`, type: 'text/plain' },
    }),
  },
  {
    name: 'Qwik City: the data of the route in q-data.json',
    wants: 'superseded',
    path: '/pricing/',
    site: () => ({
      '/pricing/': `<!doctype html><html q:container="paused" q:version="1.19" q:base="/build/"><head>${holdsCurrent}</head><body><button>Buy</button></body></html>`,
      '/pricing/q-data.json': `{"_entry":"1","_objs":[{"loaders":"2"},{"token":"3"},"${OLD}"]}`,
    }),
  },
  {
    name: 'single-spa: an external import map of SystemJS',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<script type="systemjs-importmap" src="/importmap.json"></script><script src="/lib/system.min.js"></script>',
        '<script>System.import("@acme/checkout")</script>',
      ),
      '/lib/system.min.js': 'window.System={import(){}}',
      '/importmap.json': '{"imports":{"@acme/checkout":"/checkout/acme-checkout.9f8e7d6c.js"}}',
      '/checkout/acme-checkout.9f8e7d6c.js': `System.register([],()=>({execute(){var t="${OLD}"}}))`,
    }),
  },
  {
    name: 'an external import map whose addresses do not end like scripts',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<script type="importmap" src="/maps/importmap"></script>',
        '<script type="module">window.load=()=>import("@acme/buy")</script>',
      ),
      '/maps/importmap': json('{"imports":{"@acme/buy":"/modules/buy"}}'),
      '/modules/buy': js(`export const t="${OLD}"`),
    }),
  },
  {
    name: 'module federation: a remote of another origin, in a string of the host',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page('', '<script src="/main.a1b2c3d4.js"></script>'),
      '/main.a1b2c3d4.js': `(()=>{var r={shop:"shop@${other}/remoteEntry.js"};var s=document.createElement("script");s.src=r.shop.split("@")[1];document.head.appendChild(s)})()`,
    }),
    other: () => ({ '/remoteEntry.js': `var t="${OLD}"` }),
  },
  {
    name: 'module federation: a manifest of another origin names the remote',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page('', '<script src="/main.a1b2c3d4.js"></script>'),
      '/main.a1b2c3d4.js': `window.remotes=[{name:"shop",entry:"${other}/mf-manifest.json"}]`,
    }),
    other: () => ({
      '/mf-manifest.json':
        '{"id":"shop","metaData":{"remoteEntry":{"name":"remoteEntry.4c3b2a.js","path":""}},"exposes":[{"assets":{"js":{"sync":["buy.1f2e3d.js"]}}}]}',
      '/remoteEntry.4c3b2a.js': '1',
      '/buy.1f2e3d.js': `var t="${OLD}"`,
    }),
  },
  {
    name: 'Flutter: main.dart.js, named in the bootstrap configuration',
    wants: 'superseded',
    path: '/',
    site: () => ({
      '/': page('<base href="/"><script src="flutter_bootstrap.js" async></script>'),
      '/flutter_bootstrap.js':
        'globalThis._flutter={loader:{load(){}}};_flutter.buildConfig={"builds":[{"compileTarget":"dart2js","mainJsPath":"main.dart.js"}]};_flutter.loader.load();',
      '/main.dart.js': `var t="${OLD}"`,
    }),
  },
  {
    name: 'a hashed chunk whose bytes were rewritten when its container started, on one replica of two',
    wants: 'superseded',
    scans: 3,
    site: () => {
      let turn = 0;
      return {
        '/pricing': page('<script src="/_next/static/chunks/pages/pricing-4d3c2b1a9f8e7d6c.js" defer></script>'),
        '/_next/static/chunks/pages/pricing-4d3c2b1a9f8e7d6c.js': {
          body: () => {
            turn += 1;
            return `self.t="${turn % 2 === 0 ? OLD : NEW}"`;
          },
        },
      };
    },
  },
];
