/** The lives of tokens as spans of time, and the scale that they are drawn on. Pure arithmetic; `timeline.ts` draws. */
import type { Instant, IntegrationState, Token } from '../domain/model.ts';
import { DAY, HOUR, MINUTE, millis, SECOND } from '../domain/time.ts';

export const PHASES = ['minted', 'current', 'grace', 'due', 'held', 'orphan', 'down'] as const;
export type Phase = (typeof PHASES)[number];

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  minted: 'minted, not published yet',
  current: 'published and current',
  grace: 'in grace',
  due: 'grace is over, evidence is gathered',
  held: 'held',
  orphan: 'ours, never published',
  down: 'revoked, and still on the pages',
};

export interface Span {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

export interface Lane {
  readonly token: Token;
  readonly spans: readonly Span[];
  /** When it ended, and by whom. */
  readonly revoked?: { readonly at: number; readonly external: boolean };
  readonly deployed?: number;
}

const MOST_LANES = 8;
const MOST_REVOKED = 3;

/** The living tokens and the last revoked ones, the newest first. */
export function lanesOf({ tokens }: Pick<IntegrationState, 'tokens'>, now: Instant, most = MOST_LANES): Lane[] {
  const served = stillServed(tokens);
  const newest = [...tokens].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const alive = newest.filter(({ status }) => status !== 'revoked').slice(0, most);
  const revoked = newest
    .filter(({ status }) => status === 'revoked')
    .slice(0, Math.min(MOST_REVOKED, most - alive.length));
  return [...alive, ...revoked]
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .map((token) => laneOf(token, millis(now), token === served));
}

/** What the pages serve while there is no current token: what was published last. */
function stillServed(tokens: readonly Token[]): Token | undefined {
  if (tokens.some(({ status }) => status === 'current')) return undefined;
  const published = tokens.filter(({ publishedAt }) => publishedAt !== undefined);
  const [last] = published.sort((a, b) => (String(a.publishedAt) < String(b.publishedAt) ? 1 : -1));
  return last?.status === 'revoked' ? last : undefined;
}

function laneOf(token: Token, now: number, served: boolean): Lane {
  const at = (instant: Instant | undefined) => (instant === undefined ? undefined : millis(instant));
  const revokedAt = token.status === 'revoked' ? (at(token.revokedAt) ?? now) : undefined;
  const end = revokedAt ?? now;
  const published = at(token.publishedAt);
  const superseded = at(token.supersededAt);
  const over = at(token.revokeAfter);
  const held = token.status === 'revoked' ? undefined : at(token.manualHold?.since ?? token.hold?.since);
  const spans: Span[] = [];
  const add = (phase: Phase, from: number | undefined, to: number | undefined) => {
    const [start, stop] = [Math.min(from ?? end, end), Math.min(to ?? end, end)];
    if (stop > start) spans.push({ phase, from: start, to: stop });
  };
  add(token.status === 'orphan' ? 'orphan' : 'minted', millis(token.createdAt), published);
  add('current', published, superseded);
  const untilHeld = held !== undefined && superseded !== undefined ? Math.max(held, superseded) : undefined;
  if (superseded !== undefined) {
    add('grace', superseded, Math.min(over ?? end, untilHeld ?? end));
    if (over !== undefined) add('due', over, untilHeld ?? end);
    if (untilHeld !== undefined) add('held', untilHeld, end);
  }
  if (served && revokedAt !== undefined) spans.push({ phase: 'down', from: revokedAt, to: now });
  return {
    token,
    spans,
    ...(revokedAt === undefined ? {} : { revoked: { at: revokedAt, external: token.revokedBy === 'external' } }),
    ...(token.deployedAt ? { deployed: millis(token.deployedAt) } : {}),
  };
}

/** What is drawn, from the left edge to the right one, in epoch ms. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}

/** From the first token that is shown to now, and a little into the future if something is due there. */
export function scaleOf(lanes: readonly Lane[], now: Instant, ahead: readonly Instant[] = []): Scale {
  const present = millis(now);
  const from = Math.min(present - MINUTE, ...lanes.map(({ token }) => millis(token.createdAt)));
  const room = (present - from) * 0.6;
  const near = ahead.map(millis).filter((at) => at > present && at - present <= room);
  const to = Math.max(present + (present - from) * 0.04, ...near.map((at) => at + (at - from) * 0.03));
  return { from: from - (to - from) * 0.015, to };
}

/** Percent of the width, with as many digits as anybody can see. */
export const placeOf = ({ from, to }: Scale, at: number): number =>
  Math.round(((at - from) / (to - from)) * 10_000) / 100;

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 7, 10, 20, 30, 60, 90, 180, 365].map((count) => count * DAY),
];
const MOST_TICKS = 5;

/** Round instants, three to five of them where that is possible. */
export function ticksOf({ from, to }: Scale): { readonly step: number; readonly ticks: readonly number[] } {
  const step = STEPS.find((candidate) => (to - from) / candidate <= MOST_TICKS) ?? Math.ceil((to - from) / MOST_TICKS);
  const first = Math.ceil(from / step) * step;
  const ticks: number[] = [];
  for (let at = first; at <= to && ticks.length <= MOST_TICKS; at += step) ticks.push(at);
  return { step, ticks };
}
