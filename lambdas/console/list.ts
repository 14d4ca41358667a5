/** All integrations, the worst first, a page at a time. */

import { html, type Markup } from '../domain/html.ts';
import type { Instant } from '../domain/model.ts';
import { millis } from '../domain/time.ts';
import { currentToken } from '../domain/tokens.ts';
import { LEVELS, type Level, type Verdict, WORDS } from '../domain/verdict.ts';
import { fromNow } from '../domain/when.ts';
import { goTo } from './actions.ts';
import { lanesOf } from './lanes.ts';
import { shownVerdict } from './shown-verdict.ts';
import { framed } from './style.ts';
import { strip } from './timeline.ts';
import type { Frame, IntegrationView, ListPage } from './view.ts';

export const ROWS = 20;
/** Tokens in the small drawing of a row. */
const STRIPS = 3;
const MOST_NAMED = 3;

interface Row {
  readonly view: IntegrationView;
  readonly verdict: Verdict;
}

export function renderList(frame: Frame, list: ListPage): string {
  const rows = list.integrations
    .map((view) => ({ view, verdict: shownVerdict(view, frame.now) }))
    .sort((a, b) => rank(a) - rank(b) || (a.view.config.name < b.view.config.name ? -1 : 1));
  const pages = Math.max(1, Math.ceil(rows.length / ROWS));
  const page = Math.min(Math.max(1, list.page), pages);
  const shown = rows.slice((page - 1) * ROWS, page * ROWS);
  const content = html`${firstLine(rows, list)}${counts(rows)}${searchForm(frame, list)}
<ul class="pw-rows">${shown.map((row) => rowOf(frame, row))}</ul>${rows.length === 0 && nothing(list)}${paging(frame, list, page, pages, rows.length)}`;
  return framed(frame.theme, content);
}

/** An account is often called as its environment. */
export const placeOfAccount = ({ account, environment }: IntegrationView['config']): string =>
  account === environment ? environment : `${account} (${environment})`;

const rank = ({ verdict }: Row): number => LEVELS.indexOf(verdict.level);

function firstLine(rows: readonly Row[], { registered, matching }: ListPage): Markup {
  const stake = rows.filter(({ verdict }) => verdict.level === 'stake').map(({ view }) => view.config.name);
  // What was not read may be in any state: no all-clear is given for it.
  const of = rows.length < registered ? `the ${rows.length} integrations that were read` : `${registered} integrations`;
  if (stake.length === 0) {
    const all = registered === 1 ? 'No checkout is at stake.' : `No checkout is at stake in ${of}.`;
    return verdictLine(false, registered === 0 ? 'No integration is registered yet.' : all);
  }
  const named = stake.slice(0, MOST_NAMED).join(', ');
  const more = stake.length > MOST_NAMED ? ` and ${stake.length - MOST_NAMED} more` : '';
  const unread = rows.length < matching ? ` (${rows.length} of ${matching} were read)` : '';
  return verdictLine(true, `Checkout is at stake: ${named}${more}${unread}`);
}

export const verdictLine = (atStake: boolean, text: string): Markup =>
  html`<p class="pw-verdict${atStake && ' pw-v-stake'}" role="status"><span aria-hidden="true">${atStake ? '✕' : '✓'}</span><span>${text}</span></p>`;

export const chip = (level: Level): Markup => html`<span class="pw-chip pw-${level}">${WORDS[level]}</span>`;

function counts(rows: readonly Row[]): Markup {
  const found = LEVELS.map((level) => [level, rows.filter(({ verdict }) => verdict.level === level).length] as const);
  const some = found.filter(([, count]) => count > 0);
  if (rows.length < 2) return html``;
  return html`<ul class="pw-counts">${some.map(([level, count]) => html`<li><span class="pw-chip pw-${level}">${count} ${WORDS[level].toLowerCase()}</span></li>`)}</ul>`;
}

const searchForm = (frame: Frame, { search }: ListPage): Markup =>
  html`<form class="pw-search" role="search"><label>Search <input name="search" type="text" value="${search}" autocomplete="off" maxlength="100"></label>${goTo(frame, { text: 'Search' }, { view: 'search' })}</form>`;

function rowOf(frame: Frame, { view, verdict }: Row): Markup {
  const { config, state } = view;
  const lanes = lanesOf(state, frame.now, STRIPS).filter(({ spans }) =>
    spans.some(({ to }) => to === millis(frame.now)),
  );
  const details = goTo(frame, { text: 'Details', label: `Details of ${config.name}` }, { integration: config.name });
  return html`<li><div>${chip(verdict.level)}</div><div class="pw-body"><h2>${config.name}</h2>
<p>${verdict.sentence}</p><p class="pw-muted">${nextWords(view, frame.now)} · ${placeOfAccount(config)}</p>
${lanes.length > 0 && strip(lanes, frame.now)}</div><div>${details}</div></li>`;
}

function nextWords({ state, upcoming }: IntegrationView, now: Instant): string {
  const current = currentToken(state);
  const since = current?.publishedAt
    ? `current token since ${fromNow(current.publishedAt, now).replace(' ago', '')}`
    : 'no current token';
  const rotation = upcoming.find(({ reason }) => reason === 'scheduled');
  return rotation ? `${since} · next rotation ${fromNow(rotation.at, now)}` : since;
}

function nothing({ search, registered }: ListPage): Markup {
  const text =
    search && registered > 0
      ? `No integration is called like “${search}”.`
      : 'Configure one and deploy; it appears here.';
  return html`<p class="pw-muted">${text}</p>`;
}

function paging(
  frame: Frame,
  { search, registered, matching }: ListPage,
  page: number,
  pages: number,
  read: number,
): Markup {
  const unread = read < matching ? ` of ${matching} (only ${read} are read at once: search to narrow it down)` : '';
  const found = search ? `${read} found of ${registered}` : `${read} integration${read === 1 ? '' : 's'}`;
  const where = html`<span class="pw-muted">${pages > 1 ? `Page ${page} of ${pages} · ` : ''}${found}${unread} · ${fromNowWords(frame.now)}</span>`;
  const button = (text: string, to: number) => goTo(frame, { text }, { page: to, search });
  return html`<div class="pw-pages"><span>${page > 1 && button('Previous', page - 1)}</span>${where}<span>${page < pages && button('Next', page + 1)}</span></div>`;
}

const fromNowWords = (now: Instant): string => `as of ${now.slice(11, 19)} UTC`;
