/** What `npm run aws:smoke` deploys: the least that shows all. */
import { defineConfig } from '../../infra/config.ts';

export const ACCOUNT = 'sandbox';
export const INTEGRATION = 'smoke';
export const CONSUMER = 'smoke-site';

/** What the installation is called, and what it keeps outside its stack. */
export const placesOf = (prefix: string) => ({
  apiKey: `${prefix}/${ACCOUNT}/api-key`,
  parameter: `/${prefix}/client-token`,
  secret: `${prefix}/client-token`,
  heard: `${prefix}-heard`,
});

const prefix = process.env.PADDLEWHEEL_SMOKE_PREFIX ?? '';
const places = placesOf(prefix);

export default defineConfig({
  prefix,
  accounts: { [ACCOUNT]: { environment: 'sandbox', apiKey: { secret: places.apiKey } } },
  integrations: [
    {
      name: INTEGRATION,
      account: ACCOUNT,
      rotate: { cron: '0 3 1 1 *', timezone: 'Europe/London' },
      grace: '10 seconds',
      publishTo: [{ ssmParameter: places.parameter }, { secret: places.secret }],
      consumers: [CONSUMER],
    },
  ],
  logRetentionDays: 1,
  platform: { removal: 'destroy', tags: { paddlewheel: prefix } },
});
