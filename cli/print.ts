/** Answers of the functions as a person reads them. What is not known here is still shown with `--json`. */
import type { FunctionAnswer } from './ports.ts';
import { type Piece, plainText, type Screen, type Tone, wrapped } from './terminal.ts';
import { standingLine, standingsOf, verdictPiece } from './verdict.ts';

/** Whose word it is, and what that is worth. */
export const reporter = (by: ShownWord['by']): string =>
  by === undefined ? '' : by.proof === 'said' ? ` by "${by.name}", as it says itself` : ` by ${by.name}`;

interface Shown {
  readonly integration?: string;
  readonly outcome?: string;
  readonly message?: string;
  readonly account?: string;
  readonly environment?: string;
  readonly owner?: string;
  readonly revision?: number;
  readonly paused?: {
    readonly since: string;
    readonly until?: string;
    readonly reason?: string;
    readonly requestedBy?: string;
  };
  readonly retry?: { readonly message?: string; readonly reason?: string; readonly nextAttemptAt?: string };
  readonly token?: { readonly id: string; readonly masked?: string };
  readonly currentSince?: string;
  readonly superseded?: readonly { id: string; status: string; revokeAfter?: string; held?: string }[];
  readonly published?: readonly string[];
  readonly rotationId?: string;
  readonly nextRotationAt?: string;
  readonly dueAt?: string;
  readonly faults?: readonly string[];
  readonly records?: readonly { type: string; at: string; message: string }[];
  readonly upcoming?: readonly { at: string; message: string }[];
  readonly breaks?: readonly string[];
  readonly consumers?: readonly ShownWord[];
  readonly seen?: readonly { tokenId: string; status?: string; last: string; counts: Record<string, number> }[];
  readonly deployment?: ShownDeployment;
  readonly cached?: { message: string };
  readonly checks?: readonly { what: string; ok: boolean; message: string }[];
}

/** A consumer's last word in one place. */
export interface ShownWord {
  readonly consumer: string;
  readonly tokenId: string;
  readonly build?: string;
  readonly branch?: string;
  readonly stage?: string;
  readonly place?: string;
  readonly isDeployed?: boolean;
  readonly isObserved?: boolean;
  readonly by?: { readonly name: string; readonly proof: string };
  readonly at: string;
}

interface ShownDeployment {
  readonly state: string;
  readonly tokenId: string;
  readonly liveAt?: string;
  readonly seenAt?: string;
  readonly built?: string;
  readonly message?: string;
  readonly nextCheckAt?: string;
  readonly hooks?: readonly { hook: string; acceptedAt: string }[];
}

/** Hook accepted, built, live. */
function deploymentWords({ state, liveAt, seenAt, built, message, nextCheckAt, hooks = [] }: ShownDeployment): string {
  if (state === 'live') return `live: seen at ${liveAt} on ${seenAt}`;
  if (state === 'overdue') return `OVERDUE: ${message}`;
  const accepted = hooks.map(({ hook, acceptedAt }) => `${hook} answered at ${acceptedAt}`).join(', ');
  const step = state === 'built' ? `built by ${built}, not live yet` : accepted || 'no deploy hook has answered yet';
  return `${step}${nextCheckAt ? `; looked for again at ${nextCheckAt}` : ''}`;
}

/** What the word is worth. */
export function usageWords({ place, isDeployed, isObserved }: ShownWord): string {
  if (isObserved) return 'was seen reading';
  const verb = isDeployed ? 'has deployed' : 'has built, and not reported as live,';
  if (place === 'preview') return `${verb} as a preview, which does not count,`;
  return place === 'unclear' ? `${verb} where nobody has named production,` : verb;
}

export function whence({ build, branch, stage }: ShownWord): string {
  const parts = Object.entries({ build, branch, stage }).flatMap(([name, value]) =>
    value ? [`${name} ${value}`] : [],
  );
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

const WIDTH = 15;
/** What a status says first, whatever else; here the verdict does. */
const DOWN = /^CHECKOUT IS DOWN: .*? Deploy a build with the current token\. /;

/** Several lines, the last one ended. A status begins with the verdict. */
export const describe = (answer: FunctionAnswer): string => plainText(described(answer, undefined));

/** The same, for a terminal. */
export function described(answer: FunctionAnswer, screen: Screen | undefined): Piece[] {
  const shown = answer as Shown;
  const isStatus = shown.outcome === 'status';
  const standings = standingsOf(answer);
  const [worst] = standings;
  const verdict: Piece = worst ? verdictPiece(worst, screen) : [shown.outcome ?? ''];
  const pieces: Piece[] = [[`${shown.integration || 'paddlewheel'}: `], verdict, [`${place(shown)}\n`]];
  const add = (label: string, text: string | undefined, tone?: Tone) => {
    if (text) pieces.push([`  ${label.padEnd(WIDTH)} `, tone], [`${wrapped(text, WIDTH + 3, screen)}\n`]);
  };
  for (const standing of standings) pieces.push(...standingLine(standing, WIDTH + 3, screen));
  if (shown.faults) for (const fault of shown.faults) add('fault', fault, 'bad');
  else add(isStatus ? 'next' : 'now', isStatus ? shown.message?.replace(DOWN, '') : shown.message);
  if (shown.paused)
    add(
      'paused',
      `since ${shown.paused.since}${shown.paused.until ? ` until ${shown.paused.until}` : ''}${because(shown.paused)}`,
    );
  const { retry } = shown;
  if (retry && !isStatus) add('retry', `${retry.message ?? retry.reason}; again at ${retry.nextAttemptAt}`);
  if (shown.token) {
    const since = shown.currentSince ? ` since ${shown.currentSince}` : '';
    add('current', `${shown.token.id}${shown.token.masked ? ` ${shown.token.masked}` : ''}${since}`);
  }
  for (const { id, status, revokeAfter, held } of shown.superseded ?? [])
    add(
      status,
      `${id}${revokeAfter ? ` until ${revokeAfter} at least` : ''}${held && !isStatus ? `; held: ${held}` : ''}`,
    );
  add('published', shown.published?.join(', '));
  if (shown.deployment) add('deployment', deploymentWords(shown.deployment));
  add('caches', shown.cached?.message);
  if (shown.owner === 'api') add('owner', `registered by the API, revision ${shown.revision}`);
  add('rotation', shown.rotationId);
  add('next rotation', shown.nextRotationAt);
  for (const { at, message } of shown.upcoming ?? []) add('upcoming', `${at} ${message}`);
  for (const word of shown.consumers ?? [])
    add(
      'consumer',
      `${word.consumer} ${usageWords(word)} ${word.tokenId}${whence(word)}, reported ${word.at}${reporter(word.by)}`,
    );
  for (const { tokenId, status = 'forgotten', last, counts } of shown.seen ?? []) {
    const days = Object.entries(counts).map(([day, count]) => `${count} on ${day}`);
    add('seen', `${tokenId} (${status}) at ${last}; ${days.join(', ')}`);
  }
  for (const line of shown.breaks ?? []) add('breaks', line);
  for (const { at, message } of shown.records ?? []) add('recorded', `${at} ${message}`);
  for (const { ok, what, message } of shown.checks ?? [])
    add(ok ? 'ok' : 'FAULT', `${what}: ${message}`, ok ? 'good' : 'bad');
  add('next reconcile', shown.dueAt);
  return pieces;
}

const place = ({ account, environment }: Shown): string => (account ? ` (account ${account}, ${environment})` : '');
const because = ({ reason, requestedBy }: { reason?: string; requestedBy?: string }): string =>
  `${requestedBy ? ` by ${requestedBy}` : ''}${reason ? `: ${reason}` : ''}`;
