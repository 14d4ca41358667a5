/** From the page to everything that it loads: each resource once, within bounds, nothing forgotten in silence. */
import type { Clock } from '../../domain/ports.ts';
import type { ChunkTable } from './chunk-table.ts';
import { readHtml } from './html.ts';
import { createLimiter } from './limiter.ts';
import { isHashed } from './paths.ts';
import { FetchProblem, type ProblemCode } from './problem.ts';
import type { Reference, Via } from './reference.ts';
import { chunkUrls, type Place, resolveReference } from './resolve.ts';
import { guesses, readScript, readUnparsed, type ScriptFacts } from './script.ts';
import { type Answer, type Body, type ResourceReport, type VisitContext, visit } from './visit.ts';

export interface CrawlProblem {
  readonly url: string;
  readonly code: ProblemCode;
  readonly message: string;
}

export interface CrawlResult {
  readonly resources: readonly ResourceReport[];
  readonly problems: readonly CrawlProblem[];
  /** Origins of scripts that were not followed because the site check does not list them. */
  readonly skippedOrigins: readonly string[];
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
  | { readonly kind: 'absent'; readonly status: number }
  | { readonly kind: 'failed'; readonly problem: FetchProblem };

interface TableEntry {
  readonly table: ChunkTable;
  readonly publicPaths: readonly string[];
  readonly place: Place;
}

export function crawl(pageUrl: string, options: CrawlOptions): Promise<CrawlResult> {
  const page: Reference = { target: pageUrl, via: 'page', base: 'document', certainty: 'definite', as: 'html' };
  return new Crawler(options).run(page, { script: pageUrl, document: pageUrl, importMaps: [], siblings: [] });
}

class Crawler {
  readonly #options: CrawlOptions;
  readonly #limit: ReturnType<typeof createLimiter>;
  readonly #open: Promise<void>[] = [];
  readonly #followed = new Set<string>();
  readonly #outcomes = new Map<string, Promise<Outcome>>();
  readonly #analysed = new Set<string>();
  readonly #resources: ResourceReport[] = [];
  readonly #problems = new Map<string, CrawlProblem>();
  readonly #skipped = new Set<string>();
  readonly #tables: TableEntry[] = [];
  readonly #chunkIds = new Set<string>();
  #guessed = 0;
  #unresolved = 0;

  constructor(options: CrawlOptions) {
    this.#options = options;
    this.#limit = createLimiter(options.limits.concurrency);
  }

  async run(page: Reference, place: Place): Promise<CrawlResult> {
    this.#follow(page, place);
    // Each task adds its children before it ends, so that the list is complete when its end is reached.
    for (let i = 0; i < this.#open.length; i += 1) await this.#open[i];
    return {
      resources: this.#resources,
      problems: [...this.#problems.values()],
      skippedOrigins: abridged([...this.#skipped].sort()),
      unresolvedImports: this.#unresolved,
    };
  }

  #follow(reference: Reference, place: Place, urls = resolveReference(reference, place)): void {
    const allowed = urls.filter((url) => this.#isAllowed(url, reference, place));
    const key = `${reference.certainty} ${reference.as} ${allowed.join(' ')}`;
    if (allowed.length === 0 || this.#followed.has(key)) return;
    this.#followed.add(key);
    this.#open.push(this.#firstThatIsThere(allowed, reference, place));
  }

  /** Scripts may stand in the URL itself; every other scheme and foreign origin is left alone. */
  #isAllowed(url: string, reference: Reference, place: Place): boolean {
    const { origin, protocol } = new URL(url);
    if (this.#options.origins.has(origin)) return true;
    if (reference.certainty === 'guess') return false;
    if (protocol === 'data:') this.#dataUrl(url, place);
    else if (protocol === 'http:' || protocol === 'https:') this.#skipped.add(origin);
    return false;
  }

  /** The token in a `data:` URL is found where the URL stands; only its references are read here. */
  #dataUrl(url: string, place: Place): void {
    const [head = '', ...body] = url.split(',');
    const raw = body.join(',');
    const text = /;base64$/i.test(head) ? Buffer.from(raw, 'base64').toString() : safelyDecoded(raw);
    for (const reference of readScript(text).references) this.#follow(reference, place);
  }

  async #firstThatIsThere(urls: readonly string[], reference: Reference, place: Place): Promise<void> {
    let absent: FetchProblem | undefined;
    for (const url of urls) {
      const outcome = await this.#outcome(url, reference, place);
      if (outcome.kind === 'served') return;
      if (outcome.kind === 'absent') absent ??= absence(outcome.status);
      else if (reference.certainty === 'definite' || !HARMLESS.has(outcome.problem.code)) {
        return this.#problem(url, outcome.problem);
      }
    }
    if (absent && reference.certainty === 'definite') this.#problem(urls[0] as string, absent);
  }

  #problem(url: string, { code, message }: FetchProblem): void {
    if (!this.#problems.has(url)) this.#problems.set(url, { url, code, message });
  }

  /** Each URL is read once, whoever asks first. */
  #outcome(url: string, reference: Reference, place: Place): Promise<Outcome> {
    const known = this.#outcomes.get(url);
    if (known) return known;
    const { maxGuesses } = this.#options.limits;
    if (reference.certainty === 'guess') this.#guessed += 1;
    if (reference.certainty === 'guess' && this.#guessed > maxGuesses) {
      const problem = new FetchProblem('too-many', `more than ${maxGuesses} paths that look like scripts`);
      return Promise.resolve({ kind: 'failed', problem });
    }
    const outcome = this.#limit(() => this.#samples(url, reference, place));
    this.#outcomes.set(url, outcome);
    return outcome;
  }

  /** A URL whose bytes may differ from one answer to the next is read several times; all must succeed. */
  async #samples(url: string, reference: Reference, place: Place): Promise<Outcome> {
    const samples = reference.as === 'script' && isHashed(url) ? 1 : this.#options.limits.samples;
    for (let sample = 0; sample < samples; sample += 1) {
      if (this.#options.signal.aborted) {
        return { kind: 'failed', problem: new FetchProblem('timeout', 'the scan ended before this was read') };
      }
      const outcome = this.#take(url, await visit(url, sample, this.#options), reference, place);
      if (outcome.kind !== 'served') return outcome;
    }
    return { kind: 'served' };
  }

  #take(url: string, answer: Answer, reference: Reference, place: Place): Outcome {
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
    // The same bytes again: another sample, or another name for one resource.
    if (!this.#analysed.has(key)) {
      this.#analysed.add(key);
      const begun = clock.now();
      const problem = this.#analyse(body, reference, place);
      spending.ownWorkMs += Math.max(0, clock.now() - begun);
      const { status, sha256, bytes } = body;
      this.#report({
        url,
        via,
        status,
        sha256,
        bytes,
        found: body.search.end(),
        ...(problem && { problem: problem.code }),
      });
      if (problem) return { kind: 'failed', problem };
    }
    // What a site answers for any path at all ("index.html for everything") is not the script that was asked for.
    return reference.as === 'script' && isPage(body, 'script') ? { kind: 'absent', status: 0 } : { kind: 'served' };
  }

  #report(resource: ResourceReport): void {
    this.#resources.push(resource);
    if (resource.found.length > 0) this.#options.onFound(resource);
  }

  #analyse(body: Body, reference: Reference, from: Place): FetchProblem | undefined {
    const place = { ...from, script: body.url };
    for (const guess of guesses(body.link)) this.#follow(guess, place);
    if (body.text === undefined) return this.#takeLarge(body, reference, place);
    if (isPage(body, reference.as)) {
      // A page in place of a script leads nowhere: the page itself is read anyway.
      if (reference.as === 'html') this.#takePage(body.text, body);
    } else if (/json$/.test(body.contentType)) this.#takeScript(readUnparsed(body.text), place, body);
    else this.#takeScript(readScript(body.text, { serviceWorker: isServiceWorker(reference.via) }), place, body);
    return undefined;
  }

  #takePage(text: string, body: Body): void {
    const page = readHtml(text, body.url);
    body.search.pushText(page.texts.join('\n'), 'decoded');
    const scripts = page.references.filter(({ via }) => via === 'script');
    const folders = scripts.flatMap(({ target }) => URL.parse('.', URL.parse(target, page.base)?.href)?.href ?? []);
    const siblings = [...new Set(folders)].slice(0, 20);
    const place = { script: page.base, document: page.base, importMaps: page.importMaps, siblings };
    for (const reference of page.references) this.#follow(reference, place);
    for (const script of page.inlineScripts) this.#takeScript(readScript(script), place, body);
  }

  #takeLarge(body: Body, reference: Reference, place: Place): FetchProblem | undefined {
    const { maxParseBytes } = this.#options.limits;
    if (reference.as === 'html') return new FetchProblem('too-large', `a page larger than ${maxParseBytes} bytes`);
    for (const path of body.large?.paths ?? []) for (const guess of guesses(path)) this.#follow(guess, place);
    if (!body.large?.hasChunkTable) return undefined;
    return new FetchProblem('too-large', `a chunk table in a script larger than ${maxParseBytes} bytes`);
  }

  #takeScript(facts: ScriptFacts, place: Place, body: Body): void {
    for (const text of facts.texts) body.search.pushText(text, 'folded');
    for (const reference of facts.references) this.#follow(reference, place);
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
    const certain = isListed || (isOnly && table.kind === 'exact');
    const reference: Reference = {
      ...{ target: id, base: 'search', as: 'script' },
      ...(certain ? { via: 'chunk-table', certainty: 'definite' } : { via: 'guess', certainty: 'guess' }),
    };
    this.#follow(reference, place, chunkUrls(table, id, publicPaths, place));
  }
}

/** Of a guess: it leads out of the site, so it is none of ours. */
const HARMLESS: ReadonlySet<ProblemCode> = new Set(['refused-url', 'refused-address', 'redirect']);

const isServiceWorker = (via: Via): boolean => via === 'service-worker' || via === 'import-scripts';

const absence = (status: number): FetchProblem =>
  status === 0
    ? new FetchProblem('not-a-script', 'the server answered a page instead of a script')
    : new FetchProblem('status', `the server answered ${status}`);

function isPage(body: Body, as: Reference['as']): boolean {
  const isHtml = body.contentType === 'text/html' || body.contentType === 'application/xhtml+xml';
  const start =
    body.text
      ?.slice(0, 256)
      .replace(/^\uFEFF/, '')
      .trimStart() ?? '';
  if (as === 'html') return isHtml || (body.contentType === '' && start.startsWith('<'));
  return (isHtml && start.startsWith('<')) || /^<(?:!doctype html|html)\b/i.test(start);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const MOST_NAMED = 20;

/** A page may name any number of origins; what is told of them must fit into a message and into the ledger. */
const abridged = (origins: readonly string[]): readonly string[] =>
  origins.length <= MOST_NAMED
    ? origins
    : [...origins.slice(0, MOST_NAMED), `and ${origins.length - MOST_NAMED} others`];
