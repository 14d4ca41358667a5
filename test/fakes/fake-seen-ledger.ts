import type { Instant, IntegrationConfig, IntegrationState, SeenDay } from '../../lambdas/domain/model.ts';
import { listenedTokens } from '../../lambdas/domain/seen.ts';
import type { SeenReports } from '../../lambdas/evidence/ports.ts';
import type { SeenLedger } from '../../lambdas/seen/ports.ts';

type Recorded = Parameters<SeenLedger['record']>[0];

/** What beacons said, in memory. */
export class FakeSeenLedger implements SeenLedger, SeenReports {
  readonly #integrations = new Map<string, { config: IntegrationConfig; state: IntegrationState }>();
  readonly days = new Map<string, SeenDay & { readonly integration: string }>();
  /** Every reading and every writing, in their order. */
  readonly calls: string[] = [];
  failure: Error | undefined;

  put(config: IntegrationConfig, state: IntegrationState): void {
    this.#integrations.set(config.name, { config, state });
  }

  async listened(integration: string, now: Instant) {
    this.#called(`read ${integration}`);
    const { config, state } = this.#integrations.get(integration) ?? {};
    if (!config?.managed || !config.seen) return undefined;
    return { seen: config.seen, ...listenedTokens(state, now) };
  }

  async record({ integration, tokenId, at, count }: Recorded) {
    this.#called(`write ${tokenId} ${count}`);
    const day = at.slice(0, 10);
    const key = `${integration} ${tokenId} ${day}`;
    const before = this.days.get(key);
    if (before && before.last >= at) return false;
    const first = before?.first ?? at;
    this.days.set(key, { integration, tokenId, day, first, last: at, count: (before?.count ?? 0) + count });
    return true;
  }

  async seen(integration: string) {
    const ours = [...this.days.values()].filter((each) => each.integration === integration);
    return ours.map(({ integration: _, ...day }) => ({ ...day }));
  }

  #called(what: string): void {
    this.calls.push(what);
    if (this.failure) throw this.failure;
  }
}
