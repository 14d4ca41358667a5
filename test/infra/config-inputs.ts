/** Small configurations with a change each, and what is said of them. */
import { type ConfigEnvironment, ConfigError, parseConfig } from '../../infra/config.ts';

export const DAY = 24 * 60 * 60 * 1000;

export const account = { environment: 'sandbox', apiKey: { secret: 'paddle/api-key' } };
export const integration = {
  name: 'pricing-page',
  account: 'main',
  rotate: { every: '30 days' },
  publishTo: [{ ssmParameter: '/paddle/pricing-page' }],
};
export const hook = { kind: 'webhook', url: { secret: 'hooks/netlify' } };
export const dispatch = { kind: 'github', repository: 'acme/shop', token: { secret: 'hooks/github' } };
export const other = { ...integration, name: 'checkout', publishTo: [{ secret: 'paddle/checkout' }] };
export const config = (change: object = {}) => ({
  accounts: { main: account },
  integrations: [integration],
  ...change,
});
export const withAccount = (change: object) => config({ accounts: { main: { ...account, ...change } } });
export const withIntegration = (change: object) => config({ integrations: [{ ...integration, ...change }] });
export const withTwo = (first: object, second: object) =>
  config({
    integrations: [
      { ...integration, ...first },
      { ...other, ...second },
    ],
  });

/** `''` when there is nothing to complain about. */
export function complaint(input: unknown, environment: ConfigEnvironment = {}): string {
  try {
    parseConfig(input, environment);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.join('\n');
    throw error;
  }
}

export const BAD_NAME = 'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen';
export const EMPTY = 'is empty: give a length of time, or leave the setting out';
