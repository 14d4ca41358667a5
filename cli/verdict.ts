/** How an integration stands, in words: the worst first, and what would end it. From what `status` answers. */
import { remedyOf } from '../lambdas/console/remedies.ts';
import { fromNow, span } from '../lambdas/console/when.ts';
import type { Instant } from '../lambdas/domain/model.ts';
import { millis } from '../lambdas/domain/time.ts';
import type { FunctionAnswer } from './ports.ts';
import type { Tone } from './terminal.ts';

export interface Standing {
  /** `healthy`, `in grace`, `held`, … */
  readonly word: string;
  readonly why: string;
}

/** From the worst to the best. */
const TONES: Readonly<Record<string, Tone>> = {
  'CHECKOUT AT STAKE': 'bad',
  'needs attention': 'bad',
  rejected: 'bad',
  refused: 'bad',
  held: 'wary',
  waiting: 'busy',
  rotating: 'busy',
  paused: 'wary',
  new: 'busy',
  'in grace': 'busy',
  healthy: 'good',
  'not managed': 'faint',
};
export const toneOf = (word: string): Tone | undefined => TONES[word];
/** Of two, the worse one has the smaller rank. */
export const rankOf = (word: string): number => Object.keys(TONES).indexOf(word);

interface StatusToken {
  readonly id: string;
  readonly status: string;
  readonly revokeAfter?: Instant;
  readonly hold?: { readonly reason: string; readonly message: string; readonly nextCheckAt: Instant };
  readonly manualHold?: { readonly reason: string; readonly requestedBy?: string; readonly since: Instant };
}

interface Status {
  readonly managed?: boolean;
  readonly checkoutDown?: boolean;
  readonly servedRevoked?: readonly { readonly message: string; readonly since: Instant }[];
  readonly deployment?: { readonly state: string; readonly message?: string };
  readonly drift?: { readonly targets: readonly string[]; readonly since: Instant };
  readonly paused?: { readonly since: Instant; readonly until?: Instant };
  readonly retry?: { readonly message?: string; readonly reason?: string; readonly nextAttemptAt: Instant };
  readonly rotation?: { readonly intendedAt: Instant };
  readonly token?: { readonly id: string };
  readonly tokens?: readonly StatusToken[];
  readonly nextRotationAt?: Instant;
}

/** `in 2 days (2026-11-28T…Z)`; what is late comes now. */
const soon = (at: Instant, now: Instant): string => (at <= now ? 'now' : `${fromNow(at, now)} (${at})`);

/** At least one; the first is the verdict. */
export function standingsOf(answer: FunctionAnswer, now: Instant): readonly Standing[] {
  const status = answer as Status;
  if (status.managed === false)
    return [{ word: 'not managed', why: 'It has left the configuration: nothing is rotated or revoked.' }];
  const found = [
    ...atStake(status, now),
    ...wanting(status, now),
    ...held(status, now),
    ...busy(status, now),
    ...inGrace(status, now),
  ];
  return found.length > 0 ? found : [quiet(status, now)];
}

function atStake({ checkoutDown, servedRevoked = [] }: Status, now: Instant): Standing[] {
  const word = 'CHECKOUT AT STAKE';
  if (!checkoutDown) return [];
  if (servedRevoked.length === 0)
    return [
      { word, why: 'Pages serve a token that was revoked by somebody else. A fresh one is on its way: deploy it.' },
    ];
  return servedRevoked.map(({ message, since }) => ({
    ...{ word, why: `${message}, since ${fromNow(since, now)}. Deploy a build with the current token.` },
  }));
}

function wanting({ deployment, drift }: Status, now: Instant): Standing[] {
  const word = 'needs attention';
  return [
    ...(drift
      ? [{ word, why: `Somebody else has overwritten ${drift.targets.join(', ')} ${fromNow(drift.since, now)}.` }]
      : []),
    ...(deployment?.state === 'overdue' ? [{ word, why: `${deployment.message}` }] : []),
  ];
}

/** What several tokens wait for is told once. */
function held({ tokens = [] }: Status, now: Instant): Standing[] {
  const why = new Map<string, string[]>();
  for (const { id, status, hold, manualHold } of tokens) {
    if (status === 'revoked') continue;
    const by = manualHold?.requestedBy ? ` by ${manualHold.requestedBy}` : '';
    const asked = manualHold && `"${manualHold.reason}"${by}, until somebody releases it.`;
    const found = hold && `${hold.message} ${remedyOf(hold.reason)}Looked at again ${soon(hold.nextCheckAt, now)}.`;
    const text = asked ?? (status === 'current' ? undefined : found);
    if (text) why.set(text, [...(why.get(text) ?? []), id]);
  }
  return [...why].map(([text, ids]) => ({ word: 'held', why: `${ids.join(', ')}: ${text}` }));
}

function busy({ retry, rotation, paused }: Status, now: Instant): Standing[] {
  const ends = paused?.until ? `It ends ${soon(paused.until, now)}.` : 'It has no end: resume it.';
  return [
    ...(retry
      ? [{ word: 'waiting', why: `${retry.message ?? retry.reason} Tried again ${soon(retry.nextAttemptAt, now)}.` }]
      : rotation
        ? [
            {
              word: 'rotating',
              why: `A rotation was begun ${fromNow(rotation.intendedAt, now)}; it goes on by itself.`,
            },
          ]
        : []),
    ...(paused ? [{ word: 'paused', why: `Nothing is minted, published or revoked. ${ends}` }] : []),
  ];
}

function inGrace({ tokens = [] }: Status, now: Instant): Standing[] {
  return tokens
    .filter(({ status, hold, manualHold }) => status === 'superseded' && !hold && !manualHold)
    .map(({ id, revokeAfter }) => {
      const until =
        revokeAfter === undefined
          ? 'until a deployment is reported'
          : `for ${span(millis(revokeAfter) - millis(now))}, until ${revokeAfter}`;
      const isOver = revokeAfter !== undefined && revokeAfter <= now;
      return isOver
        ? { word: 'rotating', why: `The grace of ${id} is over; the evidence is gathered next.` }
        : { word: 'in grace', why: `${id} stays valid ${until}; then the evidence decides.` };
    });
}

const quiet = ({ token, nextRotationAt }: Status, now: Instant): Standing =>
  token
    ? { word: 'healthy', why: `Nothing waits.${nextRotationAt ? ` Rotates ${soon(nextRotationAt, now)}.` : ''}` }
    : { word: 'new', why: 'The first token is minted and published with the next heartbeat, within a minute.' };
