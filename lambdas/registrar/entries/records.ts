/** What the audit trail keeps of a change: who asked, why, and which settings became what. No entry holds a credential, only its place. */
import { isDeepStrictEqual } from 'node:util';
import { redact } from '../../domain/mask.ts';
import type { Account, Instant, IntegrationConfig } from '../../domain/model.ts';
import type { EntryRecord } from './ports.ts';

type Entry = Account | IntegrationConfig;

interface Subject {
  readonly id: string;
  readonly now: Instant;
  readonly account: string;
  /** Absent: the record is about the account. */
  readonly integration?: string;
  readonly requestedBy?: string;
  readonly reason?: string;
}

export function recordOf(subject: Subject, after: Entry, before: Entry | undefined): EntryRecord {
  const { id, now: at, account, integration } = subject;
  // Of a person, who may have pasted what is for nobody to read.
  const [requestedBy, reason] = [subject.requestedBy, subject.reason].map((text) => text && redact(text));
  const kind = integration === undefined ? 'account' : 'integration';
  const verb =
    after.managed === false
      ? 'unregistered'
      : before === undefined || before.managed === false
        ? 'registered'
        : 'changed';
  const changed = settingsThatDiffer(after, before);
  const what = verb === 'changed' ? `: ${changed.join(', ')}` : '';
  const kept = verb === 'unregistered' ? ' Its tokens and targets stay as they are.' : '';
  const by = requestedBy === undefined ? '' : ` by ${requestedBy}`;
  return {
    ...{ id: `act_${id}`, type: `${kind}.${verb}`, at, account },
    ...(integration === undefined ? {} : { integration }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(reason === undefined ? {} : { reason }),
    trigger: 'manual',
    message: `The ${kind} ${integration ?? account} was ${verb}${by}${what}.${kept}`,
    details: { revision: after.revision, changed },
  };
}

function settingsThatDiffer(after: Entry, before: Entry | undefined): readonly string[] {
  if (before === undefined) return [];
  const [now, then] = [after as object, before as object] as Record<string, unknown>[];
  const settings = [...new Set([...Object.keys(now ?? {}), ...Object.keys(then ?? {})])];
  return settings.filter((key) => key !== 'revision' && !isDeepStrictEqual(now?.[key], then?.[key])).sort();
}
