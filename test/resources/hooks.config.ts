/** One integration with a deploy hook, for the end-to-end test of alarms and builds. */
import { defineConfig } from '../../infra/config.ts';

export default defineConfig({
  accounts: { sandbox: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/sandbox/api-key' } } },
  integrations: [
    {
      name: 'pricing-page',
      account: 'sandbox',
      rotate: { every: '30 days' },
      publishTo: [{ ssmParameter: '/paddle/pricing-page/client-token' }],
      deployHooks: [{ kind: 'webhook', url: { secret: 'hooks/pricing-page' } }],
    },
  ],
});
