/** What a page loads, and the scripts and texts that stand in it. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { isAddress } from './paths.ts';
import type { Reference } from './reference.ts';
import { guesses } from './script-facts.ts';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export interface ImportMap {
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly scopes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface HtmlFacts {
  /** What relative URLs are relative to: the page's URL, or its `<base href>`. */
  readonly base: string;
  readonly references: readonly Reference[];
  readonly inlineScripts: readonly string[];
  /** Attribute values and texts with every entity resolved. */
  readonly texts: readonly string[];
  readonly importMaps: readonly ImportMap[];
  /** Folders in which the page says that its scripts are: Qwik's `q:base`. */
  readonly bases: readonly string[];
  /** It asks for a password. */
  readonly asksPassword: boolean;
}

/** `type` values of scripts that run; anything else is a data block. */
const RUNS = /^(?:|module|(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script[\d.]*)$/i;
const AHEAD = new Set(['preload', 'prefetch', 'prerender', 'import', 'html']);
const PICTURES = new Set(['image', 'font', 'style', 'video', 'audio', 'track']);
const SCRIPT_PATH = /\.[mc]?js(?:[?#]|$)/;
const QWIK_CHUNK = /q-[\w-]{6,}\.js/g;
/** Attributes by which libraries fetch: htmx, Unpoly, intercooler, lazy loaders, and elements of a site's own. */
const FETCHES =
  /^(?:data-)?(?:hx-(?:get|post|put|patch)|up-(?:href|source|poll-src)|ic-(?:get-from|post-to|src)|ts-req|w3-include-html|include|src|data|href|url|endpoint|.*-(?:src|url|href|endpoint|path))$/;
/** Links are followed by people; these are followed by scripts, in place. */
const LIVE_LINK =
  /^(?:data-)?(?:turbo-frame|turbo-stream|hx-boost|hx-target|up-(?:target|follow|layer|modal)|remote|pjax|fancybox|modal.*)$/;
/** Elements whose addresses hold pictures, sounds, or other pages. */
const NO_CODE = new Set([
  'img',
  'source',
  'video',
  'audio',
  'picture',
  'track',
  'image',
  'use',
  'svg',
  'area',
  'meta',
  'link',
  'form',
]);
const NO_ADDRESS =
  /^(?:id|class|style|alt|title|srcset|cite|action|formaction|poster|placeholder|value|name|content|data-srcset|xmlns.*|aria-.*|item.*|og:.*)$/;

/**
 * Read with scripting off, so that what stands in `<noscript>` counts too.
 * @param url of the page after redirects
 */
export function readHtml(text: string, url: string): HtmlFacts {
  const reader = new HtmlReader(url);
  reader.read(parse(text, { scriptingEnabled: false }));
  return reader;
}

class HtmlReader implements HtmlFacts {
  base: string;
  readonly references: Reference[] = [];
  readonly inlineScripts: string[] = [];
  readonly texts: string[] = [];
  readonly importMaps: ImportMap[] = [];
  readonly bases: string[] = [];
  asksPassword = false;
  #hasBase = false;

  constructor(url: string) {
    this.base = url;
  }

  read(root: Node): void {
    const stack: Node[] = [root];
    for (let node = stack.pop(); node; node = stack.pop()) {
      if ('tagName' in node) this.#element(node);
      if (node.nodeName === '#text' && 'value' in node) this.texts.push(node.value);
      const children = 'content' in node ? [node.content] : 'childNodes' in node ? node.childNodes : [];
      for (let i = children.length - 1; i >= 0; i -= 1) stack.push(children[i] as Node);
    }
  }

  #definite(target: string, via: Reference['via'], as: Reference['as'] = 'script'): void {
    this.references.push({ target: target.trim(), via, base: 'document', certainty: 'definite', as });
  }

  #hint(target: string, via: Reference['via']): void {
    this.references.push({ target: target.trim(), via, base: 'document', certainty: 'hint', as: 'any' });
  }

  #element(element: Element): void {
    const attributes = new Map(element.attrs.map(({ name, value }) => [name, value]));
    this.texts.push(...attributes.values());
    const folder = attributes.get('q:base');
    if (folder) this.bases.push(URL.parse(folder.replace(/\/?$/, '/'), this.base)?.href ?? this.base);
    if (element.tagName === 'input' && /^password$/i.test(attributes.get('type') ?? '')) this.asksPassword = true;
    switch (element.tagName) {
      case 'base':
        if (!this.#hasBase && attributes.has('href')) {
          this.base = URL.parse(attributes.get('href') ?? '', this.base)?.href ?? this.base;
          this.#hasBase = true;
        }
        return;
      case 'script':
        this.#script(element, attributes);
        break;
      case 'link':
        this.#link(attributes);
        break;
      case 'meta':
        this.#refresh(attributes);
        break;
      case 'iframe':
      case 'frame':
        if (attributes.get('src')) this.#definite(attributes.get('src') ?? '', 'frame', 'html');
        if (attributes.has('srcdoc')) this.read(parse(attributes.get('srcdoc') ?? '', { scriptingEnabled: false }));
        break;
      default:
    }
    this.#otherAttributes(element, attributes);
  }

  #script(element: Element, attributes: ReadonlyMap<string, string>): void {
    const type = (attributes.get('type') ?? '').trim();
    // SVG's scripts name their source with `href`.
    const source = attributes.get('src') ?? attributes.get('href') ?? attributes.get('xlink:href');
    const text = element.childNodes.map((child) => ('value' in child ? child.value : '')).join('');
    if (RUNS.test(type.split(';', 1)[0]?.trim() ?? '')) {
      if (source) this.#definite(source, 'script');
      if (text.trim()) this.inlineScripts.push(text);
    } else if (/importmap/i.test(type)) {
      if (source)
        this.references.push({
          target: source.trim(),
          via: 'import-map',
          base: 'document',
          certainty: 'guess',
          as: 'any',
        });
      this.#importMap(text);
    } else {
      // Held back by an optimiser or until the visitor consents: it will run, whatever its type says now.
      if (source)
        this.references.push({
          target: source.trim(),
          via: 'script',
          base: 'document',
          certainty: 'guess',
          as: 'script',
        });
      if (/speculationrules/i.test(type)) this.#speculation(text);
      // Data islands and templates: not run, but read by scripts that do.
      this.references.push(...guesses(text));
    }
    for (const [chunk] of this.bases.length > 0 ? text.matchAll(QWIK_CHUNK) : []) this.#chunk(chunk);
  }

  #chunk(name: string): void {
    this.references.push({ target: name, via: 'guess', base: 'search', certainty: 'guess', as: 'script' });
  }

  /** Pages that the browser fetches or even runs ahead. */
  #speculation(text: string): void {
    for (const [, address = ''] of text.matchAll(/"([^"\\\s]{2,300})"/g))
      if (isAddress(address)) this.#hint(address, 'link');
  }

  #importMap(text: string): void {
    try {
      this.importMaps.push(JSON.parse(text) as ImportMap);
    } catch {
      // A browser ignores a broken import map too; its paths are followed all the same.
    }
    this.references.push(...guesses(text));
  }

  #link(attributes: ReadonlyMap<string, string>): void {
    const href = attributes.get('href');
    if (!href) return;
    const relations = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/);
    const isScript = /^(?:script|worker|serviceworker)$/.test((attributes.get('as') ?? '').toLowerCase());
    const as = (attributes.get('as') ?? '').toLowerCase();
    if (relations.includes('modulepreload') || (relations.includes('preload') && isScript)) {
      this.#definite(href, 'preload');
    } else if (relations.some((each) => AHEAD.has(each)) && !PICTURES.has(as)) this.#hint(href, 'link');
    else if (isScript || SCRIPT_PATH.test(href)) this.references.push(...guesses(href));
  }

  #refresh(attributes: ReadonlyMap<string, string>): void {
    if ((attributes.get('http-equiv') ?? '').toLowerCase() !== 'refresh') return;
    const target = /^[^;,]*[;,]\s*(?:url\s*=)?\s*["']?(.+?)["']?\s*$/i.exec(attributes.get('content') ?? '')?.[1];
    if (target) this.#definite(target, 'frame', 'html');
  }

  /** Event handlers run; islands, loaders and libraries keep addresses in attributes of their own. */
  #otherAttributes(element: Element, attributes: ReadonlyMap<string, string>): void {
    const { tagName } = element;
    const isLink = tagName === 'a';
    const isLive = isLink && [...attributes.keys()].some((name) => LIVE_LINK.test(name));
    for (const [name, value] of attributes) {
      if (name.startsWith('on') && !/^on[:-]/.test(name)) this.inlineScripts.push(value);
      else if (this.bases.length > 0 && /q-[\w-]{6,}\.js/.test(value)) {
        for (const [chunk] of value.matchAll(QWIK_CHUNK)) this.#chunk(chunk);
      } else if (name === 'href' && isLink) {
        if (isLive && isAddress(value, true)) this.#hint(value, 'attribute');
      } else this.#attribute(tagName, name, value);
    }
  }

  #attribute(tagName: string, name: string, value: string): void {
    if ((name === 'src' && STANDARD.has(tagName)) || (name === 'href' && tagName === 'link')) return;
    const fetches = FETCHES.test(name);
    if (!NO_CODE.has(tagName) && !NO_ADDRESS.test(name) && isAddress(value.trim(), fetches))
      this.#hint(value, 'attribute');
    else if (name !== 'href') this.references.push(...guesses(value));
  }
}

/** Elements whose `src` is read where they are. */
const STANDARD = new Set(['script', 'iframe', 'frame']);

/** The targets of a `Link` header that a browser fetches ahead. */
export function linkHeader(value: string): Reference[] {
  return [...value.matchAll(/<([^<>\s]{1,500})>((?:\s*;[^,<]{0,200})*)/g)].flatMap(
    ([, target = '', parameters = '']) => {
      const relations = /;\s*rel\s*=\s*"?([^";]+)/i.exec(parameters)?.[1]?.toLowerCase().trim().split(/\s+/) ?? [];
      const as = /;\s*as\s*=\s*"?([\w-]+)/i.exec(parameters)?.[1]?.toLowerCase() ?? '';
      const isAhead = relations.some((each) => AHEAD.has(each) || each === 'modulepreload');
      return isAhead && !PICTURES.has(as)
        ? [{ target, via: 'link', base: 'document', certainty: 'hint', as: 'any' } as const]
        : [];
    },
  );
}
