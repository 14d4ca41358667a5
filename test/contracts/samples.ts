/** Whole, valid values to say only the interesting part of. */
import type { Account, AuditRecord, IntegrationConfig, IntegrationState, Usage } from '../../lambdas/domain/model.ts';

let count = 0;
/** A name that no other test of this or any other run has used: tests share one local AWS. */
export const unique = (name: string): string => {
  count += 1;
  return `${name}-${process.pid}-${Date.now().toString(36)}-${count}`;
};

export const anAccount = (name: string): Account => ({
  name,
  environment: 'sandbox',
  apiUrl: 'https://sandbox-api.paddle.com',
  apiKey: { secret: `paddlewheel/${name}/api-key` },
  webhookSecret: { secret: `paddlewheel/${name}/webhook-secret` },
  maxRevocationsPerRun: 5,
  webhooks: 'managed',
  proveWebhooks: true,
});

export const aConfig = (name: string): IntegrationConfig => ({
  name,
  account: 'sandbox',
  environment: 'sandbox',
  managed: true,
  scheduleSince: '2026-11-01T00:00:00.000Z',
  schedule: { every: 30 * 86_400_000 },
  graceMs: 48 * 3_600_000,
  graceFrom: 'published',
  targets: [{ kind: 'ssm', name: `/paddle/${name}/client-token` }],
  consumers: ['marketing-site'],
  sites: [],
  scans: { count: 3, overMs: 1_800_000 },
  lookBackMs: 30 * 86_400_000,
  holdAlarmAfterMs: 7 * 86_400_000,
  drift: 'restore',
});

export const aState = (
  integration: string,
  version: number,
  rest: Partial<IntegrationState> = {},
): IntegrationState => ({
  integration,
  version,
  tokens: [],
  sweeps: [],
  requests: [],
  ...rest,
});

export const aRecord = (integration: string, rest: Partial<AuditRecord> = {}): AuditRecord => ({
  id: unique('record'),
  type: 'rotation.intended',
  at: '2026-11-22T03:00:00.000Z',
  account: 'sandbox',
  integration,
  rotationId: '01JD8Z0000000000000000ROTA',
  message: 'Started a rotation: the schedule says so.',
  details: { slot: '2026-11-22T03:00:00.000Z', tries: 1 },
  ...rest,
});

export const aUsage = (consumer: string, rest: Partial<Usage> = {}): Usage => ({
  consumer,
  tokenId: 'ctkn_01jd8z00000000000000000000',
  build: '1',
  phase: 'build',
  at: '2026-11-22T03:00:00.000Z',
  ...rest,
});
