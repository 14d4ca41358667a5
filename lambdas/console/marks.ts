/** What happened to a token, as marks on its line: our actions, webhooks, scans, reports and deploy hooks. */
import type { Instant } from '../domain/model.ts';
import type { DetailView, TrailEntry } from './view.ts';
import { readable, shortId, shortIds } from './when.ts';

export const MARK_KINDS = ['action', 'webhook', 'scan', 'report', 'hook'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export const MARK_WORDS: Readonly<Record<MarkKind, string>> = {
  action: 'Paddlewheel',
  webhook: 'Webhook of Paddle',
  scan: 'Evidence with a scan',
  report: 'Report of a consumer',
  hook: 'Deploy hook',
};

export interface Mark {
  readonly at: Instant;
  readonly kind: MarkKind;
  /** Absent: of the integration. */
  readonly tokenId?: string;
  readonly text: string;
}

/** All of them, the newest first. */
export function marksOf({ trail, usage }: DetailView): Mark[] {
  const attributions = trail.filter(({ kind }) => kind === 'attribution');
  const actors = new Map(attributions.map(({ sk, actor }) => [sk.replace(/#attribution$/, ''), actor]));
  const records = trail
    .filter(({ kind }) => kind === 'action' || kind === 'webhook')
    .map((entry): Mark => {
      const { at, tokenId } = entry;
      const kind = kindOf(entry);
      const actor = kind === 'webhook' ? actors.get(entry.sk) : undefined;
      return { at, kind, tokenId, text: kind === 'webhook' ? webhookText(entry, actor) : actionText(entry) };
    });
  const reports = usage.flatMap(({ consumer, tokenId, build, phase, at, deployed }): Mark[] => {
    const of = (what: string, token: string, number: string | undefined, instant: Instant): Mark => ({
      ...{ at: instant, kind: 'report', tokenId: token },
      text: `${consumer} reported ${what}${number ? ` ${number}` : ''} with ${shortId(token)}`,
    });
    const last = of(phase === 'deploy' ? 'the deployment of build' : 'build', tokenId, build, at);
    if (!deployed || deployed.at === at) return [last];
    return [last, of('the deployment of build', deployed.tokenId, deployed.build, deployed.at)];
  });
  return [...records, ...reports].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

function kindOf({ kind, type, details }: TrailEntry): MarkKind {
  if (kind === 'webhook') return 'webhook';
  if (type?.startsWith('hook.')) return 'hook';
  if (type === 'token.deployed') return 'report';
  return details?.evidence?.items?.some((item) => item.kind === 'sites') ? 'scan' : 'action';
}

const webhookText = ({ type, tokenId }: TrailEntry, actor: string | undefined): string => {
  const by = actor === 'external' ? ', done by somebody else' : actor === 'paddlewheel' ? ', our own doing' : '';
  return `Paddle: ${type?.replace('client_token.', 'token ') ?? 'event'}${tokenId ? ` (${shortId(tokenId)})` : ''}${by}`;
};

const actionText = ({ message, type, requestedBy }: TrailEntry): string => {
  const text = shortIds(readable(message ?? type ?? 'a record'));
  return requestedBy && !text.includes(requestedBy) ? `${text} (asked by ${requestedBy})` : text;
};
