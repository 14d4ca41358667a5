/**
 * The lives of tokens, drawn. Each line is an SVG of its own whose places are percentages, so that it is as wide as the
 * widget while text and marks keep their size. CloudWatch removes `<use>`, so shapes are written out.
 */

import { html, type Markup } from '../domain/html.ts';
import type { Instant } from '../domain/model.ts';
import { DAY, MINUTE, millis } from '../domain/time.ts';
import { clockOf, dateOf, exactly, fromNow } from '../domain/when.ts';
import { type Lane, PHASE_WORDS, type Phase, placeOf, type Scale, type Span, ticksOf } from './lanes.ts';
import { MARK_WORDS, type Mark, type MarkKind } from './marks.ts';

const LINE = { bar: 6, barHeight: 10, marks: 27, height: 36 };
/** Percent. Nearer marks are drawn as one, with their number. */
const TOGETHER = 4;
const THINNEST = 0.7;
/** What matters most is seen however short it was. */
const THINNEST_DOWN = 4;
const MOST_IN_TITLE = 12;

const bar = ({ phase, from, to }: Span, scale: Scale, top: number, height: number): Markup => {
  const thinnest = phase === 'down' ? THINNEST_DOWN : THINNEST;
  const x = Math.min(Math.max(0, placeOf(scale, from)), 100 - thinnest);
  const width = Math.max(thinnest, Math.round((placeOf(scale, to) - x) * 100) / 100);
  return html`<rect class="pw-${phase}" x="${x}%" width="${Math.min(width, 100 - x)}%" y="${top}" height="${height}" rx="2"><title>${PHASE_WORDS[phase]}: ${exactly(new Date(from).toISOString())} to ${exactly(new Date(to).toISOString())}</title></rect>`;
};

/** A coordinate system of its own whose origin stands where the percentage says. */
const at = (x: number, y: number, content: Markup): Markup =>
  html`<svg x="${x}%" y="${y}" width="1" height="1" overflow="visible">${content}</svg>`;

const SHAPES: Readonly<Record<MarkKind, Markup>> = {
  action: html`<path d="M0-5.5 5.5 0 0 5.5-5.5 0z"/>`,
  webhook: html`<circle r="4.5"/>`,
  scan: html`<rect x="-4.5" y="-4.5" width="9" height="9" rx="1"/>`,
  report: html`<path d="M0-5.5 5.5 4.5h-11z"/>`,
  hook: html`<path d="M0 5.5 5.5-4.5h-11z"/>`,
};
const shape = (kind: MarkKind): Markup => html`<g class="pw-m-${kind}">${SHAPES[kind]}</g>`;

/** Marks that are too near to be told apart, under the place of their middle. */
function together(marks: readonly Mark[], scale: Scale): { x: number; marks: readonly Mark[] }[] {
  const groups: { from: number; to: number; marks: Mark[] }[] = [];
  for (const mark of [...marks].sort((a, b) => (a.at < b.at ? -1 : 1))) {
    const x = placeOf(scale, millis(mark.at));
    if (x < 0 || x > 100) continue;
    const last = groups.at(-1);
    if (last && x - last.from < TOGETHER) {
      last.marks.push(mark);
      last.to = x;
    } else groups.push({ from: x, to: x, marks: [mark] });
  }
  return groups.map(({ from, to, marks: all }) => ({ x: Math.round((from + to) * 50) / 100, marks: all }));
}

function group({ x, marks }: { x: number; marks: readonly Mark[] }): Markup {
  const lines = marks
    .slice(0, MOST_IN_TITLE)
    .map(({ at: instant, text }) => `${clockOf(millis(instant), true)}  ${text}`);
  const more = marks.length > MOST_IN_TITLE ? [`and ${marks.length - MOST_IN_TITLE} more`] : [];
  const title = html`<title>${[...lines, ...more].join('\n')}</title>`;
  const kinds = new Set(marks.map(({ kind }) => kind));
  const [first] = marks;
  if (marks.length === 1 && first) return at(x, LINE.marks, html`<g>${title}${shape(first.kind)}</g>`);
  const kind = kinds.size === 1 && first ? `pw-m-${first.kind}` : 'pw-m-several';
  const wide = marks.length > 9 ? 11 : 8;
  return at(
    x,
    LINE.marks,
    html`<g class="${kind} pw-m-count">${title}<rect x="${-wide}" y="-7.5" width="${2 * wide}" height="15" rx="7.5"/><text y="3.5" text-anchor="middle">${marks.length}</text></g>`,
  );
}

const vertical = (x: number, name: string): Markup =>
  html`<line class="${name}" x1="${x}%" x2="${x}%" y1="0" y2="100%"/>`;

function ending({ revoked }: Lane, scale: Scale): Markup | undefined {
  if (!revoked) return undefined;
  const who = revoked.external ? 'by somebody else' : 'by Paddlewheel';
  const title = html`<title>revoked ${who}: ${exactly(new Date(revoked.at).toISOString())}</title>`;
  const cross = html`<g class="${revoked.external ? 'pw-lost' : 'pw-revoked'}">${title}<circle r="7"/><path d="M-3-3 3 3M3-3-3 3"/></g>`;
  return at(placeOf(scale, revoked.at), LINE.bar + LINE.barHeight / 2, cross);
}

function deadline({ token }: Lane, scale: Scale, now: number): Markup | undefined {
  const { revokeAfter, status } = token;
  if (!revokeAfter || status === 'revoked' || status === 'current') return undefined;
  const [to, x] = [millis(revokeAfter), placeOf(scale, millis(revokeAfter))];
  if (to <= now || x > 100) return undefined;
  const from = placeOf(scale, now);
  const width = Math.round((x - from) * 100) / 100;
  return html`<rect class="pw-ahead" x="${from}%" width="${width}%" y="${LINE.bar}" height="${LINE.barHeight}" rx="2"><title>its grace ends ${exactly(revokeAfter)}</title></rect>`;
}

/** One token's line: what it was, when, and what happened on it. */
export function line(lane: Lane, marks: readonly Mark[], scale: Scale, now: Instant): Markup {
  const { ticks } = ticksOf(scale);
  const present = millis(now);
  return html`<svg class="pw-line" width="100%" height="${LINE.height}" role="img" aria-label="${inWords(lane, now)}">
${ticks.map((tick) => vertical(placeOf(scale, tick), 'pw-grid'))}${vertical(placeOf(scale, present), 'pw-now')}
${lane.spans.map((span) => bar(span, scale, LINE.bar, LINE.barHeight))}${deadline(lane, scale, present)}${ending(lane, scale)}
${together(marks, scale).map(group)}</svg>`;
}

function inWords({ token, spans, revoked }: Lane, now: Instant): string {
  const told = spans.map(
    ({ phase, from }) => `${PHASE_WORDS[phase]} since ${fromNow(new Date(from).toISOString(), now)}`,
  );
  const end = revoked ? [`revoked ${fromNow(new Date(revoked.at).toISOString(), now)}`] : [];
  return `${token.id}: ${[...told, ...end].join(', ') || token.status}`;
}

/** The words under the lines. */
export function axis(scale: Scale, now: Instant): Markup {
  const { step, ticks } = ticksOf(scale);
  const label = (tick: number): string => {
    if (step >= DAY) return dateOf(tick);
    if (tick % DAY === 0) return dateOf(tick);
    return clockOf(tick, step < MINUTE);
  };
  const anchor = (x: number) => (x < 7 ? 'start' : x > 93 ? 'end' : 'middle');
  const present = placeOf(scale, millis(now));
  return html`<svg class="pw-axis" width="100%" height="34" aria-hidden="true">
<text class="pw-now-text" x="${present}%" y="11" text-anchor="${anchor(present)}">now</text>
${ticks.map((tick) => {
  const x = placeOf(scale, tick);
  return html`<text x="${x}%" y="27" text-anchor="${anchor(x)}">${label(tick)}</text>`;
})}</svg>`;
}

/** For a list: the living tokens as thin bars, nothing else. */
export function strip(lanes: readonly Lane[], now: Instant): Markup {
  const scale = { from: Math.min(...lanes.map(({ token }) => millis(token.createdAt))), to: millis(now) };
  const bars = lanes.flatMap(({ spans }, row) => spans.map((span) => bar(span, scale, row * 7, 5)));
  const words = lanes.map((lane) => inWords(lane, now)).join('; ');
  return html`<svg class="pw-strip" width="100%" height="${Math.max(1, lanes.length) * 7}" role="img" aria-label="${words || 'no token yet'}">${bars}</svg>`;
}

const swatch = (phase: Phase): Markup =>
  html`<svg width="18" height="10" aria-hidden="true"><rect class="pw-${phase}" width="18" height="10" rx="2"/></svg>`;
export const symbol = (kind: MarkKind): Markup =>
  html`<svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">${shape(kind)}</svg>`;

/** What is drawn here means so much; what is not drawn is not explained. */
export function legend(phases: readonly Phase[], kinds: readonly MarkKind[], revoked: boolean): Markup {
  const cross = html`<li><svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><g class="pw-revoked"><circle r="6.5"/><path d="M-3-3 3 3M3-3-3 3"/></g></svg> revoked</li>`;
  return html`<ul class="pw-legend">${phases.map((phase) => html`<li>${swatch(phase)} ${PHASE_WORDS[phase]}</li>`)}${revoked && cross}${kinds.map((kind) => html`<li>${symbol(kind)} ${MARK_WORDS[kind]}</li>`)}</ul>`;
}
