import type { Account, IntegrationConfig } from '../../lambdas/domain/model.ts';
import { DAY, MINUTE } from '../../lambdas/domain/time.ts';

export const START = '2026-03-01T00:00:00.000Z';

export const anAccount = (changes: Partial<Account> = {}): Account => ({
  name: 'sandbox',
  environment: 'sandbox',
  apiUrl: 'https://sandbox-api.paddle.com',
  apiKey: { secret: 'paddlewheel/sandbox/api-key' },
  webhookSecret: { secret: 'paddlewheel/sandbox/webhook-secret' },
  maxRevocationsPerRun: 5,
  webhooks: 'managed',
  proveWebhooks: true,
  ...changes,
});

/** Rotates every 30 days, two days of grace, one target of each kind. */
export const anIntegration = (changes: Partial<IntegrationConfig> = {}): IntegrationConfig => ({
  name: 'pricing-page',
  account: 'sandbox',
  environment: 'sandbox',
  managed: true,
  schedule: { every: 30 * DAY },
  scheduleSince: START,
  graceMs: 2 * DAY,
  graceFrom: 'published',
  targets: [
    { kind: 'ssm', name: '/paddle/pricing-page/client-token' },
    { kind: 'secret', name: 'paddle/pricing-page/client-token' },
  ],
  consumers: [],
  sites: [],
  scans: { count: 3, overMs: 30 * MINUTE },
  lookBackMs: 30 * DAY,
  holdAlarmAfterMs: 7 * DAY,
  drift: 'restore',
  ...changes,
});
