import type { ConsumerSpec } from '../../lambdas/contract.ts';
import type { UsageRecords, UsageReport } from '../../lambdas/usage/ports.ts';
import { createReportUsage } from '../../lambdas/usage/report-usage.ts';
import { FakeReconcileQueue, RecordingLog, StillClock } from '../fakes/runtime.ts';

export const value = (letter: string) => `test_${letter.repeat(27)}`;

type Status = 'minted' | 'current' | 'superseded' | 'revoked';

/** Remembers every report; answers the last one of a build. */
export class FakeUsageRecords implements UsageRecords {
  readonly reports: UsageReport[] = [];
  failure: Error | undefined;
  async tokenOfBuild(integration: string, consumer: string, build: string) {
    return this.reports.findLast((r) => r.integration === integration && r.consumer === consumer && r.build === build)
      ?.tokenId;
  }
  async record(report: UsageReport) {
    if (this.failure) throw this.failure;
    this.reports.push(JSON.parse(JSON.stringify(report)));
  }
}

/** pricing-page with its tokens: `{ ctkn_a: 'superseded', ctkn_b: 'current' }`. */
export function usage(statuses: Readonly<Record<string, Status>> = { ctkn_a: 'superseded', ctkn_b: 'current' }) {
  const parts = {
    records: new FakeUsageRecords(),
    queue: new FakeReconcileQueue(),
    clock: new StillClock(),
    log: new RecordingLog(),
  };
  const consumers: readonly (string | ConsumerSpec)[] = [];
  const world = { ...parts, statuses, consumers };
  const ledger = {
    async load(integration: string) {
      if (integration !== 'pricing-page') return undefined;
      const tokens = Object.entries(world.statuses).map(([id, status]) => ({ id, status, value: value(id.slice(-1)) }));
      return { config: { environment: 'sandbox' as const, consumers: world.consumers }, state: { tokens } };
    },
  };
  return Object.assign(world, { ledger, report: createReportUsage({ ...parts, ledger }) });
}
