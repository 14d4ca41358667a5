/** Instants as the console shows them. */
import { html, type Markup } from '../domain/html.ts';
import { redact } from '../domain/mask.ts';
import type { Instant } from '../domain/model.ts';
import { exactly, fromNow } from '../domain/when.ts';

/** Relative, with the instant behind it. */
export const when = (at: Instant, now: Instant): Markup =>
  html`<time datetime="${at}" title="${exactly(at)}">${fromNow(at, now)}</time>`;

/** Relative and exact, both to be read. */
export const whenExactly = (at: Instant, now: Instant): Markup =>
  html`<time datetime="${at}">${fromNow(at, now)}</time> <span class="pw-muted">(${exactly(at)})</span>`;

const DIGEST = /\bsha256:([0-9a-f]{8})[0-9a-f]{56}\b/g;

/** Of a text: CloudWatch takes so much markup and no more, and the trail has the whole. */
const LONGEST = 500;
const bounded = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text);

/** A message of the reconciler names instants and digests; people read them more easily in words. */
export const readable = (message: string): string =>
  // Masked first: what is cut through is not known for a token.
  bounded(redact(message))
    .replace(DIGEST, 'sha256:$1…')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z/g, (at) => exactly(at));

/** Ids are told apart by their ends. */
export const shortId = (id: string): string => `ctkn_…${id.slice(-6)}`;
export const shortIds = (text: string): string => text.replace(/\bctkn_[a-z\d]{26}\b/g, (id) => shortId(id));
