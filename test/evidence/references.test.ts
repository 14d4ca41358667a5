import { readHtml } from '../../lambdas/evidence/sites/html.ts';
import { candidateUrls, isHashed, scriptPaths } from '../../lambdas/evidence/sites/paths.ts';
import type { Reference } from '../../lambdas/evidence/sites/reference.ts';
import { type Place, resolveReference } from '../../lambdas/evidence/sites/resolve.ts';
import { readScript } from '../../lambdas/evidence/sites/script.ts';

const place: Place = {
  script: 'https://shop.example/app/static/js/main.js',
  document: 'https://shop.example/app/',
  importMaps: [{ imports: { app: './src/app.js', 'lib/': '/lib/' }, scopes: { '/x/': { app: '/x/app.js' } } }],
  siblings: [],
};
const SITE = 'https://shop.example';

/** `via first-url`, definite references only. */
const definite = (references: readonly Reference[]): string[] =>
  references
    .filter(({ certainty }) => certainty === 'definite')
    .map((reference) => `${reference.via} ${resolveReference(reference, place)[0]?.replace(SITE, '')}`);
const guessed = (references: readonly Reference[]): string[] =>
  references.filter(({ certainty }) => certainty === 'guess').map(({ target }) => target);

describe('a script loads', () => {
  const cases: Record<string, [code: string, loads: readonly string[]]> = {
    'what it imports': [
      'import "./a.js"; import b from "../b.js"; export * from "/c.js"',
      ['import /app/static/js/a.js', 'import /app/static/b.js', 'import /c.js'],
    ],
    'what it imports later': ['const f = () => import("./a.js")', ['dynamic-import /app/static/js/a.js']],
    'what it imports by a computed name': [
      'const d="./chunks/"; import(d + "a" + `.js`)',
      ['dynamic-import /app/static/js/chunks/a.js'],
    ],
    'one of two': [
      'import(x ? "./a.js" : "./b.js")',
      ['dynamic-import /app/static/js/a.js', 'dynamic-import /app/static/js/b.js'],
    ],
    'what the import map says': ['import "app"; import "lib/x.js"', ['import /app/src/app.js', 'import /lib/x.js']],
    'a worker beside it': ['new Worker(new URL("./w.js", import.meta.url))', ['worker /app/static/js/w.js']],
    'a worker beside the page': ['new SharedWorker("w.js")', ['worker /app/w.js']],
    'a service worker': ['navigator.serviceWorker.register("/sw.js", {scope: "/"})', ['service-worker /sw.js']],
    'a service worker, in minified code': [
      'const n=navigator;"serviceWorker"in n&&n.serviceWorker.register("./sw.js")',
      ['service-worker /app/sw.js'],
    ],
    'scripts of a worker': [
      'importScripts("a.js", "/b.js"); self.importScripts("c.js")',
      ['import-scripts /app/static/js/a.js', 'import-scripts /b.js', 'import-scripts /app/static/js/c.js'],
    ],
    'what a service worker stores': [
      'precache([{url:"a.js",revision:null},{revision:"1",url:"/index.html"}])',
      ['precache /app/static/js/a.js', 'precache /index.html'],
    ],
    'chunks of Turbopack': [
      '(globalThis.TURBOPACK||=[]).push([0,e=>{["static/x.js"].map(t=>e.l(t))}])',
      ['turbopack /app/static/x.js'],
    ],
    'what code in a string loads': [
      'eval("import(\'./a.js\')"); new Function("return import(\'./b.js\')")',
      ['dynamic-import /app/static/js/a.js', 'dynamic-import /app/static/js/b.js'],
    ],
    'what a broken script loads': ['var a = ; let let; import("./a.js")', ['dynamic-import /app/static/js/a.js']],
    'nothing, when it is empty': ['', []],
  };
  test.each(Object.entries(cases))('%s', (_name, [code, loads]) => {
    expect(definite(readScript(code).references).sort()).toEqual([...loads].sort());
  });

  test('what cannot be told is counted', () => {
    expect(readScript('import(location.hash); import("./a.js")').unresolved).toBe(1);
  });

  test('a chain of a hundred thousand operators is read like any other', () => {
    const code = `var x=${'"a"+'.repeat(2_000)}"b";import("./a.js")`;
    expect(definite(readScript(code).references)).toEqual(['dynamic-import /app/static/js/a.js']);
  });

  test('nesting that no parser survives is read as text', () => {
    const code = `var x=${'['.repeat(200_000)}"./a.js"${']'.repeat(200_000)}`;
    const facts = readScript(code);
    expect([facts.parsed, guessed(facts.references)]).toEqual(['not', ['./a.js']]);
  });
});

describe('a chunk table is read', () => {
  const tables: Record<string, [code: string, chunks: Record<string, string | undefined>]> = {
    'with a map of hashes': [
      'r.u=e=>"js/"+e+"."+{7:"aa",9:"bb"}[e]+".js"',
      { 7: 'js/7.aa.js', 9: 'js/9.bb.js', 8: undefined },
    ],
    'with maps of names and hashes': [
      'r.u=e=>({7:"buy"}[e]||e)+"."+{7:"aa",9:"bb"}[e]+".chunk.js"',
      { 7: 'buy.aa.chunk.js', 9: '9.bb.chunk.js' },
    ],
    'with conditions': ['r.u=e=>7===e?"a-1.js":e===9?"b-2.js":"c/"+e+".js"', { 7: 'a-1.js', 9: 'b-2.js', 5: 'c/5.js' }],
    'as a function with branches': [
      'r.u=function(e){if(e===7)return "a.js";if("x"===e){return "b.js"} return ""+e+".js"}',
      { 7: 'a.js', x: 'b.js', 1: '1.js' },
    ],
    'as a switch': ['r.u=(e)=>{switch(e){case 7:return "a.js";case "y":return "b.js"}}', { 7: 'a.js', y: 'b.js' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the script that is read
    'as a template': ['r.u=e=>`static/${e}.${{7:"aa"}[e]}.js`', { 7: 'static/7.aa.js' }],
    'with the hash of the build': ['r.h=()=>"ff00";r.u=e=>e+"."+r.h()+".js"', { 7: '7.ff00.js' }],
    'with maps in variables': ['var m={7:"aa"};r.u=e=>m[e]+".js"', { 7: 'aa.js' }],
    'of webpack 4': ['function s(e){return o.p+"js/"+({}[e]||e)+"."+{7:"aa"}[e]+".js"}', { 7: 'js/7.aa.js' }],
    'of module chunks': ['r.u=e=>e+".mjs?v=1"', { 7: '7.mjs?v=1' }],
  };
  test.each(Object.entries(tables))('%s', (_name, [code, chunks]) => {
    const [table, ...others] = readScript(code).tables;
    expect(others).toEqual([]);
    expect(Object.fromEntries(Object.keys(chunks).map((id) => [id, table?.nameOf(id)]))).toEqual(chunks);
  });

  test('with every id that it knows', () => {
    const [table] = readScript('r.u=e=>e===3?"x.js":({7:"buy"}[e]||e)+"."+{7:"aa",9:"bb"}[e]+".js"').tables;
    expect([...(table?.ids ?? [])].sort()).toEqual(['3', '7', '9']);
  });

  test('and the ids that scripts ask for', () => {
    const chunk =
      'self.webpackChunk.push([[1],{2:(e,t,n)=>{n.e(7).then(n.bind(n,5));Promise.all([n.e("x"),n.e(9)])}}])';
    expect(readScript(chunk).chunkIds).toEqual(['7', 'x', '9']);
  });

  test('and the public path', () => {
    expect(readScript('r.p="/static/"').publicPaths).toEqual(['/static/']);
  });

  test('unless it names style sheets, or is an ordinary function', () => {
    const code = 'r.miniCssF=e=>e+".css";const f=e=>e+".js";const g=e=>({a:1}[e]);r.u=e=>e+".css"';
    expect(readScript(code).tables.filter((table) => table.nameOf('7'))).toEqual([]);
  });
});

describe('a page loads', () => {
  const cases: Record<string, [html: string, loads: readonly string[]]> = {
    'scripts of every kind': [
      '<script src=a.js></script><script type=module src=b.js></script><script nomodule src=c.js></script>',
      ['script /app/a.js', 'script /app/b.js', 'script /app/c.js'],
    ],
    'preloaded scripts': [
      '<link rel=modulepreload href=a.js><link rel="preload" as="script" href=b.js>',
      ['preload /app/a.js', 'preload /app/b.js'],
    ],
    'frames and the page that it leads to': [
      '<iframe src=f.html></iframe><meta http-equiv=refresh content="0; url=/new">',
      ['frame /app/f.html', 'frame /new'],
    ],
    'what stands in noscript, template and srcdoc': [
      '<noscript><script src=a.js></script></noscript><template><script src=b.js></script></template><iframe srcdoc="<script src=c.js></script>"></iframe>',
      ['script /app/a.js', 'script /app/b.js', 'script /app/c.js'],
    ],
    'scripts of drawings': ['<svg><script href="a.js"></script></svg>', ['script /app/a.js']],
  };
  test.each(Object.entries(cases))('%s', (_name, [html, loads]) => {
    expect(definite(readHtml(html, place.document).references).sort()).toEqual([...loads].sort());
  });

  test('relative to its base', () => {
    const { base } = readHtml('<base href="/v2/"><base href="/v3/"><script src=a.js></script>', place.document);
    expect(base).toBe(`${SITE}/v2/`);
  });

  test('perhaps what its data and attributes name', () => {
    const html =
      '<script type="application/json">{"a":"\\/x\\/a.js"}</script><astro-island component-url="/_astro/b.js"></astro-island><link rel=prefetch href="c.js"><a href="d.js">no</a>';
    const { references } = readHtml(html, place.document);
    expect(guessed(references)).toEqual(['/x/a.js']);
    const hints = references.filter(({ certainty }) => certainty === 'hint');
    expect(hints.map(({ target, as }) => [target, as])).toEqual([
      ['/_astro/b.js', 'any'],
      ['c.js', 'any'],
    ]);
  });

  test('inline scripts and event handlers run', () => {
    const { inlineScripts } = readHtml(
      '<script>one()</script><b onclick="two()"></b><script type=text/x>no</script>',
      SITE,
    );
    expect(inlineScripts).toEqual(['one()', 'two()']);
  });
});

describe('paths in text', () => {
  test.each<[string, readonly string[]]>([
    ['"/assets/x-abc.js"', ['/assets/x-abc.js']],
    ['"chunks/a.js","b.mjs"', ['chunks/a.js', 'b.mjs']],
    ['{"a":"\\/x\\/y.js"}', ['/x/y.js']],
    ['"https://cdn.example/x.js?v=2"', ['https://cdn.example/x.js?v=2']],
    ['["$L1","static/chunks/app/(shop)/[slug]/page-1.js"]', ['static/chunks/app/(shop)/[slug]/page-1.js']],
    ['"x.js.map" "a.json5" "b.jsx" "c.js-d"', []],
    ['as Node.js says', []],
    ['src=/a/b.js,', ['/a/b.js']],
  ])('%s', (text, expected) => {
    expect(scriptPaths(text).map(({ path }) => path)).toEqual(expected);
  });

  test('a megabyte without a path takes no longer than a megabyte should', () => {
    expect(scriptPaths(`${'a'.repeat(1_000_000)}.js`)).toHaveLength(0);
  });

  test('mean, likeliest first', () => {
    const from = { script: `${SITE}/_next/static/chunks/app.js`, document: `${SITE}/shop/` };
    const means = (path: string) => candidateUrls(path, from).map((url) => url.replace(SITE, ''));
    expect({
      '/a.js': means('/a.js'),
      './a.js': means('./a.js'),
      'static/chunks/a.js': means('static/chunks/a.js')[0],
    }).toEqual({
      '/a.js': ['/a.js'],
      './a.js': ['/_next/static/chunks/a.js', '/shop/a.js'],
      'static/chunks/a.js': '/_next/static/chunks/a.js',
    });
  });

  test.each<[string, boolean]>([
    ['/assets/index-BmAvM7e2.js', true],
    ['/js/main.3fa9c1d2.js', true],
    ['/_next/static/2Fuv7poLGRwSlt_oR4gbW/_buildManifest.js', true],
    ['/app.js', false],
    ['/jquery-3.6.0.min.js', false],
    ['/analytics2024.js', false],
  ])('%s carries a hash: %s', (path, expected) => {
    expect(isHashed(SITE + path)).toBe(expected);
  });
});
