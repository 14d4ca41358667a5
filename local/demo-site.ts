/** A little shop on loopback whose build puts the client-side token into a hashed script, as real bundlers do. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DemoSite {
  readonly url: string;
  /** Builds the page with this token and puts it live; the files of earlier builds are gone. */
  deploy(token: string, build: string): void;
  stop(): Promise<void>;
}

/** @param paddleJs where the page gets Paddle.js from; absent: the page does without */
export async function startDemoSite(paddleJs?: string): Promise<DemoSite> {
  let files = new Map<string, { type: string; body: string }>([
    ['/', { type: 'text/html', body: '<!doctype html><title>Coming soon</title>' }],
  ]);
  const server = createServer((request, response) => {
    const file = files.get(new URL(request.url ?? '/', 'http://site').pathname);
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain', 'cache-control': 'no-store' });
    response.end(file?.body ?? 'not found');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    deploy(token, build) {
      files = bundle(token, build, paddleJs);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function bundle(token: string, build: string, paddleJs: string | undefined) {
  const script = `const token=${JSON.stringify(token)};
if (window.Paddle) { Paddle.Environment.set("sandbox"); Paddle.Initialize({ token, eventCallback(e) { document.body.dataset.checkout = e.name; } }); }
document.body.dataset.build=${JSON.stringify(build)};
document.getElementById("buy").onclick = () => Paddle.Checkout.open({ items: [{ priceId: "pri_demo", quantity: 1 }] });`;
  const name = `/assets/checkout-${createHash('sha256').update(script).digest('hex').slice(0, 8)}.js`;
  const paddle = paddleJs ? `<script src="${paddleJs}"></script>` : '';
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pricing</title>${paddle}</head>
<body><h1>Pricing</h1><button id="buy">Buy</button><script type="module" src="${name}"></script></body></html>`;
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    [name, { type: 'text/javascript; charset=utf-8', body: script }],
  ]);
}
