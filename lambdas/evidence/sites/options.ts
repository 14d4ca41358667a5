import type { Clock } from '../../domain/ports.ts';
import type { Lookup } from './addresses.ts';

/** Every bound of a scan. A scan that meets one of them proves nothing; it is never ignored. */
export interface ScanLimits {
  /** Requests in flight at once: politeness to the site. */
  readonly concurrency: number;
  /**
   * How often everything of the site's own is fetched, hashed names too: each time on a connection of its own, every
   * second time past the caches. It is what notices a half-deployed site, a stale cache and a half-rewritten container.
   */
  readonly samples: number;
  /** How often the page itself is fetched: one old edge of a content network shows only now and then. */
  readonly pageSamples: number;
  /** From the first byte sent to the last byte read, ms. */
  readonly requestTimeoutMs: number;
  /** For one page with all that it loads, ms. */
  readonly scanTimeoutMs: number;
  readonly maxRedirects: number;
  /** Requests for one page, redirects not counted. */
  readonly maxRequests: number;
  /** Of those, requests for paths that only look like scripts. */
  readonly maxGuesses: number;
  /** Addresses that are only hints, and whatever other origins lead to. More than these are left out, and counted. */
  readonly maxHints: number;
  /** Scripts of other origins that are larger are searched as text: most of them are nobody's bundle. */
  readonly maxForeignParseBytes: number;
  /** Of one resource, after decompression. */
  readonly maxResourceBytes: number;
  /** Of one page with all that it loads, after decompression. */
  readonly maxTotalBytes: number;
  /** Larger scripts are searched as they stream by, and not parsed. */
  readonly maxParseBytes: number;
  /** Resources listed in the finding's details (those that matter come first). */
  readonly maxReported: number;
}

const MEGABYTE = 1024 * 1024;

export const DEFAULT_LIMITS: ScanLimits = {
  concurrency: 6,
  samples: 2,
  pageSamples: 4,
  requestTimeoutMs: 10_000,
  scanTimeoutMs: 60_000,
  maxRedirects: 5,
  maxRequests: 1_500,
  maxGuesses: 400,
  maxHints: 200,
  maxForeignParseBytes: 300 * 1024,
  maxResourceBytes: 64 * MEGABYTE,
  maxTotalBytes: 128 * MEGABYTE,
  maxParseBytes: 2 * MEGABYTE,
  maxReported: 100,
};

export interface SiteScannerOptions {
  readonly limits?: Partial<ScanLimits>;
  /** Default: the system's resolver, all addresses. */
  readonly lookup?: Lookup;
  /** `host:port` or `address:port` that may be private. For local use and tests only. */
  readonly allowPrivateHosts?: readonly string[];
  /** End the scan as soon as the superseded token is found (default), or go on and list every place. */
  readonly stopWhenFound?: boolean;
  readonly userAgent?: string;
  /** Measures the scan's own work. */
  readonly clock?: Clock;
  /** PEM of a private certificate authority to trust besides the public ones. */
  readonly ca?: string;
}

/** @throws RangeError for a limit that is no positive whole number: an empty setting must not mean "no limit". */
export function limitsOf(options: SiteScannerOptions): ScanLimits {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`the limit ${name} must be a whole number >= 1`);
  }
  return limits;
}
