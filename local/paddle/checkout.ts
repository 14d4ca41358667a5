/** What a page touches: the price preview that takes a client-side token, Paddle.js, and the addresses of webhooks. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { usableToken } from './client-tokens.ts';
import { Refusal } from './errors.ts';
import { PADDLE_JS } from './paddle-js.ts';
import type { Answer, Call, Route } from './router.ts';
import { body } from './validation.ts';
import type { World } from './world.ts';

/** Paths with CORS open: those that pages call. */
export const BROWSER_PATHS: readonly string[] = ['/pricing-preview', '/paddle/v2/paddle.js'];

const CIDRS = {
  live: ['34.232.58.13', '34.195.105.136', '34.237.3.244', '35.155.119.135', '52.11.166.252', '34.212.5.7'],
  sandbox: ['34.194.127.46', '54.234.237.108', '3.208.120.145', '44.226.236.210', '44.241.183.62', '100.20.172.113'],
} as const;

const preview = z.object({
  items: z.array(z.object({ price_id: z.string().min(1), quantity: z.number().int().min(1) })).min(1),
});

export function checkoutRoutes(world: World): Route[] {
  return [
    { method: 'POST', path: '/pricing-preview', permission: 'public', handle: (call) => previewPrices(world, call) },
    {
      method: 'GET',
      path: '/paddle/v2/paddle.js',
      permission: 'public',
      handle: () => ({
        status: 200,
        text: PADDLE_JS,
        headers: { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-store' },
      }),
    },
    { method: 'GET', path: '/ips', permission: 'public', handle: (call) => ips(world, call) },
  ];
}

/** Prices are made up; the point is whether the token is accepted. */
function previewPrices(world: World, call: Call): Answer {
  const header = call.headers['paddle-clienttoken'];
  if (!usableToken(world, Array.isArray(header) ? header[0] : header)) {
    throw new Refusal('invalid_client_token', 'Invalid, revoked or expired client-side token.');
  }
  const { items } = body(call, preview);
  const line = ({ price_id, quantity }: { price_id: string; quantity: number }) => ({
    price: { id: price_id },
    quantity,
    totals: { subtotal: '1000', discount: '0', tax: '0', total: '1000' },
  });
  return {
    status: 200,
    data: { customer_id: null, currency_code: 'USD', details: { line_items: items.map(line) } },
  };
}

function ips(world: World, call: Call): Answer {
  const cidrs = world.quirks.ips ?? CIDRS[call.environment].map((address) => `${address}/32`);
  const etag = createHash('sha1').update(JSON.stringify(cidrs)).digest('hex');
  return { status: 200, data: { ipv4_cidrs: cidrs }, headers: { Etag: `W/"${etag}"` } };
}
