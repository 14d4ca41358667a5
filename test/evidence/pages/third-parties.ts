import { holdsCurrent, js, json, NEW, OLD, type PageCase, page } from './page-case.ts';

const container = `var data={"tags":[{"vtp_html":"\\u003Cscript\\u003EPaddle.Initialize({token:\\"${OLD}\\"})\\u003C\\/script\\u003E"}]}`;

/** What a page loads from origins that nobody listed. */
export const thirdParties: readonly PageCase[] = [
  {
    name: 'Tag Manager: a custom HTML tag holds the token',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(
        `<script>(function(win,doc,container){win.dataLayer=win.dataLayer||[];var el=doc.createElement('script');el.async=true;el.src='${other}/gtm.js?id='+container;doc.head.appendChild(el)})(window,document,'GTM-K7XW2P9')</script>`,
      ),
    }),
    other: () => ({ '/gtm.js?id=GTM-K7XW2P9': container }),
  },
  {
    name: "Tag Manager: Google's own snippet, with a data layer of another name",
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(
        `<script>(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':1,event:'gtm.js'});var f=d.getElementsByTagName(s)[0],j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';j.async=true;j.src='${other}/gtm.js?id='+i+dl;f.parentNode.insertBefore(j,f);})(window,document,'script','layer','GTM-K7XW2P9');</script>`,
      ),
    }),
    other: () => ({ '/gtm.js?id=GTM-K7XW2P9&l=layer': container }),
  },
  {
    name: 'Tag Manager: through a container of its own domain, without .js',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(
        `<script>var s=document.createElement('script');s.src='${other}/metrics?id=GTM-K7XW2P9';document.head.append(s)</script>`,
      ),
    }),
    other: () => ({ '/metrics?id=GTM-K7XW2P9': js(container) }),
  },
  {
    name: 'Segment: the script of a write key',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(
        `<script>!function(){var a=window.analytics=window.analytics||[];a.load=function(key){var t=document.createElement("script");t.async=!0;t.src="${other}/analytics.js/v1/"+key+"/analytics.min.js";document.head.append(t)};a.load("wk123");}()</script>`,
      ),
    }),
    other: () => ({ '/analytics.js/v1/wk123/analytics.min.js': `var t="${OLD}"` }),
  },
  {
    name: 'a consent manager holds the script back until the visitor agrees',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(
        `<script type="text/plain" data-cookieconsent="marketing" data-src="${other}/checkout-tag"></script>`,
      ),
    }),
    other: () => ({ '/checkout-tag': js(`Paddle.Initialize({token:"${OLD}"})`) }),
  },
  {
    name: 'a consent manager with the script in src and a type of its own',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(`<script type="text/plain" class="cmplz-script" src="${other}/checkout-tag.js"></script>`),
    }),
    other: () => ({ '/checkout-tag.js': `Paddle.Initialize({token:"${OLD}"})` }),
  },
  {
    name: 'the bundle is on a content network, the current token in the HTML',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page(`<script src="${other}/_next/static/chunks/main-app-4d3c2b1a9f8e7d6c.js" async></script>`),
    }),
    other: () => ({ '/_next/static/chunks/main-app-4d3c2b1a9f8e7d6c.js': `var t="${OLD}"` }),
  },
  {
    name: 'a lazy chunk of a bundle on a content network',
    wants: 'superseded',
    site: (other) => ({ '/pricing': page(`<script type="module" src="${other}/assets/app-4d3c2b1a.js"></script>`) }),
    other: () => ({
      '/assets/app-4d3c2b1a.js': 'window.buy=()=>import("./buy-9f8e7d6c.js")',
      '/assets/buy-9f8e7d6c.js': `export const t="${OLD}"`,
    }),
  },
  {
    name: 'the settings come from an API of another origin',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': page('', `<script>fetch("${other}/v1/settings").then(r=>r.json()).then(c=>{window.c=c})</script>`),
    }),
    other: () => ({ '/v1/settings': json(`{"t":"${OLD}"}`) }),
  },
  {
    name: 'the checkout is in a frame of another origin',
    wants: 'superseded',
    site: (other) => ({ '/pricing': page('', `<iframe src="${other}/checkout" loading="lazy"></iframe>`) }),
    other: () => ({ '/checkout': `<script>Paddle.Initialize({token:'${OLD}'})</script>` }),
  },
  {
    name: 'a Link header preloads a script of another origin',
    wants: 'superseded',
    site: (other) => ({
      '/pricing': { body: page(''), headers: { link: `<${other}/early>; rel=preload; as=script` } },
    }),
    other: () => ({ '/early': js(`var t="${OLD}"`) }),
  },
  {
    name: 'the page moves to another origin, which nobody listed',
    wants: 'doubtful',
    site: (other) => ({ '/pricing': { status: 301, body: '', headers: { location: `${other}/pricing` } } }),
    other: () => ({ '/pricing': page('') }),
  },
  {
    name: 'the page sends its visitors to another origin by script',
    wants: 'not current',
    site: (other) => ({ '/pricing': page(`<script>location.replace("${other}/pricing")</script>`) }),
    other: () => ({ '/pricing': page(`<script>window.t="${OLD}"</script>`) }),
  },
  {
    name: 'a script of another origin fails',
    wants: 'not current',
    site: (other) => ({ '/pricing': page(`<script src="${other}/tags.js"></script>`) }),
    other: () => ({ '/tags.js': { status: 503, body: '' } }),
  },
  {
    name: 'clean: analytics of another origin, without any token',
    wants: 'current',
    site: (other) => ({ '/pricing': page(`<script async src="${other}/gtag/js?id=G-1"></script>`) }),
    other: () => ({ '/gtag/js': js('window.dataLayer=window.dataLayer||[]') }),
  },
  {
    name: 'clean: analytics of another origin that is not there',
    wants: 'current',
    site: (other) => ({ '/pricing': page(`<script async src="${other}/gone.js"></script>`) }),
  },
  {
    name: 'clean: a video in a frame of another origin',
    wants: 'current',
    site: (other) => ({ '/pricing': page('', `<iframe src="${other}/embed/abc" loading="lazy"></iframe>`) }),
    other: () => ({ '/embed/abc': '<video></video>' }),
  },
  {
    name: 'clean: a Tag Manager container that holds the current token',
    wants: 'current',
    site: (other) => ({ '/pricing': page(`<script async src="${other}/gtm.js?id=GTM-1"></script>`, '', '') }),
    other: () => ({ '/gtm.js': js(container.replace(OLD, NEW)) }),
  },
  {
    name: 'clean: a page that sends a beacon and is answered nothing',
    wants: 'current',
    site: (other) => ({ '/pricing': page('', `<script>navigator.sendBeacon("${other}/collect","x")</script>`) }),
    other: () => ({ '/collect': { status: 204, body: '' } }),
  },
  {
    name: 'clean: Paddle.js itself cannot be loaded here',
    wants: 'current',
    site: () => ({
      '/pricing': page(
        '<script src="https://cdn.paddle.com/paddle/v2/paddle.js"></script>',
        '<script>if(window.Paddle){Paddle.Environment.set("sandbox");Paddle.Initialize({token:window.APP.token})}</script>',
        holdsCurrent,
      ),
    }),
  },
];
