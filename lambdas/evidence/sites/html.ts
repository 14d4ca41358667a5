/** What a page loads, and the scripts and texts that stand in it. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { Reference } from './reference.ts';
import { guesses } from './script.ts';

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
}

/** `type` values of scripts that run; anything else is a data block. */
const RUNS = /^(?:|module|(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script[\d.]*)$/i;
const SCRIPT_PATH = /\.[mc]?js(?:[?#]|$)/;

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

  #element(element: Element): void {
    const attributes = new Map(element.attrs.map(({ name, value }) => [name, value]));
    this.texts.push(...attributes.values());
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
        return;
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
    } else if (type.toLowerCase() === 'importmap') this.#importMap(text);
    else if (source && SCRIPT_PATH.test(source)) this.references.push(...guesses(source));
    // Data islands, templates and speculation rules: not run, but read by scripts that do.
    else this.references.push(...guesses(text));
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
    if (relations.includes('modulepreload') || (relations.includes('preload') && isScript)) {
      this.#definite(href, 'preload');
    } else if (isScript || SCRIPT_PATH.test(href)) this.references.push(...guesses(href));
  }

  #refresh(attributes: ReadonlyMap<string, string>): void {
    if ((attributes.get('http-equiv') ?? '').toLowerCase() !== 'refresh') return;
    const target = /^[^;,]*[;,]\s*(?:url\s*=)?\s*["']?(.+?)["']?\s*$/i.exec(attributes.get('content') ?? '')?.[1];
    if (target) this.#definite(target, 'frame', 'html');
  }

  /** Event handlers run; islands and loaders keep the paths of their scripts in attributes of their own. */
  #otherAttributes(element: Element, attributes: ReadonlyMap<string, string>): void {
    for (const [name, value] of attributes) {
      if (name.startsWith('on')) this.inlineScripts.push(value);
      else if (name !== 'src' && name !== 'href' && element.tagName !== 'a') this.references.push(...guesses(value));
    }
  }
}
