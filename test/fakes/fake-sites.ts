import type { PageReading, SiteFinding, SiteScanner } from '../../lambdas/evidence/sites/finding.ts';

/** Pages as sets of token values that they serve; a page that is down proves nothing. */
export class FakeSites implements SiteScanner {
  readonly serving = new Map<string, Set<string>>();
  readonly down = new Set<string>();
  /** Told of every scan and what it found. */
  onScan:
    | ((url: string, tokens: { superseded: string; current: string }, verdict: SiteFinding['verdict']) => void)
    | undefined;
  /** Every page that was looked at, in order. */
  readonly watched: string[] = [];
  readonly caches = new Map<string, NonNullable<SiteFinding['cache']>>();

  deploy(url: string, ...values: string[]): void {
    this.serving.set(url, new Set(values));
  }

  async scan(site: { url: string }, tokens: { superseded: string; current: string }): Promise<SiteFinding> {
    const finding = this.#find(site, tokens);
    this.onScan?.(site.url, tokens, finding.verdict);
    return finding;
  }

  async watch(
    { url }: { url: string },
    { gone, current }: { gone: readonly string[]; current?: string },
  ): Promise<PageReading> {
    const page = this.down.has(url) ? undefined : this.serving.get(url);
    this.watched.push(url);
    const cache = this.caches.get(url);
    return {
      url,
      servesGone: gone.some((value) => page?.has(value)),
      showsCurrent: current !== undefined && page?.has(current) === true,
      isRead: page !== undefined,
      ...(gone.some((value) => page?.has(value)) ? { foundIn: `${url}/app.js` } : {}),
      ...(cache ? { cache } : {}),
    };
  }

  #find({ url }: { url: string }, tokens: { superseded: string; current: string }): SiteFinding {
    const not = (verdict: SiteFinding['verdict'], code: string, message: string): SiteFinding => ({
      ...{ url, verdict, message, reasons: [{ code, message }] },
    });
    if (tokens.superseded === tokens.current) return not('unreadable', 'tokens', 'The tokens are the same.');
    const page = this.serving.get(url);
    if (this.down.has(url) || !page) return not('unreadable', 'network', `${url} did not answer.`);
    if (page.has(tokens.superseded))
      return { ...not('superseded', 'superseded_seen', `old token in ${url}/app.js`), foundIn: `${url}/app.js` };
    const cache = this.caches.get(url);
    if (page.has(tokens.current))
      return { url, verdict: 'current', reasons: [], message: `${url} serves it.`, ...(cache ? { cache } : {}) };
    return not('incomplete', 'current_not_seen', `${url} serves neither token.`);
  }
}
