/** The configuration of `npm start`: one integration, a grace of seconds, and a demo site on this machine. */
import { defineConfig } from '../../infra/config.ts';

const site = process.env.PADDLEWHEEL_TOUR_SITE;
const webhooks = process.env.PADDLEWHEEL_TOUR_WEBHOOKS === 'manual' ? 'manual' : 'managed';

export default defineConfig({
  accounts: { sandbox: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/sandbox/api-key' }, webhooks } },
  integrations: [
    {
      name: 'pricing-page',
      account: 'sandbox',
      rotate: { cron: '0 3 1 * *', timezone: 'Europe/London' },
      grace: '3 seconds',
      publishTo: [
        { ssmParameter: '/paddle/pricing-page/client-token' },
        { secret: 'paddle/pricing-page/client-token' },
      ],
      sites: site ? [site] : [],
      scans: { count: 1, over: '1 second' },
      consumers: ['marketing-site'],
    },
  ],
});
