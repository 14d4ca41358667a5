/** From the page to everything that it loads: each resource once, within bounds, nothing forgotten in silence. */
import type { Clock } from '../../domain/ports.ts';
import { type Admission, createAdmission, isPaddles, lessCertain, matters } from './admission.ts';
import { BodyReader, type Spot } from './body-reader.ts';
import { absence, isPage, safelyDecoded } from './kind.ts';
import { createLimiter } from './limiter.ts';
import { Notes } from './notes.ts';
import { FetchProblem, type ProblemCode } from './problem.ts';
import type { Reference, Via } from './reference.ts';
import { resolveReference } from './resolve.ts';
import { readScript } from './script.ts';
import { type Answer, type ResourceReport, type VisitContext, visit } from './visit.ts';

export interface CrawlProblem {
  readonly url: string;
  readonly via: Via;
  readonly code: ProblemCode | 'login';
  readonly message: string;
}

export interface CrawlResult {
  readonly resources: readonly ResourceReport[];
  readonly problems: readonly CrawlProblem[];
  readonly notes: Notes;
  /** Addresses that only might be one, and were too many. */
  readonly leftOut: number;
  /** Dynamic imports whose target could not be told. */
  readonly unresolvedImports: number;
}

export interface CrawlOptions extends VisitContext {
  /** Told of every match at once; the scan may end it there. */
  readonly onFound: (resource: ResourceReport) => void;
  readonly clock: Clock;
}

/** `absent`: not there; status 0 means that a page was answered in place of a script. */
type Outcome =
  | { readonly kind: 'served' }
  | { readonly kind: 'left-out' }
  | { readonly kind: 'absent'; readonly status: number }
  | { readonly kind: 'failed'; readonly problem: FetchProblem };

export function crawl(pageUrl: string, options: CrawlOptions): Promise<CrawlResult> {
  const page: Reference = { target: pageUrl, via: 'page', base: 'document', certainty: 'definite', as: 'html' };
  const nowhere = { script: pageUrl, document: pageUrl, importMaps: [], siblings: [], resource: '', isWeak: false };
  return new Crawler(options).run(page, nowhere);
}

class Crawler {
  readonly #options: CrawlOptions;
  readonly #limit: ReturnType<typeof createLimiter>;
  readonly #admission: Admission;
  readonly #notes: Notes;
  readonly #reader: BodyReader;
  readonly #open: Promise<void>[] = [];
  readonly #followed = new Set<string>();
  readonly #outcomes = new Map<string, Promise<Outcome>>();
  readonly #analysed = new Set<string>();
  readonly #resources: ResourceReport[] = [];
  readonly #problems = new Map<string, CrawlProblem>();

  constructor(options: CrawlOptions) {
    this.#options = options;
    this.#limit = createLimiter(options.limits.concurrency);
    this.#admission = createAdmission(options.limits);
    this.#notes = new Notes(options.origins, options.tokens.current);
    this.#reader = new BodyReader({
      origins: options.origins,
      limits: options.limits,
      notes: this.#notes,
      follow: (reference, place, urls) => this.#follow(reference, place, urls),
      problem: (url, via, problem) => this.#problem(url, via, problem),
    });
  }

  async run(page: Reference, place: Spot): Promise<CrawlResult> {
    this.#follow(page, place);
    // Each task adds its children before it ends, so that the list is complete when its end is reached.
    for (let i = 0; i < this.#open.length; i += 1) await this.#open[i];
    return {
      resources: this.#resources,
      problems: [...this.#problems.values()],
      notes: this.#notes,
      leftOut: this.#admission.leftOut,
      unresolvedImports: this.#reader.unresolvedImports,
    };
  }

  #follow(reference: Reference, place: Spot, urls = resolveReference(reference, place)): void {
    const certainty = place.isWeak ? lessCertain(reference.certainty) : reference.certainty;
    const allowed = urls.filter((url) => this.#isAllowed(url, place));
    const key = `${certainty} ${reference.as} ${allowed.join(' ')}`;
    for (const url of allowed) if (place.resource !== '') this.#notes.leads(place.resource, url);
    if (allowed.length === 0 || this.#followed.has(key)) return;
    this.#followed.add(key);
    this.#open.push(this.#firstThatIsThere(allowed, { ...reference, certainty }, place));
  }

  /** Scripts may stand in the URL itself; no other scheme than the web's is followed. */
  #isAllowed(url: string, place: Spot): boolean {
    const { protocol } = new URL(url);
    if (protocol === 'data:') this.#dataUrl(url, place);
    return (protocol === 'http:' || protocol === 'https:') && !isPaddles(url);
  }

  /** The token in a `data:` URL is found where the URL stands; only its references are read here. */
  #dataUrl(url: string, place: Spot): void {
    const [head = '', ...body] = url.split(',');
    const raw = body.join(',');
    const text = /;base64$/i.test(head) ? Buffer.from(raw, 'base64').toString() : safelyDecoded(raw);
    for (const reference of readScript(text).references) this.#follow(reference, place);
  }

  #isOwn(url: string): boolean {
    return this.#options.origins.has(new URL(url).origin);
  }

  async #firstThatIsThere(urls: readonly string[], reference: Reference, place: Spot): Promise<void> {
    const { certainty, via } = reference;
    let absent: FetchProblem | undefined;
    for (const url of urls) {
      const outcome = await this.#outcome(url, reference, place);
      if (outcome.kind === 'served' || outcome.kind === 'left-out') return;
      if (outcome.kind === 'absent') absent ??= absence(outcome.status);
      else if (matters(certainty, this.#isOwn(url), outcome.problem.code))
        return this.#problem(url, via, outcome.problem);
    }
    if (absent && certainty === 'definite') this.#problem(urls[0] as string, via, absent);
  }

  #problem(url: string, via: Via, { code, message }: { code: CrawlProblem['code']; message: string }): void {
    if (!this.#problems.has(url)) this.#problems.set(url, { url, via, code, message });
  }

  /** Each URL is read once, whoever asks first. */
  #outcome(url: string, reference: Reference, place: Spot): Promise<Outcome> {
    const known = this.#outcomes.get(url);
    if (known) return known;
    const refusal = this.#admission.admit(reference.certainty, this.#isOwn(url));
    if (refusal === 'left-out') return Promise.resolve({ kind: 'left-out' });
    if (refusal) return Promise.resolve({ kind: 'failed', problem: refusal });
    const outcome = this.#limit(() => this.#samples(url, reference, place));
    this.#outcomes.set(url, outcome);
    return outcome;
  }

  /** What is the site's own is read several times, whatever its name promises; all must succeed. */
  async #samples(url: string, reference: Reference, place: Spot): Promise<Outcome> {
    const { limits, signal } = this.#options;
    const isPage = reference.via === 'page';
    const samples = isPage ? limits.pageSamples : this.#isOwn(url) ? limits.samples : 1;
    for (let sample = 0; sample < samples; sample += 1) {
      if (signal.aborted) {
        return { kind: 'failed', problem: new FetchProblem('timeout', 'the scan ended before this was read') };
      }
      const answer = await visit(url, sample, isPage, this.#options);
      const outcome = this.#take(url, answer, reference, place);
      if (outcome.kind !== 'served') return outcome;
      // Nobody counts on it: what was answered once is enough, unless it holds something.
      if (reference.certainty === 'hint' && answer.kind === 'body' && answer.body.search.end().length === 0) break;
    }
    return { kind: 'served' };
  }

  #take(url: string, answer: Answer, reference: Reference, place: Spot): Outcome {
    const { via } = reference;
    if (answer.kind === 'absent') {
      if (reference.certainty === 'definite') this.#report({ url, via, status: answer.status, found: [] });
      return answer;
    }
    if (answer.kind === 'problem') {
      const { problem, status, found } = answer;
      this.#report({ url, via, ...(status && { status }), found, problem: problem.code });
      return { kind: 'failed', problem };
    }
    const { body } = answer;
    const { clock, spending } = this.#options;
    const key = `${reference.as} ${body.url} ${body.sha256}`;
    this.#notes.keeps(body, reference, isPage(body, reference.as));
    // The same bytes again: another sample, or another name for one resource.
    if (!this.#analysed.has(key)) {
      this.#analysed.add(key);
      const begun = clock.now();
      const problem = this.#reader.read(body, reference, place);
      spending.ownWorkMs += Math.max(0, clock.now() - begun);
      const { status, sha256, bytes } = body;
      const found = body.search.end();
      this.#report({ url, via, status, sha256, bytes, found, ...(problem && { problem: problem.code }) });
      if (problem) return { kind: 'failed', problem };
    }
    // What a site answers for any path at all ("index.html for everything") is not the script that was asked for.
    return reference.as === 'script' && isPage(body, 'script') ? { kind: 'absent', status: 0 } : { kind: 'served' };
  }

  #report(resource: ResourceReport): void {
    this.#resources.push(resource);
    if (resource.found.length > 0) this.#options.onFound(resource);
  }
}
