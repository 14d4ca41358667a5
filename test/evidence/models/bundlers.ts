/** Angular 21 with its server, Parcel 2, and Rspack 2 with module federation. */
import { json } from '../pages/page-case.ts';
import type { Model } from './model.ts';

const angular: Model = {
  framework: 'angular',
  files: (token) => ({
    '/': `<!DOCTYPE html><html lang="en" data-beasties-container><head><meta charset="utf-8"><base href="/"><script>window.inline = '${token('html-inline')}';</script></head><body><!--nghm--><app-root ng-version="21.2.26" ngh="1" ng-server-context="ssr"><a routerlink="/pricing" href="/pricing">Pricing</a><router-outlet></router-outlet><app-home ngh="0"><p data-token="${token('route-component')}">Shop</p></app-home></app-root><link rel="modulepreload" href="chunk-W2V2GI5M.js"><script src="main.js" type="module"></script><link rel="modulepreload" href="chunk-D54P5KFE.js"><script id="ng-state" type="application/json">{"paddle":"${token('state-key')}","__nghData__":[]}</script></body></html>`,
    '/main.js': `import{a as t}from"./chunk-W2V2GI5M.js";var e={paddle:{token:"${token('environment')}"}};var uo={providers:[[{path:"",loadComponent:()=>import("./chunk-D54P5KFE.js").then(({Home:t})=>t)},{path:"pricing",loadComponent:()=>import("./chunk-2F4E42ZE.js").then(({Pricing:t})=>t)}],{ng:"ngsw-worker.js"},(t)=>new Promise(n=>t.get("assets/config/app.json").subscribe(e=>{globalThis.config=e,n()}))]};"serviceWorker"in navigator&&navigator.serviceWorker.register("ngsw-worker.js");export{uo,e};`,
    '/chunk-W2V2GI5M.js': 'export var a=1;',
    '/chunk-D54P5KFE.js': `import{a as p}from"./chunk-W2V2GI5M.js";var x=()=>[import("./chunk-PEGS7A4M.js").then(e=>e.Buy)];var H=class{constructor(){this.http.get("/api/late").subscribe(t=>t),new Worker(new URL("./worker-4KYYSJCF.js",import.meta.url),{type:"module"})}};export{H as Home,x};`,
    '/chunk-2F4E42ZE.js': `export var Pricing=()=>"${token('preloaded-route')}";`,
    '/chunk-PEGS7A4M.js': `export var Buy=()=>"${token('deferred-view')}";`,
    '/worker-4KYYSJCF.js': `postMessage("${token('worker')}");`,
    '/assets/config/app.json': `{"token":"${token('initializer')}"}`,
    '/assets/plans.json': `{"token":"${token('precached-asset')}"}`,
    '/api/late': json(`{"token":"${token('fetched-by-component')}"}`),
    '/ngsw-worker.js':
      'self.addEventListener("install",e=>e.waitUntil(self.skipWaiting()));self.driver={fetchManifest:()=>fetch("ngsw.json?ngsw-cache-bust="+Math.random())};',
    '/ngsw.json':
      '{"configVersion":1,"timestamp":1795668312827,"index":"/index.csr.html","assetGroups":[{"name":"app","installMode":"prefetch","updateMode":"prefetch","urls":["/assets/config/app.json","/assets/plans.json","/index.csr.html","/main.js"],"patterns":[]}],"dataGroups":[],"hashTable":{"/assets/plans.json":"0bb4d2c37a699f2b0ee9849a9e98ec56bf6de9f3"}}',
    '/index.csr.html': '<!DOCTYPE html><html><body><app-root></app-root></body></html>',
  }),
};

const register =
  'globalThis.parcelRequire94c2??={register(){},resolve(){}};var o=globalThis.parcelRequire94c2,n=o.register;';

const parcel: Model = {
  framework: 'parcel',
  files: (token) => ({
    '/': `<!DOCTYPE html><html lang=en><script type=importmap>{"imports":{"1y9pr":"/checkout.8ccd9a09.js","36Tum":"/other.648c42f3.js","4FQlP":"/plans.9d5758e6.js","7Mqrq":"/nested.5ee959f0.js","bbXhI":"/lazy.4add110c.js","g5kKs":"/worker.e5f92577.js","kLn2N":"/src/sw.js"}}</script><meta charset=utf-8><title>Shop</title><script>window.inline="${token('html-inline')}";</script><script type=module>${register}n("gONNw",function(e,r){e.exports=import("./inline-lazy.2fd6666b.js").then(()=>o("ccLh1"))}),window.inlineModule="${token('inline-module')}";</script><body><iframe src=/src/frame.html title=frame></iframe><script type=module src=/parcel.b8f71ddc.js></script>`,
    '/parcel.b8f71ddc.js': `${register}n("fzTiq",function(e,r){e.exports=import("./lazy.4add110c.js").then(()=>o("9jQA6"))}),n("Mv1",function(e,r){e.exports=import("./other.648c42f3.js")}),n("cK",function(e,r){e.exports=import("./checkout.8ccd9a09.js")});var s={};s=JSON.parse('{"token":"${token('imported-json')}"}');window.tokens=["${token('entry')}",s,"${token('shared')}"];fetch(new URL(import.meta.resolve("4FQlP")));let p=new URL(import.meta.resolve("g5kKs"));new Worker(p,{type:"module"});var d={};d=import.meta.resolve("kLn2N"),navigator.serviceWorker.register(d,{type:"module"});`,
    '/lazy.4add110c.js': `${register}n("9jQA6",function(t,i){import("./nested.5ee959f0.js");window.tokens.push("${token('dynamic-import')}")});`,
    '/nested.5ee959f0.js': `${register}n("8Ne",function(t){t.nested="${token('nested-import')}"});`,
    '/other.648c42f3.js': `${register}n("8Ot",function(t){t.other="${token('second-dynamic-import')}"});`,
    '/checkout.8ccd9a09.js': `${register}n("8Ch",function(t){t.buy="${token('on-event')}"});`,
    '/inline-lazy.2fd6666b.js': `${register}n("ccLh1",function(t){t.which="${token('lazy-of-inline-module')}"});`,
    '/plans.9d5758e6.js': `${register}n("8BYJs",function(e,r){e.exports=JSON.parse('{"token":"${token('fetched-asset')}"}')}),o("8BYJs");`,
    // Module ids stand where addresses stand, behind names that stand for many things.
    '/worker.e5f92577.js': `(()=>{var e,r=globalThis,i=r.parcelRequire94c2,c=(n,f)=>{};c("d1",function(e,r){e.exports=i("qQeMH")(function(r){var e="";if(""===e)try{throw Error()}catch(n){return"./"+r}return new URL("./"+r,e).toString()}("hmbYf")).then(()=>i("akYwG"))}),c("qQeMH",function(e,r){e.exports=function(e){return new Promise(function(r,t){try{importScripts(e),r()}catch(e){t(e)}})}});let q=(function(e,r){return e})("hmbYf"),l="in-worker.12ed0162.js";self.postMessage("${token('worker')}")})();`,
    '/in-worker.12ed0162.js': `self.inside="${token('lazy-of-worker')}";`,
    '/src/sw.js': `(()=>{var c=[],a="";(function(e,r){c=e,a=r})(["/index.html","/src/frame.html","/frame.593b561b.js","/parcel.b8f71ddc.js"],"c5e78b79");self.addEventListener("install",e=>e.waitUntil(caches.open(a).then(e=>e.addAll(c))));self.token="${token('service-worker')}"})();`,
    '/src/frame.html':
      '<!DOCTYPE html><html lang=en><head><title>Frame</title><body><script type=module src=/frame.593b561b.js></script>',
    '/frame.593b561b.js': `window.frameToken="${token('frame-script')}";`,
  }),
};

const chunk = (id: string, body: string, global = 'rspackChunk') =>
  `"use strict";(globalThis.${global}||=[]).push([[${id}],{${id}9(e,t,r){${body}}}]);`;
const runtime = (table: string, publicPath: string) =>
  `(()=>{var __webpack_require__={};__webpack_require__.e=e=>Promise.resolve(e),__webpack_require__.u=${table},__webpack_require__.p="${publicPath}",globalThis.rspackChunk||=[];`;

const rspack: Model = {
  framework: 'rspack',
  files: (token) => ({
    '/': `<!doctype html><html><head><title>Shop</title><script>window.inline="${token('html-inline')}"</script><script defer src="/runtime.062ab144.js"></script><script defer src="/shared.17255e30.js"></script><script defer src="/main.b922cbca.js"></script></head><body></body></html>`,
    '/runtime.062ab144.js': `${runtime('e=>"async/"+(623===e?"ahead":e)+"."+({252:"90a93fa4",296:"7a5b2a4a",559:"0194c2e9",623:"6166c5ee",863:"0840fc20",96:"2c2a6e28"})[e]+".js"', '/')}var remotes={out:[{alias:"checkout",name:"checkout",entry:"/remote/mf-manifest.json",externalType:"script",shareScope:"default"}],classic:[{alias:"classic",name:"classic",entry:"/classic/remoteEntry.js",externalType:"script",shareScope:"default"}]}})();`,
    '/shared.17255e30.js': chunk('624', `e.u="${token('shared')}"`),
    '/main.b922cbca.js': chunk(
      '792',
      `var n="d90289127d7a83a9.json";window.tokens=["${token('entry')}","${token('defined')}"],fetch(r.p+n),r.e(296).then(r.bind(r,1)),r.e(623).then(r.bind(r,2)),new Worker(new URL(r.p+r.u(96),r.b))`,
    ),
    '/async/252.90a93fa4.js': chunk('252', `e.part="${token('context-import-a')}"`),
    '/async/863.0840fc20.js': chunk('863', `e.part="${token('context-import-b')}"`),
    '/async/296.7a5b2a4a.js': chunk('296', `r.e(559).then(r.bind(r,3)),e.lazy="${token('dynamic-import')}"`),
    '/async/559.0194c2e9.js': chunk('559', `e.nested="${token('nested-import')}"`),
    '/async/ahead.6166c5ee.js': chunk('623', `e.ahead="${token('prefetched-chunk')}"`),
    '/async/96.2c2a6e28.js': `(()=>{var r={};r.u=e=>"async/"+e+".37de7b71.js",r.p="/",r.e=e=>importScripts(r.p+r.u(e)),self.postMessage("${token('worker')}"),r.e(78)})();`,
    '/async/78.37de7b71.js': chunk('78', `e.inside="${token('lazy-of-worker')}"`),
    '/d90289127d7a83a9.json': `{"token":"${token('fetched-asset')}"}`,
    '/remote/mf-manifest.json':
      '{"id":"checkout","name":"checkout","metaData":{"name":"checkout","globalName":"checkout","publicPath":"/remote/","remoteEntry":{"name":"remoteEntry.js","path":"","type":"global"}},"shared":[],"remotes":[],"exposes":[{"id":"checkout:Buy","name":"Buy","assets":{"js":{"sync":["__federation_expose_Buy.56b4277f.js"],"async":["484.ada0d7a1.js"]},"css":{"sync":[],"async":[]}},"path":"./Buy"}]}',
    '/remote/remoteEntry.js': `${runtime('e=>""+(433===e?"__federation_expose_Buy":e)+"."+({433:"56b4277f",484:"ada0d7a1"})[e]+".js"', '/remote/')}var checkout})();`,
    '/remote/__federation_expose_Buy.56b4277f.js': chunk('433', `e.buy="${token('federated-module')}"`),
    '/remote/484.ada0d7a1.js': chunk('484', `e.inner="${token('lazy-of-federated-module')}"`),
    '/classic/remoteEntry.js': `${runtime('e=>e+".a196e72f.js"', '/classic/')}var classic;__webpack_require__.e(532)})();`,
    '/classic/532.a196e72f.js': chunk('532', `e.buy="${token('federated-by-remote-entry')}"`),
  }),
};

export const bundlers: readonly Model[] = [angular, parcel, rspack];
