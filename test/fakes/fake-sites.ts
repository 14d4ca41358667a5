import type { SiteFinding, SiteScanner } from '../../lambdas/evidence/ports.ts';

/** Pages as sets of token values that they serve; a page that is down proves nothing. */
export class FakeSites implements SiteScanner {
  readonly serving = new Map<string, Set<string>>();
  readonly down = new Set<string>();

  deploy(url: string, ...values: string[]): void {
    this.serving.set(url, new Set(values));
  }

  async scan({ url }: { url: string }, tokens: { superseded: string; current: string }): Promise<SiteFinding> {
    if (tokens.superseded === tokens.current) return { url, verdict: 'error', message: 'The tokens are the same.' };
    const page = this.serving.get(url);
    if (this.down.has(url) || !page) return { url, verdict: 'error', message: `${url} did not answer.` };
    if (page.has(tokens.superseded))
      return { url, verdict: 'superseded', foundIn: `${url}/app.js`, message: `old token in ${url}/app.js` };
    if (page.has(tokens.current)) return { url, verdict: 'current', message: `${url} serves the current token.` };
    return { url, verdict: 'neither', message: `${url} serves neither token.` };
  }
}
