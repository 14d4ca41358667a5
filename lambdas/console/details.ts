/** One integration: how it stands, why nothing happens, the lives of its tokens, who uses them, what comes, what was. */

import { type Content, html, type Markup } from '../domain/html.ts';
import { maskToken } from '../domain/mask.ts';
import type { Instant, Usage } from '../domain/model.ts';
import { allSeen, type Seen } from '../domain/seen.ts';
import { targetName } from '../domain/targets.ts';
import { currentToken, tokenById } from '../domain/tokens.ts';
import type { Standstill } from '../domain/verdict.ts';
import { exactly, fromNow } from '../domain/when.ts';
import { actionsOf, goTo, tokenActions } from './actions.ts';
import { type Lane, lanesOf, PHASES, type Scale, scaleOf } from './lanes.ts';
import { chip, placeOfAccount, verdictLine } from './list.ts';
import { MARK_KINDS, type Mark, marksOf } from './marks.ts';
import { shownVerdict } from './shown-verdict.ts';
import { framed } from './style.ts';
import { axis, legend, line, symbol } from './timeline.ts';
import type { DetailView, Frame, Upcoming } from './view.ts';
import { readable, shortId, shortIds, when, whenExactly } from './when.ts';

const MOST_EVENTS = 60;
const MOST_UPCOMING = 8;
const MOST_CONSUMERS = 30;

export function renderDetails(frame: Frame, view: DetailView, alone = false): string {
  const { config } = view;
  const { now } = frame;
  const verdict = shownVerdict(view, now);
  const marks = marksOf(view);
  const stake = verdict.level === 'stake';
  const first = stake ? `Checkout is at stake. ${verdict.sentence}` : `No checkout is at stake for ${config.name}.`;
  const back = goTo(frame, { text: 'All integrations' }, { view: 'list' });
  const content = html`${verdictLine(stake, first)}
<div class="pw-head">${!alone && back}<h2>${config.name}</h2>${chip(verdict.level)}<span class="pw-muted">${placeOfAccount(config)}</span></div>
${standstills(verdict.standstills)}${facts(view, frame)}${actionsOf(frame, view)}
${timeline(frame, view, marks)}${lastSeen(view, frame)}${upcoming(view, frame)}${events(marks, frame)}`;
  return framed(frame.theme, content);
}

const standstills = (all: readonly Standstill[]): Markup =>
  all.length === 0
    ? html``
    : html`<h3 class="pw-section">Why nothing happens, and what ends it</h3><ul class="pw-why">${all.map(
        ({ level, why, ends }) => html`<li class="pw-${level}"><p>${why}</p><p class="pw-muted">${ends}</p></li>`,
      )}</ul>`;

function facts({ config, state, next, upcoming: coming }: DetailView, { now }: Frame): Markup {
  const current = currentToken(state);
  const rotation = coming.find(({ reason }) => reason === 'scheduled');
  const token =
    current &&
    html`<code>${current.id}</code> <code class="pw-muted">${maskToken(current.value)}</code>${current.publishedAt && html`, published ${when(current.publishedAt, now)}`}`;
  return html`<dl class="pw-facts"><dt>Current token</dt><dd>${token ?? (state.tokens.some(({ publishedAt }) => publishedAt) ? 'none' : 'none yet')}</dd>
<dt>What happens next</dt><dd>${nextWords(next, coming[0], now)}</dd>
<dt>Next rotation</dt><dd>${rotation ? whenExactly(rotation.at, now) : 'none is scheduled while this stands'}</dd>
<dt>Published to</dt><dd>${config.targets.map(targetName).join(', ')}</dd>${
    config.sites.length > 0 &&
    html`
<dt>Watched pages</dt><dd>${config.sites.map(({ url }) => url).join(', ')}</dd>`
  }</dl>`;
}

/** What waits is told with its time; what does not is done by the next reconcile, within a minute. */
const nextWords = (
  next: { readonly reason: string; readonly message: string },
  first: Upcoming | undefined,
  now: Instant,
): Content =>
  first && first.reason === next.reason
    ? html`${when(first.at < now ? now : first.at, now)}: ${brief(first.message)}`
    : brief(next.message);

/** The reason of a hold is told above; here it is enough that it is looked at. */
const brief = (message: string): string =>
  shortIds(
    readable(message.replace(/^Revoking (ctkn_\w+) waits until .*$/s, 'The evidence about $1 is gathered again.')),
  );

function timeline(frame: Frame, view: DetailView, marks: readonly Mark[]): Markup {
  const { now } = frame;
  const lanes = lanesOf(view.state, now);
  if (lanes.length === 0) return html``;
  const scale = scaleOf(
    lanes,
    now,
    view.upcoming.map(({ at }) => at),
  );
  const shown = new Set(lanes.map(({ token }) => token.id));
  const drawn = marks.filter(({ tokenId }) => tokenId === undefined || shown.has(tokenId));
  const phases = PHASES.filter((phase) => lanes.some(({ spans }) => spans.some((span) => span.phase === phase)));
  const kinds = MARK_KINDS.filter((kind) => drawn.some((mark) => mark.kind === kind && mark.tokenId !== undefined));
  const more = view.state.tokens.length - lanes.length;
  return html`<h3 class="pw-section">The lives of its tokens</h3>
${lanes.map((lane) => laneOf(frame, view, lane, drawn, scale))}${axis(scale, now)}
${legend(
  phases,
  kinds,
  lanes.some(({ revoked }) => revoked !== undefined),
)}${more > 0 && html`<p class="pw-muted">${more} older ${more === 1 ? 'token is' : 'tokens are'} not drawn.</p>`}`;
}

function laneOf(frame: Frame, view: DetailView, lane: Lane, marks: readonly Mark[], scale: Scale): Markup {
  const { token } = lane;
  const own = marks.filter(({ tokenId }) => tokenId === token.id);
  const status = token.manualHold || token.hold ? `${token.status}, held` : token.status;
  return html`<div class="pw-lane"><div class="pw-lane-head"><code title="${token.id}">${shortId(token.id)}</code><strong>${status}</strong><span class="pw-name" title="${token.name}">${token.name}</span>${tokenActions(frame, view, token)}</div>
${line(lane, own, scale, frame.now)}</div>`;
}

function lastSeen({ usage, seen, state }: DetailView, { now }: Frame): Markup {
  if (usage.length + seen.length === 0) return html``;
  const statusOf = (tokenId: string): string => {
    const status = tokenById(state, tokenId)?.status;
    return status === 'current' ? 'current' : `NOT the current one${status === 'revoked' ? ', REVOKED' : ''}`;
  };
  const tokenCell = (tokenId: string): Markup =>
    html`<td><code title="${tokenId}">${shortId(tokenId)}</code> ${statusOf(tokenId)}</td>`;
  const row = (report: Usage): Markup => {
    const { tokenId, build, at } = report.deployed ?? report;
    return html`<tr><td>${report.consumer}</td>${tokenCell(tokenId)}<td>${report.deployed ? 'deployed' : 'built'}${build && ` (${readable(build)})`}</td><td>${when(at, now)}</td></tr>`;
  };
  const beacon = ({ tokenId, last, counts }: Seen): Markup => {
    const [[day, count] = ['', 0]] = Object.entries(counts);
    return html`<tr><td>pages, by their beacon</td>${tokenCell(tokenId)}<td>${count} times on ${day}</td><td>${when(last, now)}</td></tr>`;
  };
  return html`<h3 class="pw-section">Last seen</h3><table class="pw-table"><thead><tr><th scope="col">Where</th><th scope="col">Token</th><th scope="col">How</th><th scope="col">When</th></tr></thead><tbody>${allSeen(seen).slice(0, MOST_CONSUMERS).map(beacon)}${usage.slice(0, MOST_CONSUMERS).map(row)}</tbody></table>${usage.length > MOST_CONSUMERS && html`<p class="pw-muted">and ${usage.length - MOST_CONSUMERS} more</p>`}`;
}

function upcoming({ upcoming: coming }: DetailView, { now }: Frame): Markup {
  if (coming.length === 0) return html``;
  const shown = coming.slice(0, MOST_UPCOMING);
  return html`<h3 class="pw-section">What comes</h3><ol class="pw-events">${shown.map(
    ({ at, message }) =>
      html`<li><span></span><span>${when(at < now ? now : at, now)}</span><span>${brief(message)}</span></li>`,
  )}</ol>`;
}

function events(marks: readonly Mark[], { now }: Frame): Markup {
  if (marks.length === 0) return html``;
  const shown = marks.slice(0, MOST_EVENTS);
  const more = marks.length - shown.length;
  return html`<details><summary>What happened</summary><ol class="pw-events">${shown.map(
    ({ at, kind, text }) =>
      html`<li>${symbol(kind)}<time datetime="${at}" title="${exactly(at)}" class="pw-muted">${fromNow(at, now)}</time><span>${text}</span></li>`,
  )}</ol>${more > 0 && html`<p class="pw-muted">and ${more} more: npx paddlewheel audit</p>`}</details>`;
}
