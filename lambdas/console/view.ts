/** What the console shows: plain data, read by `composition/console.ts`. */
import type { Instant, SeenDay, Usage } from '../domain/model.ts';
import type { Judged } from '../domain/verdict.ts';

/** One integration as the list needs it. */
export interface IntegrationView extends Judged {
  /** What falls due by itself, the earliest first. */
  readonly upcoming: readonly Upcoming[];
}

export interface Upcoming {
  readonly at: Instant;
  readonly reason: string;
  readonly message: string;
}

/** One integration with all that is known of it. */
export interface DetailView extends IntegrationView {
  readonly usage: readonly Usage[];
  /** What beacons said; empty where nobody asked for them. */
  readonly seen: readonly SeenDay[];
  /** Newest first; a bounded number of each token's. */
  readonly trail: readonly TrailEntry[];
}

/** A record of the audit trail, as far as the console reads it. */
export interface TrailEntry {
  /** Unique within the token; an attribution's is that of its webhook, and `#attribution`. */
  readonly sk: string;
  readonly kind: string;
  readonly type?: string;
  readonly at: Instant;
  readonly tokenId?: string;
  readonly message?: string;
  readonly actor?: string;
  readonly requestedBy?: string;
  readonly details?: { readonly evidence?: { readonly items?: readonly { readonly kind: string }[] } };
}

/** What every page has in common. */
export interface Frame {
  readonly now: Instant;
  readonly theme: 'light' | 'dark';
  /** ARNs of the functions that buttons call, with the permissions of whoever presses them. */
  readonly endpoints: { readonly console: string; readonly rotate: string };
  /** Differs from one rendering to the next: a button that is pressed twice does its work once. */
  readonly renderId: string;
}

export interface ListPage {
  readonly integrations: readonly IntegrationView[];
  /** As it was typed; empty: all. */
  readonly search: string;
  /** From 1. */
  readonly page: number;
  /** How many there are, and how many of them were read. */
  readonly registered: number;
  readonly matching: number;
}
