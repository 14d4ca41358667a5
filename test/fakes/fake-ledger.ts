import { ConflictError } from '../../lambdas/domain/errors.ts';
import type {
  Account,
  AuditRecord,
  HookCall,
  Instant,
  IntegrationConfig,
  IntegrationState,
  SeenDay,
  StoredReport,
  TokenReport,
  Usage,
} from '../../lambdas/domain/model.ts';
import { type Ledger, type Provenance, type TokenClaim, TokenTakenError } from '../../lambdas/rotation/ports.ts';
import { heals } from '../../lambdas/rotation/precedence.ts';
import { type Effects, performed } from './effects.ts';

/** The ledger and our side of the audit trail in memory. It keeps copies, as a table does, and hands out what nobody can change. */
export class FakeLedger implements Ledger {
  readonly accounts = new Map<string, Account>();
  readonly configs = new Map<string, IntegrationConfig>();
  readonly states = new Map<string, IntegrationState>();
  readonly owners = new Map<string, TokenClaim>();
  readonly usages = new Map<string, Usage[]>();
  readonly seenDays = new Map<string, SeenDay[]>();
  /** By integration and token: what was said of it that Paddle has not answered yet. */
  readonly reported = new Map<string, StoredReport>();
  /** Every audit record, in the order of the transactions. */
  readonly records: AuditRecord[] = [];
  /** Told of every transaction that was applied. */
  onSave: ((before: IntegrationState, after: IntegrationState, records: readonly AuditRecord[]) => void) | undefined;
  readonly #effects: Effects | undefined;

  constructor(effects?: Effects) {
    this.#effects = effects;
  }

  /** The same contents, of a world that goes on by itself from here. */
  copy(effects?: Effects): FakeLedger {
    const copied = new FakeLedger(effects);
    for (const name of ['accounts', 'configs', 'states', 'owners', 'usages', 'seenDays', 'calls'] as const)
      for (const [key, value] of this[name]) (copied[name] as Map<string, unknown>).set(key, copy(value));
    copied.records.push(...this.records);
    return copied;
  }

  async load(integration: string) {
    return performed(this.#effects, 'ledger.load', () => {
      const config = this.configs.get(integration);
      if (!config) return undefined;
      return { config: kept(config), state: kept(this.states.get(integration) ?? unsavedState(integration)) };
    });
  }

  async account(name: string) {
    return performed(this.#effects, 'ledger.account', () => kept(this.accounts.get(name)));
  }

  async owner(tokenId: string) {
    return performed(this.#effects, 'ledger.owner', () => this.owners.get(tokenId)?.integration);
  }

  async provenance(integration: string, rotationId: string, tokenId: string) {
    return performed(this.#effects, 'ledger.provenance', (): Provenance => {
      const owner = this.owners.get(tokenId)?.integration;
      if (owner !== undefined) return owner === integration ? 'known' : 'taken';
      if (this.records.some((record) => record.tokenId === tokenId)) return 'known';
      const intended = this.records.some(
        (record) =>
          record.type === 'rotation.intended' && record.integration === integration && record.rotationId === rotationId,
      );
      return intended ? 'intended' : 'none';
    });
  }

  async usage(integration: string) {
    return performed(this.#effects, 'ledger.usage', () => copy(this.usages.get(integration) ?? []));
  }

  async seen(integration: string) {
    return performed(this.#effects, 'ledger.seen', () => copy(this.seenDays.get(integration) ?? []));
  }

  readonly calls = new Map<string, HookCall[]>();
  async hookCalls(integration: string) {
    return performed(this.#effects, 'ledger.hookCalls', () => copy(this.calls.get(integration) ?? []));
  }

  readonly #recordIds = new Set<string>();
  #reportIds = 0;
  async report(reports: readonly TokenReport[]) {
    return performed(this.#effects, 'ledger.report', () => {
      for (const report of reports) {
        this.#reportIds += 1;
        this.reported.set(
          `${report.integration} ${report.tokenId}`,
          copy({ ...report, reportId: `r${this.#reportIds}` }),
        );
      }
    });
  }

  async reports(integration: string) {
    return performed(this.#effects, 'ledger.reports', () => {
      const ours = [...this.reported.values()].filter((report) => report.integration === integration);
      return copy(ours.sort((a, b) => (a.tokenId < b.tokenId ? 1 : -1)).slice(0, 500));
    });
  }

  async answered({ integration, tokenId, reportId }: StoredReport) {
    return performed(this.#effects, 'ledger.answered', () => {
      const key = `${integration} ${tokenId}`;
      if (this.reported.get(key)?.reportId === reportId) this.reported.delete(key);
    });
  }

  /** What the heartbeat's index would answer: only what has a `dueAt`, the longest overdue first. */
  async findDue(now: Instant) {
    return [...this.states.values()]
      .flatMap((state) => {
        const { integration, dueAt } = state;
        if (dueAt === undefined || dueAt > now) return [];
        return [heals(state) ? { integration, dueAt, heals: true as const } : { integration, dueAt }];
      })
      .sort((a, b) => a.dueAt.localeCompare(b.dueAt));
  }

  async save(
    previous: IntegrationState,
    next: IntegrationState,
    records: readonly AuditRecord[],
    claims: readonly TokenClaim[],
  ) {
    return performed(this.#effects, 'ledger.save', () => {
      const [state, added] = [copy(next), copy(records)];
      mustFit(state, added, claims);
      if (next.version !== previous.version + 1) throw new RangeError('the next version is the previous one plus one');
      if (1 + records.length + claims.length > 100) throw new RangeError('too much for one transaction');
      const stored = this.states.get(next.integration)?.version ?? 0;
      if (stored !== previous.version) throw new ConflictError(`${next.integration} is at version ${stored}`);
      for (const { tokenId, integration } of claims) {
        const owner = this.owners.get(tokenId)?.integration;
        if (owner !== undefined && owner !== integration) throw new TokenTakenError(tokenId, owner);
      }
      for (const { id } of records) {
        if (this.#recordIds.has(id)) throw new Error(`audit record ${id} was already written`);
        this.#recordIds.add(id);
      }
      this.states.set(next.integration, state);
      this.records.push(...added);
      for (const claim of claims) this.owners.set(claim.tokenId, copy(claim));
      this.onSave?.(previous, next, records);
    });
  }
}

/** DynamoDB's limits: actions in one transaction, bytes of one item, both with the room that our keys take. */
const MOST_ACTIONS = 100;
const MOST_BYTES = 399_000;
function mustFit(state: IntegrationState, records: readonly AuditRecord[], claims: readonly TokenClaim[]): void {
  const actions = 1 + records.length + claims.length;
  if (actions > MOST_ACTIONS) throw new RangeError(`${actions} actions are too many for one transaction`);
  if (Math.max(stateBytes(state), ...records.map(bytesOf)) > MOST_BYTES)
    throw new RangeError(`an item of ${state.integration} is larger than 400 KB`);
}

/** Part by part: most of them go from one state into the next as they are, and each is measured once. */
function stateBytes({ tokens, ...others }: IntegrationState): number {
  let bytes = measured.get(tokens) ?? tokens.reduce((sum, token) => sum + bytesOf(token), 0);
  measured.set(tokens, bytes);
  for (const [name, part] of Object.entries(others))
    bytes += name.length + (typeof part === 'object' ? bytesOf(part) : String(part).length) + 4;
  return bytes;
}

function bytesOf(item: object): number {
  const bytes = measured.get(item) ?? Buffer.byteLength(JSON.stringify(item));
  measured.set(item, bytes);
  return bytes;
}
const measured = new WeakMap<object, number>();

/** What `load` answers for an integration that is configured but has no state yet. */
export const unsavedState = (integration: string): IntegrationState => ({
  integration,
  version: 0,
  tokens: [],
  sweeps: [],
  requests: [],
});

/** For what is put in from outside, again and again the same. */
export const frozenCopy = <T>(value: T): T => copy(value);

/**
 * Like a table: no shared references that anybody could change, and a property that is `undefined` is not there. Copies are
 * frozen, so that one may be handed out, and come back inside the next state, without being copied again.
 */
function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const copied: unknown = Array.isArray(value) ? value.map(copy) : copyOf(value);
  return Object.freeze(copied) as T;
}

/** What tests put in directly is copied when it is first asked for. */
function kept<T extends object | undefined>(value: T): T {
  if (value === undefined) return value;
  const known = copies.get(value) ?? copy(value);
  copies.set(value, known);
  return known as T;
}
const copies = new WeakMap<object, object>();

function copyOf(value: object): object {
  const copied: Record<string, unknown> = {};
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    if (part !== undefined) copied[name] = copy(part);
  }
  return copied;
}
