/** Nuxt 4, SvelteKit 2, Astro 5 and React Router 7, with their servers. */
import { html, json } from '../pages/page-case.ts';
import type { Model } from './model.ts';

const nuxt: Model = {
  framework: 'nuxt',
  files: (token) => ({
    '/': `<!DOCTYPE html><html><head><meta charset="utf-8"><script>window.inline = '${token('head-script')}'</script><link rel="modulepreload" as="script" crossorigin href="/_nuxt/Bqf_g3Vp.js"><link rel="modulepreload" as="script" crossorigin href="/_nuxt/BoY-M4Lb.js"><script type="module" src="/_nuxt/Bqf_g3Vp.js" crossorigin></script><link rel="prefetch" as="script" crossorigin href="/_nuxt/CH2KH5a4.js"></head><body><div id="__nuxt"><a href="/pricing" class="">Pricing</a><a href="/about" class="">About</a><button data-token="${token('lazy-hydration')}">Idle</button><button data-token="${token('server-component')}" data-island-uid="b53f532f-4d11-46c7-8ea4-590a69f6967f">Fixed</button></div><div id="teleports"></div><script>window.__NUXT__={};window.__NUXT__.config={public:{paddleToken:"${token('runtime-config')}"},app:{baseURL:"/",buildId:"b898fbf8",buildAssetsDir:"/_nuxt/",cdnURL:""}}</script><script type="application/json" data-nuxt-data="nuxt-app" data-ssr="true" id="__NUXT_DATA__">[["ShallowReactive",1],{"data":2,"state":6,"once":8,"_errors":9,"serverRendered":10,"path":11},["ShallowReactive",3],{"$fRzKDK5Vdv3mUEIoezswGRWcqGTLTV61DJ4pZ7YvUGwk":4},{"token":5},"${token('fetched-on-server')}",["Reactive",7],{"$spaddle":12},["Set"],["ShallowReactive",13],true,"\\u002F","${token('state')}",{}]</script></body></html>`,
    '/_nuxt/Bqf_g3Vp.js': `const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./CH2KH5a4.js","./BoY-M4Lb.js"])))=>i.map(i=>d[i]);const Z=(t,e)=>t();const routes=[{name:"index",path:"/",component:()=>Z(()=>import("./BoY-M4Lb.js"),[],import.meta.url)},{name:"about",path:"/about",component:()=>Z(()=>import("./CAA6MEVy.js"),[],import.meta.url)},{name:"pricing",path:"/pricing",component:()=>Z(()=>import("./Btd5EPB1.js"),[],import.meta.url)}];const p=()=>{window.plugin="${token('plugin')}"};p();routes[0].component();export{Z as _};`,
    '/_nuxt/BoY-M4Lb.js': `import{_ as Z}from"./Bqf_g3Vp.js";const c={paddle:"${token('app-config')}"},B=Z(()=>import("./CH2KH5a4.js"),[],import.meta.url),ot=(u,o,k)=>fetch(u);const f=async()=>{const{data:r}=ot("/prices",{server:!1},"$zoPvvHC-yx"),{data:i}=ot("/api/late",{server:!1},"$zoPvvHC-yw");window.tokens=[c,r,i,await fetch("/settings.json"),(await Z(async()=>{const{late:m}=await import("./Dn6oe9GK.js");return{late:m}},[],import.meta.url)).late];new Worker(new URL("/_nuxt/worker-UzsMvVgi.js",import.meta.url),{type:"module"})};f();export{B as default};`,
    '/_nuxt/CH2KH5a4.js': `export default{render:()=>"${token('lazy-component')}"}`,
    '/_nuxt/CAA6MEVy.js': `export default{render:()=>"${token('prefetched-page')}"}`,
    '/_nuxt/Btd5EPB1.js': 'export default{render:()=>"prices"}',
    '/_nuxt/Dn6oe9GK.js': `const t=\`\${Date.now()} ${token('dynamic-import')}\`;export{t as late};`,
    '/_nuxt/worker-UzsMvVgi.js': `(function(){"use strict";self.postMessage("${token('worker')}")})();`,
    '/settings.json': `{"token":"${token('static-file')}"}`,
    '/api/late': json(`{"token":"${token('fetched-on-client')}"}`),
    '/prices': json(`{"token":"${token('fetched-without-a-telling-name')}"}`),
    '/pricing': html(
      '<!DOCTYPE html><html><body><div id="__nuxt"></div><script>window.__NUXT__={};window.__NUXT__.config={public:{}}</script><script type="application/json" id="__NUXT_DATA__" data-src="/pricing/_payload.json?b898fbf8">[{"state":1}]</script></body></html>',
    ),
    '/pricing/_payload.json': `[{"data":1,"prerenderedAt":4},["ShallowReactive",2],{"prices":3},"${token('prerendered-payload')}",1795668978472]`,
  }),
};

const sveltekit: Model = {
  framework: 'sveltekit',
  files: (token) => ({
    '/': `<!doctype html><html lang="en"><head><meta charset="utf-8"><script>window.inline = '${token('html-inline')}';</script></head><body data-sveltekit-preload-data="hover"><div style="display: contents"><nav><a href="/pricing">Pricing</a></nav><script type="application/json" data-sveltekit-fetched data-url="/api/config">{"status":200,"statusText":"","headers":{},"body":"{\\"token\\":\\"${token('fetched-by-load')}\\"}"}</script><script>{__sveltekit_10qbqgp = {base: new URL(".", location).pathname.slice(0, -1), env: {"PUBLIC_AT_START":"${token('env-dynamic')}"}, resolve: (id, fn) => fn()};const element = document.currentScript.parentElement;Promise.all([import("./_app/immutable/entry/start.D_XzfFAs.js"),import("./_app/immutable/entry/app.RBEl_r-b.js")]).then(([kit, app]) => {kit.start(app, element, {node_ids: [0, 2], data: [{type:"data",data:{layout:"${token('layout-data')}"},uses:{}},{type:"data",data:{page:"${token('page-data')}"},uses:{}}], form: null, error: null});});if ('serviceWorker' in navigator) {const script_url = './service-worker.js';const policy = globalThis?.window?.trustedTypes?.createPolicy('sveltekit-trusted-url', {createScriptURL(url) { return url; }});const sanitised = policy?.createScriptURL(script_url) ?? script_url;addEventListener('load', function () {navigator.serviceWorker.register(sanitised);});}}</script></div></body></html>\n<script>__sveltekit_10qbqgp.resolve(1, () => ["${token('streamed-data')}"])</script>`,
    '/_app/immutable/entry/start.D_XzfFAs.js': 'export const start=(app)=>app.nodes.map((n)=>n());',
    '/_app/immutable/entry/app.RBEl_r-b.js':
      'const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["../nodes/0.DHUxOI29.js","../nodes/2.CKGGMpcj.js","../nodes/4.C_Kisw3H.js"])))=>i.map(i=>d[i]);const nodes=[()=>import("../nodes/0.DHUxOI29.js"),()=>import("../nodes/2.CKGGMpcj.js"),()=>import("../nodes/4.C_Kisw3H.js")];export{nodes};',
    '/_app/immutable/nodes/0.DHUxOI29.js': 'export const component=1;',
    '/_app/immutable/nodes/2.CKGGMpcj.js': `const e="${token('env-static')}";import("../chunks/Blej8JTp.js");function W(o){return new Worker(""+new URL("../workers/worker-B-mWjIqU.js",import.meta.url).href,{name:o?.name})}W();fetch("/settings.json");export{e as component};`,
    '/_app/immutable/nodes/4.C_Kisw3H.js': `export const component="${token('route-component')}";`,
    '/_app/immutable/chunks/Blej8JTp.js': `export default "${token('lazy-component')}";`,
    '/_app/immutable/workers/worker-B-mWjIqU.js': `self.onmessage=()=>self.postMessage("${token('worker')}");`,
    '/service-worker.js': `const build=["/_app/immutable/entry/start.D_XzfFAs.js"],files=["/settings.json"],version="1795668";self.addEventListener("install",e=>e.waitUntil(caches.open(version).then(c=>c.addAll([...build,...files]))));self.token="${token('service-worker')}";`,
    '/settings.json': `{"token":"${token('static-file')}"}`,
    '/__data.json': `{"type":"data","nodes":[{"type":"data","data":[{"layout":1},"${token('own-data-file')}"],"uses":{}}]}`,
  }),
};

const island = (component: string, when: string, props = '{}') =>
  `<astro-island uid="ZKtNye" component-url="/_astro/${component}.js" component-export="default" renderer-url="/_astro/client.DjkcwmU7.js" props="${props}" ssr client="${when}" opts="{&quot;name&quot;:&quot;Buy&quot;,&quot;value&quot;:true}" await-children><button>Buy</button><!--astro:end--></astro-island>`;
const serverIsland = (name: string) =>
  `/_server-islands/${name}?e=B9B299B84D021676E84DF31DTTsjpMPj4LmphWNGxHKDYvaZBjKh6MA%3D&p=&s=`;

const astro: Model = {
  framework: 'astro',
  files: (token) => ({
    '/': `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><script>window.inline = '${token('html-inline')}';</script><script>(function(){const defined = "${token('define-vars')}";window.defined = defined;})();</script><script type="module" src="/_astro/page.DTPp-pk-.js"></script><link rel="preload" as="fetch" href="${serverIsland('Price')}" crossorigin="anonymous"></head><body><a href="/pricing" data-astro-prefetch="load">Pricing</a>${island('Buy.CWW_Rsx2', 'load', `{&quot;token&quot;:[0,&quot;${token('island-props')}&quot;]}`)}${island('OnlyClient.3wHrOqNk', 'only')}${island('WhenIdle.CdaCc2yf', 'idle')}${island('WhenVisible.DuCZGEVs', 'visible')}${island('WhenMedia.DSFh3Qkx', 'media')}<script>async function replaceServerIsland(id, r) { window.island = await r.text(); }</script><!--[if astro]>server-island-start<![endif]--><script type="module" data-astro-rerun data-island-id="x1">let response = await fetch('${serverIsland('Price')}');replaceServerIsland('x1', response);</script><!--[if astro]>server-island-start<![endif]--><script type="module" data-astro-rerun data-island-id="x2">let data = {componentExport: "default", encryptedProps: "0166B8811E5FC108D696FD6E", slots: {}};let response = await fetch('/_server-islands/Slow', {method: 'POST', body: JSON.stringify(data)});replaceServerIsland('x2', response);</script><script type="module" src="/_astro/index.astro_astro_type_script_index_0_lang.C6E1Lk77.js"></script></body></html>`,
    '/_astro/page.DTPp-pk-.js': 'export const prefetch=()=>{};',
    '/_astro/client.DjkcwmU7.js': 'export default 1;',
    '/_astro/Buy.CWW_Rsx2.js': 'export default 1;',
    '/_astro/OnlyClient.3wHrOqNk.js': `export default ()=>"${token('client-only')}";`,
    '/_astro/WhenIdle.CdaCc2yf.js': `export default ()=>"${token('client-idle')}";`,
    '/_astro/WhenVisible.DuCZGEVs.js': `export default ()=>"${token('client-visible')}";`,
    '/_astro/WhenMedia.DSFh3Qkx.js': `export default ()=>"${token('client-media')}";`,
    '/_astro/index.astro_astro_type_script_index_0_lang.C6E1Lk77.js': `import{_ as o}from"./preload-helper.BlTxHScW.js";async function i(t){window.tokens=[t,"${token('bundled-script')}",await(await fetch("/api/config.json")).json(),await(await fetch("/settings")).text()];const{late:a}=await o(async()=>{const{late:e}=await import("./late.CCkUbmYS.js");return{late:e}},[]);window.tokens.push(a),new Worker(new URL("/_astro/worker-CI_F5IR7.js",import.meta.url),{type:"module"})}i("${token('env-public')}");`,
    '/_astro/preload-helper.BlTxHScW.js': 'export const _=(load)=>load();',
    '/_astro/late.CCkUbmYS.js': `const t=\`\${Date.now()} ${token('dynamic-import')}\`;export{t as late};`,
    '/_astro/worker-CI_F5IR7.js': `self.postMessage("${token('worker')}");`,
    '/_server-islands/Price': html(`<button data-token="${token('server-island')}">Price</button>`),
    '/_server-islands/Slow': html(`<button data-plan="${token('server-island-by-post')}">Slow</button>`),
    '/api/config.json': `{"token":"${token('endpoint')}"}`,
    '/settings': { body: `token=${token('static-file')}`, type: 'application/octet-stream' },
  }),
};

const route = (id: string, more: object) => ({ id, path: id.split('/').at(-1), hasLoader: true, css: [], ...more });
const reactRouterManifest = (url: string) =>
  JSON.stringify({
    entry: { module: '/assets/entry.client-C1DFSR1z.js', imports: [], css: [] },
    routes: {
      root: route('root', { module: '/assets/root-DPeuMS2u.js', imports: ['/assets/jsx-runtime-DLZc58Bg.js'] }),
      ...(url === '' && {
        'routes/about': route('routes/about', { module: '/assets/about-BG5YXthg.js', imports: [] }),
        'routes/buy': route('routes/buy', { module: '/assets/buy-BTBuX81Z.js', imports: [] }),
      }),
    },
    url: '/assets/manifest-0807a806.js',
    version: '0807a806',
  });

const reactRouter: Model = {
  framework: 'react-router',
  files: (token) => ({
    '/': `<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/><link rel="modulepreload" href="/assets/entry.client-C1DFSR1z.js"/><link rel="modulepreload" href="/assets/home-qRpRJQCT.js"/><script>window.inline = '${token('html-inline')}'</script></head><body><main data-frame="${token('layout-module')}"><a href="/buy" data-discover="true">Buy</a><a href="/about" data-discover="true">About</a></main><script>window.__reactRouterContext = {"basename":"/","routeDiscovery":{"mode":"lazy","manifestPath":"/__manifest"},"ssr":true,"isSpaMode":false};window.__reactRouterContext.stream = new ReadableStream({start(controller){window.__reactRouterContext.streamController = controller;}}).pipeThrough(new TextEncoderStream());</script><script type="module" async="">;\nimport * as route0 from "/assets/root-DPeuMS2u.js";\nimport * as route2 from "/assets/home-qRpRJQCT.js";\nwindow.__reactRouterManifest = ${reactRouterManifest('/')};\nimport("/assets/entry.client-C1DFSR1z.js");</script><script>window.__reactRouterContext.streamController.enqueue("[{\\"_1\\":2},\\"loaderData\\",\\"now\\",\\"${token('loader')}\\",\\"later\\",[\\"P\\",12],\\"env\\",\\"${token('root-loader')}\\"]\\n");</script><script>window.__reactRouterContext.streamController.enqueue("P12:[{\\"_11\\":16},\\"${token('deferred-data')}\\"]\\n");</script></body></html>`,
    '/assets/entry.client-C1DFSR1z.js': 'import"./jsx-runtime-DLZc58Bg.js";',
    '/assets/jsx-runtime-DLZc58Bg.js': 'export const r=1,b=()=>({load(){}});',
    '/assets/root-DPeuMS2u.js': 'import{r}from"./jsx-runtime-DLZc58Bg.js";export default r;',
    '/assets/home-qRpRJQCT.js': `const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/lazy-BBymrSri.js","assets/jsx-runtime-DLZc58Bg.js"])))=>i.map(i=>d[i]);import{r as u,b}from"./jsx-runtime-DLZc58Bg.js";const g=(l)=>l(),L=()=>g(()=>import("./lazy-BBymrSri.js"),__vite__mapDeps([0,1])),c="${token('client-loader')}",e="${token('env-built-in')}",n=b();L();n.load("/api/settings"),fetch("/api/plain"),fetch("/settings.json"),new Worker(new URL("/assets/worker-Do7gsmCL.js",import.meta.url),{type:"module"});export{c as clientLoader,e as default};`,
    '/assets/lazy-BBymrSri.js': `export default ()=>"${token('lazy-component')}";`,
    '/assets/manifest-0807a806.js': `window.__reactRouterManifest=${reactRouterManifest('')};`,
    '/assets/about-BG5YXthg.js': `export default ()=>"${token('discovered-route')}";`,
    '/assets/buy-BTBuX81Z.js': `export default ()=>"${token('prefetched-route')}";`,
    '/assets/worker-Do7gsmCL.js': `self.postMessage("${token('worker')}");`,
    '/__manifest': json(reactRouterManifest('')),
    '/api/settings': json(`{"token":"${token('fetcher-data')}"}`),
    '/api/plain': json(`{"token":"${token('resource-route')}"}`),
    '/settings.json': `{"token":"${token('static-file')}"}`,
    '/_root.data': {
      body: `[{"_1":2},"root",{"_3":4},"data",{"_5":6},"env","${token('own-data-file')}"]\n`,
      type: 'text/x-script',
    },
  }),
};

export const viteBased: readonly Model[] = [nuxt, sveltekit, astro, reactRouter];
