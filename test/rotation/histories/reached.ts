/** Which states a run of histories has been through. What it never reaches, it cannot have tested. */
import type { AuditRecord, IntegrationState } from '../../../lambdas/domain/model.ts';
import type { Result } from '../../../lambdas/rotation/result.ts';

export const EXPECTED: readonly string[] = [
  ...['first', 'schedule', 'manual', 'emergency', 'heal', 'adopt', 'rollback'].map((trigger) => `trigger ${trigger}`),
  ...[
    'usage_outdated',
    'usage_silent',
    'site_serves_superseded',
    'site_without_token',
    'site_unreadable',
    'scans_in_progress',
  ].map((reason) => `held ${reason}`),
  ...['target_differs', 'cap_reached', 'awaiting_deployment', 'no_current', 'current_revoked', 'unavailable'].map(
    (reason) => `held ${reason}`,
  ),
  ...[
    'manual hold',
    'stuck',
    'crowded',
    'orphan',
    'repair',
    'drift',
    'sweep',
    'paused',
    'unmanaged',
    'rejected',
    'died',
  ],
  ...['mint_unknown', 'timeout', 'unavailable', 'adopt_impossible'].map((code) => `retry ${code}`),
  ...[
    'busy: lease',
    'busy: wrote first',
    'hand-over',
    'taken by another',
    'storm brake',
    'interrupted',
    'lost',
    'forced',
    'escalated',
  ],
];

export class Reached {
  readonly counts = new Map<string, number>();

  note(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  get missing(): readonly string[] {
    return EXPECTED.filter((what) => !this.counts.has(what));
  }

  saved(state: IntegrationState, records: readonly AuditRecord[]): void {
    if (state.rotation) this.note(`trigger ${state.rotation.trigger}`);
    if (state.retry) this.note(`retry ${state.retry.code}`);
    if (state.repair) this.note('repair');
    if (state.drift) this.note('drift');
    if (state.sweeps.length > 0) this.note('sweep');
    for (const { hold, manualHold, stuckSince, status } of state.tokens) {
      if (hold) this.note(`held ${hold.reason}`);
      if (manualHold) this.note('manual hold');
      if (stuckSince) this.note('stuck');
      if (status === 'orphan') this.note('orphan');
    }
    for (const record of records) this.#record(record);
  }

  #record({ type, message }: AuditRecord): void {
    const names = {
      'token.revocation-interrupted': 'interrupted',
      'token.lost': 'lost',
      'token.forced': 'forced',
    } as const;
    const more = { 'rotation.escalated': 'escalated', 'integration.crowded': 'crowded' } as const;
    const name = { ...names, ...more }[type as keyof typeof names];
    if (name) this.note(name);
    if (/belongs to/.test(message)) this.note('taken by another');
  }

  ended(result: Result | 'died'): void {
    if (result === 'died') {
      this.note('died');
      return;
    }
    if (result.outcome === 'busy') this.note(/at work/.test(result.message) ? 'busy: lease' : 'busy: wrote first');
    if (result.outcome !== 'settled') return;
    const { reason } = result.decision;
    const names: Record<string, string> = {
      ...{ more_to_do: 'hand-over', revoked_again_and_again: 'storm brake' },
      ...{ paused: 'paused', unmanaged: 'unmanaged', crowded: 'crowded' },
    };
    if (names[reason]) this.note(names[reason]);
  }
}
