/** What a body leads to: a page, a script, data, an import map. Each thing that stands in it is handed on to be followed. */
import type { Certainty } from './admission.ts';
import type { ChunkTable } from './chunk-table.ts';
import { frameworkData } from './framework-data.ts';
import { linkHeader, readHtml } from './html.ts';
import { isJson, isPage, isScript } from './kind.ts';
import type { Notes } from './notes.ts';
import { FetchProblem } from './problem.ts';
import type { Reference, Via } from './reference.ts';
import { chunkUrls, type Place } from './resolve.ts';
import { readScript } from './script.ts';
import { guesses, readUnparsed, type ScriptFacts } from './script-facts.ts';
import type { Body, VisitContext } from './visit.ts';

/** Where a reference stands, and in which resource. */
export interface Spot extends Place {
  readonly resource: string;
  /** What stands here is certain, unless the resource is another origin's or was itself only guessed at. */
  readonly isWeak: boolean;
}

interface TableEntry {
  readonly table: ChunkTable;
  readonly publicPaths: readonly string[];
  readonly place: Spot;
}

export interface BodyReaderOptions extends Pick<VisitContext, 'limits'> {
  /** The site's own. */
  readonly origins: ReadonlySet<string>;
  readonly notes: Notes;
  readonly follow: (reference: Reference, place: Spot, urls?: string[]) => void;
  readonly problem: (url: string, via: Via, problem: { code: 'login'; message: string }) => void;
}

/** One for a crawl: chunks that one script asks for stand in another's table. */
export class BodyReader {
  readonly #source: BodyReaderOptions;
  readonly #pages = new Set<string>();
  readonly #tables: TableEntry[] = [];
  readonly #chunkIds = new Set<string>();
  #unresolved = 0;

  constructor(source: BodyReaderOptions) {
    this.#source = source;
  }

  get unresolvedImports(): number {
    return this.#unresolved;
  }

  #isOwn(url: string): boolean {
    return this.#source.origins.has(new URL(url).origin);
  }

  /** @returns why the body could not be read */
  read(body: Body, reference: Reference, from: Spot): FetchProblem | undefined {
    const isOwn = this.#isOwn(body.url);
    const isWeak = !isOwn || reference.certainty === 'hint';
    const place: Spot = { ...from, script: body.url, resource: body.url, isWeak };
    for (const each of [...guesses(body.link), ...linkHeader(body.link)])
      this.#source.follow(each, { ...place, document: body.url });
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
    if (serviceWorker) this.#source.notes.worker(body);
    const isBundle = this.#isOwn(body.url) || BUNDLER.test(text);
    if (!isBundle && text.length > this.#source.limits.maxForeignParseBytes) return readUnparsed(text);
    return readScript(text, { serviceWorker });
  }

  #takePage(text: string, body: Body, { via, certainty }: Reference, from: Spot): void {
    // "index.html for everything": the same page under another address says nothing new.
    if (certainty !== 'definite' && this.#pages.has(body.sha256)) return;
    this.#pages.add(body.sha256);
    const page = readHtml(text, body.url);
    if (via === 'page' && page.asksPassword && new URL(body.url).pathname !== new URL(from.document).pathname) {
      this.#source.problem(body.url, 'page', {
        code: 'login',
        message: 'the page leads to one that asks for a password',
      });
    }
    body.search.pushText(page.texts.join('\n'), 'decoded');
    const scripts = page.references.filter(({ via }) => via === 'script');
    const folders = scripts.flatMap(({ target }) => URL.parse('.', URL.parse(target, page.base)?.href)?.href ?? []);
    const siblings = [...new Set(folders)].slice(0, 20);
    const { base: document, importMaps, bases } = page;
    const place = { ...from, script: document, document, importMaps, siblings, bases };
    for (const reference of [...page.references, ...frameworkData(text, body.url)])
      this.#source.follow(reference, place);
    this.#source.notes.settings(body, {});
    for (const script of page.inlineScripts) this.#takeScript(readScript(script), place, body);
  }

  /** Whatever addresses the map gives, they are loaded by somebody. */
  #takeImportMap(text: string, place: Spot): void {
    for (const [, target = ''] of text.matchAll(/:\s*"([^"\\\s]{1,500})"/g)) {
      const via = 'import-map';
      this.#source.follow({ target, via, base: 'script', certainty: 'guess', as: 'script' }, place);
      this.#source.follow({ target, via, base: 'document', certainty: 'guess', as: 'script' }, place);
    }
  }

  #takeData(text: string, place: Spot, body: Body): void {
    this.#takeScript(readUnparsed(text), place, body);
    for (const reference of frameworkData(text, body.url)) this.#source.follow(reference, place);
  }

  #takeLarge(body: Body, reference: Reference, place: Spot): FetchProblem | undefined {
    const { maxParseBytes } = this.#source.limits;
    if (reference.as === 'html') return new FetchProblem('too-large', `a page larger than ${maxParseBytes} bytes`);
    for (const path of body.large?.paths ?? []) for (const guess of guesses(path)) this.#source.follow(guess, place);
    if (!body.large?.hasChunkTable) return undefined;
    return new FetchProblem('too-large', `a chunk table in a script larger than ${maxParseBytes} bytes`);
  }

  #takeScript(facts: ScriptFacts, place: Spot, body: Body): void {
    for (const text of facts.texts) body.search.pushText(text, 'folded');
    for (const reference of facts.references) this.#source.follow(reference, place);
    this.#source.notes.settings(body, facts);
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
    this.#source.follow(
      { target: id, base: 'search', as: 'script', via, certainty },
      place,
      chunkUrls(table, id, publicPaths, place),
    );
  }
}

/** A script of another origin that is a site's own bundle, and not somebody's service. */
const BUNDLER =
  /webpackChunk|webpackJsonp|__webpack_|rspackChunk|TURBOPACK|__vite|System\.register|parcelRequire|remoteEntry|__federation|_next\//;
