/** From the page to everything that it loads: each resource once, within bounds, nothing forgotten in silence. */
import type { Clock } from '../../domain/ports.ts';
import { type Admission, type Certainty, createAdmission, isPaddles, lessCertain, matters } from './admission.ts';
import type { ChunkTable } from './chunk-table.ts';
import { frameworkData } from './framework-data.ts';
import { linkHeader, readHtml } from './html.ts';
import { absence, isJson, isPage, isScript, safelyDecoded } from './kind.ts';
import { createLimiter } from './limiter.ts';
import { Notes } from './notes.ts';
import { FetchProblem, type ProblemCode } from './problem.ts';
import type { Reference, Via } from './reference.ts';
import { chunkUrls, type Place, resolveReference } from './resolve.ts';
import { guesses, readScript, readUnparsed, type ScriptFacts } from './script.ts';
import { type Answer, type Body, type ResourceReport, type VisitContext, visit } from './visit.ts';

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

/** Where a reference stands, and in which resource. */
interface Spot extends Place {
  readonly resource: string;
  /** What stands here is certain, unless the resource is another origin's or was itself only guessed at. */
  readonly isWeak: boolean;
}

interface TableEntry {
  readonly table: ChunkTable;
  readonly publicPaths: readonly string[];
  readonly place: Spot;
}

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
  readonly #open: Promise<void>[] = [];
  readonly #followed = new Set<string>();
  readonly #outcomes = new Map<string, Promise<Outcome>>();
  readonly #analysed = new Set<string>();
  readonly #pages = new Set<string>();
  readonly #resources: ResourceReport[] = [];
  readonly #problems = new Map<string, CrawlProblem>();
  readonly #tables: TableEntry[] = [];
  readonly #chunkIds = new Set<string>();
  #unresolved = 0;

  constructor(options: CrawlOptions) {
    this.#options = options;
    this.#limit = createLimiter(options.limits.concurrency);
    this.#admission = createAdmission(options.limits);
    this.#notes = new Notes(options.origins, options.tokens.current);
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
      unresolvedImports: this.#unresolved,
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
      const problem = this.#analyse(body, reference, place);
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

  #analyse(body: Body, reference: Reference, from: Spot): FetchProblem | undefined {
    const isOwn = this.#isOwn(body.url);
    const isWeak = !isOwn || reference.certainty === 'hint';
    const place: Spot = { ...from, script: body.url, resource: body.url, isWeak };
    for (const each of [...guesses(body.link), ...linkHeader(body.link)])
      this.#follow(each, { ...place, document: body.url });
    if (body.text === undefined) return this.#takeLarge(body, reference, place);
    if (isPage(body, reference.as)) {
      // A page in place of a script leads nowhere: the page itself is read anyway.
      if (reference.as !== 'script') this.#takePage(body.text, body, reference, place);
    } else if (reference.via === 'import-map') this.#takeImportMap(body.text, place);
    else if (isJson(body)) this.#takeData(body.text, place, body);
    else if (reference.as === 'script' || isScript(body))
      this.#takeScript(this.#readScript(body, reference), place, body);
    else this.#takeScript(readUnparsed(body.text), place, body);
    return undefined;
  }

  #readScript(body: Body, { via }: Reference): ScriptFacts {
    const text = body.text ?? '';
    const serviceWorker = via === 'service-worker' || via === 'import-scripts';
    if (serviceWorker) this.#notes.worker(body);
    const isBundle = this.#isOwn(body.url) || BUNDLER.test(text);
    if (!isBundle && text.length > this.#options.limits.maxForeignParseBytes) return readUnparsed(text);
    return readScript(text, { serviceWorker });
  }

  #takePage(text: string, body: Body, { via, certainty }: Reference, from: Spot): void {
    // "index.html for everything": the same page under another address says nothing new.
    if (certainty !== 'definite' && this.#pages.has(body.sha256)) return;
    this.#pages.add(body.sha256);
    const page = readHtml(text, body.url);
    if (via === 'page' && page.asksPassword && new URL(body.url).pathname !== new URL(from.document).pathname) {
      this.#problem(body.url, 'page', { code: 'login', message: 'the page leads to one that asks for a password' });
    }
    body.search.pushText(page.texts.join('\n'), 'decoded');
    const scripts = page.references.filter(({ via }) => via === 'script');
    const folders = scripts.flatMap(({ target }) => URL.parse('.', URL.parse(target, page.base)?.href)?.href ?? []);
    const siblings = [...new Set(folders)].slice(0, 20);
    const { base: document, importMaps, bases } = page;
    const place = { ...from, script: document, document, importMaps, siblings, bases };
    for (const reference of [...page.references, ...frameworkData(text, body.url)]) this.#follow(reference, place);
    this.#notes.settings(body, {});
    for (const script of page.inlineScripts) this.#takeScript(readScript(script), place, body);
  }

  /** Whatever addresses the map gives, they are loaded by somebody. */
  #takeImportMap(text: string, place: Spot): void {
    for (const [, target = ''] of text.matchAll(/:\s*"([^"\\\s]{1,500})"/g)) {
      const via = 'import-map';
      this.#follow({ target, via, base: 'script', certainty: 'guess', as: 'script' }, place);
      this.#follow({ target, via, base: 'document', certainty: 'guess', as: 'script' }, place);
    }
  }

  #takeData(text: string, place: Spot, body: Body): void {
    this.#takeScript(readUnparsed(text), place, body);
    for (const reference of frameworkData(text, body.url)) this.#follow(reference, place);
  }

  #takeLarge(body: Body, reference: Reference, place: Spot): FetchProblem | undefined {
    const { maxParseBytes } = this.#options.limits;
    if (reference.as === 'html') return new FetchProblem('too-large', `a page larger than ${maxParseBytes} bytes`);
    for (const path of body.large?.paths ?? []) for (const guess of guesses(path)) this.#follow(guess, place);
    if (!body.large?.hasChunkTable) return undefined;
    return new FetchProblem('too-large', `a chunk table in a script larger than ${maxParseBytes} bytes`);
  }

  #takeScript(facts: ScriptFacts, place: Spot, body: Body): void {
    for (const text of facts.texts) body.search.pushText(text, 'folded');
    for (const reference of facts.references) this.#follow(reference, place);
    this.#notes.settings(body, facts);
    this.#unresolved += facts.unresolved;
    for (const table of facts.tables) {
      const entry = { table, publicPaths: facts.publicPaths, place };
      this.#tables.push(entry);
      for (const id of table.ids) this.#followChunk(entry, id, table.kind === 'exact');
      for (const id of this.#chunkIds) this.#followChunk(entry, id, false);
    }
    for (const id of facts.chunkIds) {
      if (this.#chunkIds.has(id)) continue;
      this.#chunkIds.add(id);
      for (const entry of this.#tables) this.#followChunk(entry, id, false);
    }
  }

  /** With one runtime on the page, every chunk that a script asks for is that runtime's; with several, it may be. */
  #followChunk({ table, publicPaths, place }: TableEntry, id: string, isListed: boolean): void {
    const isOnly = this.#tables.filter((entry) => entry.table.kind === 'exact').length === 1;
    const isCertain = isListed || (isOnly && table.kind === 'exact');
    const certainty: Certainty = isCertain ? 'definite' : 'guess';
    const via: Via = isCertain ? 'chunk-table' : 'guess';
    this.#follow(
      { target: id, base: 'search', as: 'script', via, certainty },
      place,
      chunkUrls(table, id, publicPaths, place),
    );
  }
}

/** A script of another origin that is a site's own bundle, and not somebody's service. */
const BUNDLER =
  /webpackChunk|webpackJsonp|__webpack_|rspackChunk|TURBOPACK|__vite|System\.register|parcelRequire|remoteEntry|__federation|_next\//;
