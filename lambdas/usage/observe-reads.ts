/**
 * Reads of a target, as CloudTrail saw them, become usage. It only ever counts against a revocation: nobody said that what
 * was read is also what is served, so a reader that is up to date proves nothing (`evidence/usage.ts`).
 */
import type { Instant, Target, Token } from '../domain/model.ts';
import type { Log } from '../domain/ports.ts';
import { sameTarget } from '../domain/targets.ts';
import { instant, millis } from '../domain/time.ts';
import { type ObservedRead, parseRead, type ReadName, type ReadVersion } from './cloudtrail-event.ts';
import type { UsageRecords } from './ports.ts';

/** Who publishes where. It may be out of date: the configuration decides. */
export interface TargetIndex {
  /** The integration that last named this parameter or secret, or each that named a key of it. */
  publishedAt(kind: Target['kind'], name: string): Promise<readonly Publisher[]>;
  /** Every parameter whose name begins so, with its integration. */
  parametersBelow(path: string): Promise<readonly { readonly name: string; readonly integration: string }[]>;
}

export interface Publisher {
  readonly target: Target;
  readonly integration: string;
}

export type DatedToken = Pick<Token, 'id' | 'status' | 'rotationId' | 'value' | 'publishedAt' | 'supersededAt'>;

export interface ReadsParts {
  readonly index: TargetIndex;
  readonly ledger: {
    load(integration: string): Promise<
      | {
          readonly config: { readonly targets: readonly Target[] };
          readonly state: { readonly tokens: readonly DatedToken[] };
        }
      | undefined
    >;
  };
  readonly records: Pick<UsageRecords, 'record'>;
  /** Names the version of a secret that a write of this token made (`adapters/aws/secrets-manager-target.ts`). */
  readonly versionOf: (rotationId: string, attempt: number, value: string) => string;
  /** ARNs of the roles of Paddlewheel itself: reading back what was written is no use. */
  readonly ownRoles: readonly string[];
  readonly log: Log;
}

export interface ReadsAnswer {
  readonly outcome: 'observed' | 'ignored';
  readonly reports: readonly { readonly integration: string; readonly consumer: string; readonly tokenId: string }[];
}

const IGNORED: ReadsAnswer = { outcome: 'ignored', reports: [] };

/** @throws RangeError for an event of another shape; what the ledger throws. The platform tries again: repeating it is harmless */
export function createObserveReads(parts: ReadsParts): (payload: unknown) => Promise<ReadsAnswer> {
  return async (payload) => {
    const read = parseRead(payload);
    if (!read || (read.role !== undefined && parts.ownRoles.includes(read.role))) return IGNORED;
    const reports: { integration: string; consumer: string; tokenId: string }[] = [];
    for (const name of read.names) {
      for (const { target, integration } of await targetsRead(name, parts.index)) {
        const tokenId = await tokenRead(integration, target, name.version, read, parts);
        if (tokenId !== undefined) reports.push({ integration, consumer: read.consumer, tokenId });
      }
    }
    const by = { name: read.by, proof: 'cloudtrail' } as const;
    for (const report of reports)
      await parts.records.record({ ...report, phase: 'build', place: 'production', at: read.at, by });
    if (reports.length === 0) return IGNORED;
    parts.log.info('CloudTrail saw a token being read', { eventId: read.eventId, at: read.at, reports });
    return { outcome: 'observed', reports };
  };
}

async function targetsRead(name: ReadName, index: TargetIndex): Promise<readonly Publisher[]> {
  if (name.kind === 'ssm-path') {
    const folder = name.path.endsWith('/') ? name.path : `${name.path}/`;
    const below = await index.parametersBelow(folder);
    return below
      .filter((found) => name.recursive || !found.name.slice(folder.length).includes('/'))
      .map((found) => ({ target: { kind: 'ssm', name: found.name }, integration: found.integration }));
  }
  const { kind } = name;
  const hits: Publisher[] = [];
  for (const candidate of name.candidates) hits.push(...(await index.publishedAt(kind, candidate)));
  return hits;
}

async function tokenRead(
  integration: string,
  target: Target,
  version: ReadVersion,
  { at }: ObservedRead,
  { ledger, versionOf }: ReadsParts,
): Promise<string | undefined> {
  const found = await ledger.load(integration);
  const isItsOwn = found?.config.targets.some((own) => sameTarget(own, target));
  if (!found || !isItsOwn) return undefined;
  const { tokens } = found.state;
  const then = tokenAt(tokens, at);
  if (version.is === 'latest') return then?.id;
  const named = version.is === 'id' ? tokens.find((token) => wrote(token, version.id, versionOf)) : undefined;
  if (named) return named.id;
  // An older version, and nobody knows which: any token that is on its way out keeps all of them alive.
  return (tokens.find(({ status }) => status === 'superseded') ?? then)?.id;
}

/** A write that failed is repeated under another number. */
const MAX_ATTEMPTS = 20;

const wrote = ({ rotationId, value }: DatedToken, id: string, versionOf: ReadsParts['versionOf']): boolean =>
  Array.from({ length: MAX_ATTEMPTS }, (_, attempt) => versionOf(rotationId, attempt, value)).includes(id);

/** Clocks differ, and a target answers the prior value for a moment after it was written. */
const SETTLED_MS = 2_000;

/** The token that was current then; just after a publication still the prior one, which is the cautious answer. */
function tokenAt(tokens: readonly DatedToken[], at: Instant): DatedToken | undefined {
  const settled = instant(millis(at) - SETTLED_MS);
  const published = tokens
    .filter(({ publishedAt }) => publishedAt !== undefined)
    .sort((a, b) => ((a.publishedAt ?? '') < (b.publishedAt ?? '') ? -1 : 1));
  const before = published.filter(
    ({ publishedAt = '', supersededAt }) => publishedAt <= settled && !(supersededAt && supersededAt <= settled),
  );
  // The very first token has no prior one: whoever read something then has read it.
  return before.at(-1) ?? (published[0] && (published[0].publishedAt ?? '') <= at ? published[0] : undefined);
}
