import dns from 'node:dns/promises';
import type { Lookup } from '../evidence/sites/addresses.ts';

/** Every bound of one reconcile at a page. Whatever meets one of them is said, and is never taken for evidence. */
export interface BrowserLimits {
  /** For everything, ms. */
  readonly totalMs: number;
  /** Until the page's own HTML has been read, ms. */
  readonly navigationMs: number;
  /** The network is waited for so long after each step, ms, and must be silent for `quietMs`. */
  readonly settleMs: number;
  readonly quietMs: number;
  readonly clickMs: number;
  readonly maxRequests: number;
  /** Of the whole page, as it comes over the network. */
  readonly maxBytes: number;
  /** Of one body, decompressed; longer ones are the reader's. */
  readonly maxBodyBytes: number;
  /** How often the page may go somewhere else by itself. */
  readonly maxNavigations: number;
  /** Requests listed in the details. */
  readonly maxReported: number;
}

const MEGABYTE = 1024 * 1024;

export const DEFAULT_BROWSER_LIMITS: BrowserLimits = {
  totalMs: 75_000,
  navigationMs: 15_000,
  settleMs: 8_000,
  quietMs: 500,
  clickMs: 4_000,
  maxRequests: 1_500,
  maxBytes: 128 * MEGABYTE,
  maxBodyBytes: 16 * MEGABYTE,
  maxNavigations: 8,
  maxReported: 80,
};

export interface BrowserOptions {
  readonly limits?: Partial<BrowserLimits>;
  readonly allowPrivateHosts?: readonly string[];
  readonly lookup?: Lookup;
  /** Called with a PNG of the page after the first visit. */
  readonly onScreenshot?: (picture: Buffer) => Promise<void>;
}

export const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true });
