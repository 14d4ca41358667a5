/** Records of the trail as text, JSON Lines or CSV. Each line ends with its line break. */
import type { AuditEntry } from '../lambdas/adapters/dynamodb/audit-trail.ts';
import { redact } from '../lambdas/domain/mask.ts';

export interface Formatter {
  readonly head: string;
  line(entry: AuditEntry): string;
}

/** The columns of the CSV; `details` holds what has no column of its own, as JSON. */
export const COLUMNS = [
  'at',
  'kind',
  'type',
  'account',
  'integration',
  'tokenId',
  'rotationId',
  'trigger',
  'actor',
  'requestedBy',
  'reason',
  'message',
  'id',
] as const;

const KEYS = new Set<string>([...COLUMNS, 'pk', 'sk', 'day', 'source']);

/** Spreadsheets skip white space before a formula, and take full-width signs for the plain ones. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;

/**
 * One field after RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front: names and
 * reasons come from outside.
 */
export function csvField(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** `paddlewheel` or `external` as the attribution says, and whoever asked for it. Our own records are our own doing. */
export const actorsOf = ({ kind, actor, requestedBy }: AuditEntry): readonly string[] =>
  [kind === 'action' ? 'paddlewheel' : actor, requestedBy].filter((name) => typeof name === 'string');

function csvLine(entry: AuditEntry): string {
  const rest = Object.fromEntries(Object.entries(entry).filter(([name]) => !KEYS.has(name)));
  const details = Object.keys(rest).length > 0 ? rest : undefined;
  const own = { ...entry, actor: entry.actor ?? (entry.kind === 'action' ? 'paddlewheel' : undefined) };
  return `${[...COLUMNS.map((name) => own[name as keyof typeof own]), details].map(csvField).join(',')}\r\n`;
}

/** Control characters would let a record write what it likes on somebody's terminal. */
const plain = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

function textLine(entry: AuditEntry): string {
  const who = actorsOf(entry).join(' for ') || entry.kind;
  const what = entry.message ?? `${entry.type}${entry.reason ? ` (${entry.reason})` : ''}`;
  const where = entry.integration ?? entry.account ?? '';
  const about = entry.tokenId && !String(what).includes(String(entry.tokenId)) ? `  ${entry.tokenId}` : '';
  return `${plain(redact(`${entry.at}  ${entry.kind}  ${where}${about}  ${who}  ${what}`))}\n`;
}

export const FORMATTERS = {
  text: { head: '', line: textLine },
  jsonl: { head: '', line: (entry: AuditEntry) => `${JSON.stringify(entry)}\n` },
  csv: { head: `${[...COLUMNS, 'details'].join(',')}\r\n`, line: csvLine },
} as const satisfies Record<string, Formatter>;
