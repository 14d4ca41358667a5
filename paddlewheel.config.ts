/**
 * What Paddlewheel rotates, when, and where it publishes. This sample is what `cdk deploy` uses:
 * put your own accounts and integrations here. Every setting is explained in `infra/config-input.ts`.
 */
import { defineConfig } from './infra/config.ts';

export default defineConfig({
  accounts: {
    // One Paddle account in one environment. The key needs the permissions client_token.read and client_token.write.
    sandbox: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/sandbox/api-key' } }, // or { ssmParameter: '/…' }
  },
  integrations: [
    {
      name: 'pricing-page',
      account: 'sandbox',
      // At three in the morning of each month's first day, London time. Or: { every: '30 days' }.
      rotate: { cron: '0 3 1 * *', timezone: 'Europe/London' },
      // The superseded token stays valid for at least this long, and until the evidence says that nobody uses it.
      grace: '48 hours',
      publishTo: [
        { ssmParameter: '/paddle/pricing-page/client-token' },
        { secret: 'paddle/pricing-page/client-token' },
      ],
      // Evidence: pages that must serve the current token, and builds that report which token they use.
      sites: ['https://example.com/pricing'],
      consumers: ['marketing-site'],
      // adopt: 'ctkn_…',  // begin with a token that was made in the dashboard
    },
  ],
});
