import { holdsCurrent, html, js, json, NEW, OLD, type PageCase, page } from './page-case.ts';

const fragment = html(`<button onclick="Paddle.Initialize({token:'${OLD}'})">Buy</button>`);
const embedded = `<script>Paddle.Initialize({token:'${OLD}'})</script>`;

const inBody = (
  name: string,
  body: string,
  routes: Record<string, ReturnType<typeof html>>,
  more: Partial<PageCase> = {},
): PageCase => ({ name, wants: 'superseded', site: () => ({ '/pricing': page('', body), ...routes }), ...more });

/** Ways in which markup, headers and scripts lead to something else. */
export const markup: readonly PageCase[] = [
  inBody('htmx: a fragment that is fetched on load', '<div hx-get="/fragments/buy" hx-trigger="load"></div>', {
    '/fragments/buy': fragment,
  }),
  inBody('htmx: data-hx-get, fetched when it is pressed', '<div data-hx-get="/fragments/buy"></div>', {
    '/fragments/buy': fragment,
  }),
  inBody('htmx: hx-post, answered to GET as well', '<div hx-post="/fragments/buy"></div>', {
    '/fragments/buy': fragment,
  }),
  inBody('Turbo: a lazy frame', '<turbo-frame id="buy" src="/fragments/buy" loading="lazy"></turbo-frame>', {
    '/fragments/buy': fragment,
  }),
  inBody('Unpoly: up-href', '<button up-href="/fragments/buy" up-target="#buy">Buy</button>', {
    '/fragments/buy': fragment,
  }),
  inBody(
    'an element of its own that includes a fragment',
    '<include-fragment src="/fragments/buy"></include-fragment>',
    {
      '/fragments/buy': fragment,
    },
  ),
  inBody('object data', '<object type="text/html" data="/embed/checkout.html"></object>', {
    '/embed/checkout.html': embedded,
  }),
  inBody('embed src', '<embed type="text/html" src="/embed/checkout">', { '/embed/checkout': embedded }),
  inBody('a portal', '<portal src="/embed/checkout"></portal>', { '/embed/checkout': embedded }),
  inBody('a frame whose address waits in data-src', '<iframe data-src="/embed/checkout" class="lazyload"></iframe>', {
    '/embed/checkout': embedded,
  }),
  inBody('a script in the srcdoc of a frame', '<iframe srcdoc="<script src=/embed/buy></script>"></iframe>', {
    '/embed/buy': js(`var t="${OLD}"`),
  }),
  inBody(
    'Rocket Loader: a type of its own, src without .js',
    '<script src="/bundles/checkout?v=Zr3" type="3b1f0c2a-text/javascript"></script>',
    {
      '/bundles/checkout': js(`var t="${OLD}"`),
    },
  ),
  inBody(
    'WP Rocket: a delayed script',
    '<script type="rocketlazyloadscript" data-rocket-type="text/javascript" data-rocket-src="/wp-content/checkout.js?ver=6.5"></script>',
    {
      '/wp-content/checkout.js': `var t="${OLD}"`,
    },
  ),
  inBody(
    'a delayed script in an attribute nobody knows, without .js',
    '<script type="text/plain" data-later="/bundles/checkout"></script>',
    {
      '/bundles/checkout': js(`var t="${OLD}"`),
    },
  ),
  {
    name: 'link rel=prefetch of data',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('<link rel="prefetch" href="/data/checkout">'),
      '/data/checkout': json(`["${OLD}"]`),
    }),
  },
  {
    name: 'a Link header of the page preloads data',
    wants: 'superseded',
    site: () => ({
      '/pricing': { body: page(''), headers: { link: '</data/checkout>; rel="preload"; as="fetch"' } },
      '/data/checkout': json(`["${OLD}"]`),
    }),
  },
  {
    name: 'relative to base href, without an ending',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('<base href="/shop/">', '<script src="bundle"></script>'),
      '/shop/bundle': js(`var t="${OLD}"`),
    }),
  },
  {
    name: 'speculation rules name the next page',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('<script type="speculationrules">{"prerender":[{"urls":["/checkout"]}]}</script>'),
      '/checkout': page(`<script>window.t="${OLD}"</script>`),
    }),
  },
  {
    name: 'meta refresh leads to another page of the site',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('<meta http-equiv="refresh" content="1; url=/checkout">'),
      '/checkout': page(`<script>window.t="${OLD}"</script>`),
    }),
  },
  {
    name: 'settings from a path without an ending',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script type="module" src="/main.js"></script>'),
      '/main.js': 'fetch("/api/config").then(r=>r.json()).then(c=>Paddle.Initialize({token:c.t}))',
      '/api/config': json(`{"t":"${OLD}"}`),
    }),
  },
  {
    name: 'settings by axios, when the button is pressed',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script type="module" src="/main.js"></script>'),
      '/main.js': 'window.buy=()=>axios.get("/checkout/start").then(c=>Paddle.Initialize({token:c.data.t}))',
      '/checkout/start': json(`{"t":"${OLD}"}`),
    }),
  },
  {
    name: 'settings by XMLHttpRequest, relative to the page',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '',
        '<script>window.buy=()=>{var x=new XMLHttpRequest();x.open("GET","settings/public");x.send()}</script>',
      ),
      '/settings/public': json(`{"t":"${OLD}"}`),
    }),
  },
  {
    name: 'settings by fetch of a Request, with the method spelled out',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script>window.buy=()=>fetch(new Request(`/settings/public`,{method:"GET"}))</script>'),
      '/settings/public': json(`{"t":"${OLD}"}`),
    }),
  },
  {
    name: 'settings from an event stream',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script>window.e=new EventSource("/events")</script>'),
      '/events': { body: `data: {"t":"${OLD}"}\n\n`, type: 'text/event-stream' },
    }),
  },
  {
    name: 'a worker that fetches the settings',
    wants: 'superseded',
    site: () => ({
      '/pricing': page('', '<script>window.w=new Worker("/w.js")</script>'),
      '/w.js': 'const at="/api/"+["run","time"].join("");fetch(at).then(r=>r.text()).then(postMessage)',
      '/api/runtime': json(`{"t":"${OLD}"}`),
    }),
  },
  {
    name: 'the address of a script is put together from parts that another script sets',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<script>window.__rel={v:"8812"}</script>',
        '<script>var s=document.createElement("script");s.src="/js/checkout."+window.__rel.v+".js";document.head.append(s)</script>',
      ),
      '/js/checkout.8812.js': `var t="${OLD}"`,
    }),
  },
  {
    name: 'the token is put together at run time and kept in the storage',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '',
        `<script>localStorage.setItem("p",[...${JSON.stringify([...OLD].reverse().join(''))}].reverse().join(""))</script>`,
      ),
    }),
  },
  {
    name: 'the token is decoded at run time and handed to Paddle.js',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '<script>window.Paddle={Environment:{set(){}},Initialize(){}}</script>',
        `<script>Paddle.Environment.set("sandbox");Paddle.Initialize({token:${JSON.stringify([...OLD].reverse().join(''))}.split("").reverse().join("")})</script>`,
      ),
    }),
  },
  {
    name: 'a script that loads only when the visitor scrolls',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(
        '',
        '<div style="height:4000px"></div><script>addEventListener("scroll",()=>{var s=document.createElement("script");s.src=["","js","b"+1].join("/");document.head.append(s)},{once:true})</script>',
      ),
      '/js/b1': js(`var t="${OLD}"`),
    }),
  },
  {
    name: 'a script that loads only when a button is pressed',
    wants: 'superseded',
    clicks: ['#buy'],
    site: () => ({
      '/pricing': page(
        '',
        '<button id="buy">Buy</button><script>document.getElementById("buy").onclick=()=>{var s=document.createElement("script");s.src=["","js","b"+1].join("/");document.head.append(s)}</script>',
      ),
      '/js/b1': js(`var t="${OLD}"`),
    }),
  },
  {
    name: 'a fallback to the old token beside the settings',
    wants: 'superseded',
    site: () => ({ '/pricing': page('', `<script>window.t=window.APP.token||"${OLD}"</script>`) }),
  },
  {
    name: 'the old token in a comment',
    wants: 'superseded',
    site: () => ({ '/pricing': page(`<!-- previous: ${OLD} -->`) }),
  },
  {
    name: 'the old token in an attribute of a script tag',
    wants: 'superseded',
    site: () => ({
      '/pricing': page(`<script src="/vendor/paddle-loader.js" data-token="${OLD}"></script>`),
      '/vendor/paddle-loader.js': '1',
    }),
  },
  {
    name: 'one of ten answers for the page is old',
    wants: 'superseded',
    scans: 3,
    site: () => {
      let turn = 0;
      const body = () => {
        turn += 1;
        return turn % 10 === 0 ? page('', '', '') + OLD : page('');
      };
      return { '/pricing': { body } };
    },
  },
  {
    name: 'clean: an old chunk is still on the server, and nothing names it',
    wants: 'current',
    site: () => ({
      '/pricing': page('<script src="/assets/main-Dnew1234.js"></script>'),
      '/assets/main-Dnew1234.js': '1',
      '/assets/main-Bold9876.js': `"${OLD}"`,
    }),
  },
  {
    name: 'clean: the page asks an API for its settings, and is answered the current token',
    wants: 'current',
    site: () => ({
      '/pricing': page('', '<script type="module" src="/main.js"></script>'),
      '/main.js': 'fetch("/api/config").then(r=>r.json()).then(c=>{window.t=c.t})',
      '/api/config': json(`{"t":"${NEW}"}`),
    }),
  },
  {
    name: 'clean: routes and addresses of an API that answers strangers with 401 and 404',
    wants: 'current',
    site: () => ({
      '/pricing': page('', '<script src="/main.js"></script>'),
      '/main.js': 'window.r=["/about","/account"];window.me=()=>fetch("/api/me");window.no=()=>fetch("/api/none")',
      '/api/me': { status: 401, body: '{}', type: 'application/json' },
    }),
  },
  {
    name: 'clean: links to pages that were not asked about',
    wants: 'current',
    site: () => ({ '/pricing': page('', '<a href="/other">Other</a>'), '/other': page('', `<p>${OLD}`) }),
  },
  {
    name: 'clean: styles, images and fonts that are not there',
    wants: 'current',
    site: () => ({
      '/pricing': page(
        '<link rel="stylesheet" href="/none.css"><link rel="preload" as="font" href="/none.woff2" crossorigin>',
        '<img src="/none.png" data-src="/none2.png" alt="">',
        holdsCurrent,
      ),
    }),
  },
];
