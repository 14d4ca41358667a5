/** Everything that a configuration can say, for the tests: two accounts, five integrations. */
import { defineConfig } from '../../infra/config.ts';

export default defineConfig({
  accounts: {
    sandbox: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/sandbox/api-key' } },
    'live-eu': {
      environment: 'live',
      apiKey: { ssmParameter: '/paddlewheel/live-eu/api-key' },
      webhookSecret: { ssmParameter: '/paddlewheel/live-eu/webhook-secret' },
      webhooks: 'manual',
      maxRevocationsPerRun: 2,
    },
  },
  integrations: [
    {
      name: 'pricing-page',
      account: 'sandbox',
      rotate: { cron: '0 3 1 * *', timezone: 'Europe/London' },
      grace: '48 hours',
      publishTo: [{ ssmParameter: '/paddle/pricing-page/client-token' }, { secret: 'paddle/pricing-page/client-token' }],
      sites: ['https://example.com/pricing'],
      consumers: ['marketing-site'],
    },
    {
      name: 'demo',
      account: 'sandbox',
      rotate: { every: '1 day' },
      publishTo: [{ ssmParameter: '/paddle/demo/client-token' }],
    },
    {
      name: 'checkout',
      account: 'live-eu',
      rotate: { cron: '30 2 * * 1', timezone: 'America/New_York' },
      grace: '7 days',
      graceFrom: 'deployed',
      publishTo: [{ secret: 'paddle/checkout/client-token' }],
      sites: [{ url: 'https://example.com/checkout', extraOrigins: ['https://static.example.com'] }],
      scans: { count: 5, over: '2 hours' },
      consumers: ['shop', 'shop-mobile'],
      lookBack: '60 days',
      holdAlarmAfter: '3 days',
    },
    {
      name: 'billing-portal',
      account: 'live-eu',
      rotate: { every: '30 days' },
      publishTo: [{ ssmParameter: '/paddle/billing-portal/client-token' }],
      adopt: 'ctkn_01j9zv4tnmk8w2f7q3c5x6y7z8',
    },
    {
      name: 'status-page',
      account: 'live-eu',
      rotate: { every: '12 weeks' },
      grace: '2 weeks',
      publishTo: [{ ssmParameter: 'status-page-client-token' }],
      consumers: ['status'],
    },
  ],
  alarms: { email: ['oncall@example.com'] },
  logRetentionDays: 30,
});
