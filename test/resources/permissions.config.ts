/** Every kind of credential and of target, a deploy hook, beacons, a grace of a second, and nothing that would wait: for the test of permissions. */
import { defineConfig } from '../../infra/config.ts';

export default defineConfig({
  usageFromCloudTrail: true,
  platform: { credentials: 'paddlewheel/sellers/*', targets: ['/paddle/sellers/*', 'paddle/sellers/*'] },
  accounts: {
    first: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/first/api-key' } },
    second: {
      environment: 'sandbox',
      apiKey: { ssmParameter: '/paddlewheel/second/api-key' },
      webhookSecret: { ssmParameter: '/paddlewheel/second/webhook-secret' },
      webhooks: 'manual',
      seen: true,
    },
  },
  integrations: [
    {
      name: 'shop',
      account: 'first',
      rotate: { cron: '0 3 1 * *', timezone: 'Europe/London' },
      grace: '1 second',
      publishTo: [{ ssmParameter: '/paddle/shop/client-token' }, { secret: 'paddle/shop/client-token' }],
      consumers: ['frontend'],
      deployHooks: [{ kind: 'webhook', url: { secret: 'hooks/shop' } }],
    },
    {
      name: 'portal',
      account: 'second',
      rotate: { every: '30 days' },
      grace: '1 second',
      publishTo: [{ ssmParameter: '/paddle/portal/client-token' }],
      consumers: ['portal'],
    },
  ],
});
