/** What a script loads, and what its constant expressions say. */
import type { AnyNode, CallExpression, NewExpression } from 'acorn';
import { FETCHES, hasOptionsOfFetch, TELLING } from './addresses-in-scripts.ts';
import { ChunkFacts } from './chunk-facts.ts';
import { chunkTable } from './chunk-table.ts';
import { type Constants, createConstants, fold } from './fold.ts';
import { isAddress, scriptPaths } from './paths.ts';
import type { Reference, Via } from './reference.ts';
import { readUnparsed, type ScriptFacts } from './script-facts.ts';
import { eachNode, INTERESTING, isCallOf, isSpelledOut, keyOf, parseScript } from './syntax.ts';
import { ToldEnvironments } from './told-environments.ts';

const SCRIPT_END = /\.[mc]?js(?:[?#]|$)/;
const CERTAINTY: Readonly<Partial<Record<Via, Reference['certainty']>>> = { guess: 'guess', data: 'hint' };
/** A name may stand for something else of the same name: in minified code there are many called `e`. */
const certaintyOf = (target: string, node: AnyNode | undefined): Reference['certainty'] =>
  SCRIPT_END.test(target) || (node && isSpelledOut(node)) ? 'definite' : 'guess';
const MAX_NESTED = 3;
const MAX_TELLING = 40;
/** `serviceWorker`: the paths of pages count as well, because a worker's cache answers for them. */
export function readScript(code: string, options: { serviceWorker?: boolean } = {}, nested = 0): ScriptFacts {
  const parsed = parseScript(code);
  if (!parsed) return readUnparsed(code, options);
  try {
    const reader = new ScriptReader(code, parsed.program, options, nested);
    const facts = reader.read(parsed.quality);
    if (parsed.quality === 'exact') return facts;
    // A broken script may hide references from the tree, so that its text is searched as well.
    return { ...facts, references: [...facts.references, ...readUnparsed(code, options).references] };
  } catch (error) {
    if (error instanceof RangeError) return readUnparsed(code, options);
    throw error;
  }
}

class ScriptReader {
  readonly #code: string;
  /** What may say something, in the order of the source. */
  readonly #nodes: AnyNode[] = [];
  readonly #constants: Constants;
  readonly #serviceWorker: boolean;
  readonly #nested: number;
  readonly #turbopack: boolean;
  readonly #references = new Map<string, Reference>();
  readonly #texts = new Set<string>();
  readonly #chunks: ChunkFacts;
  /** Parts of something that is already read as a whole: operands of a concatenation, the function of a table. */
  readonly #done = new Set<AnyNode>();
  readonly #environments = new ToldEnvironments();
  #telling = 0;
  #unresolved = 0;

  constructor(code: string, program: AnyNode, options: { serviceWorker?: boolean }, nested: number) {
    this.#code = code;
    const gathering = createConstants();
    this.#constants = gathering.constants;
    eachNode(program, (node) => {
      gathering.visit(node);
      if (INTERESTING.has(node.type)) this.#nodes.push(node);
    });
    this.#serviceWorker = options.serviceWorker === true;
    this.#nested = nested;
    this.#turbopack = /\bTURBOPACK\b/.test(code);
    this.#chunks = new ChunkFacts(code);
  }

  read(parsed: 'exact' | 'loose'): ScriptFacts {
    for (const node of this.#nodes) this.#visit(node);
    this.#chunks.askedByRuntime(this.#nodes);
    return {
      references: [...this.#references.values()],
      texts: [...this.#texts],
      ...this.#chunks.facts(),
      unresolved: this.#unresolved,
      ...this.#environments.facts(),
      parsed,
    };
  }

  #add(target: string, via: Via, base: Reference['base'], as: Reference['as'] = 'script', said = CERTAINTY[via]): void {
    const key = `${via} ${base} ${target}`;
    const certainty = said ?? 'definite';
    // What is said outright somewhere stays certain.
    if (this.#references.get(key)?.certainty !== 'definite')
      this.#references.set(key, { target, via, base, certainty, as });
  }

  #fold(node: AnyNode | undefined): string[] {
    return node ? fold(node, this.#constants) : [];
  }

  #visit(node: AnyNode): void {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
        if (typeof node.source?.value === 'string') this.#add(node.source.value, 'import', 'import');
        break;
      case 'ImportExpression':
        this.#import(node.source);
        break;
      case 'Literal':
        if (typeof node.value === 'string') this.#string(node.value);
        break;
      case 'TemplateElement':
        this.#string(node.value.cooked ?? node.value.raw);
        break;
      case 'TemplateLiteral':
      case 'BinaryExpression':
        this.#composite(node);
        break;
      case 'AssignmentExpression':
        if (isCallOf(node.left, 'p')) this.#chunks.publicPaths(this.#fold(node.right));
        // `script.src = …`, or a frame's, or a picture's: only the answer tells.
        else if (isCallOf(node.left, 'src')) this.#fetched(node.right);
        break;
      case 'IfStatement':
      case 'ConditionalExpression':
        for (const branch of [node.consequent, node.alternate]) this.#environments.underCondition(branch);
        break;
      case 'LogicalExpression':
        this.#environments.underCondition(node.right);
        break;
      case 'SwitchCase':
        for (const statement of node.consequent) this.#environments.underCondition(statement);
        break;
      case 'ArrayExpression':
        this.#characterCodes(node);
        break;
      case 'ObjectExpression':
        this.#object(node);
        break;
      case 'NewExpression':
        this.#construction(node);
        break;
      case 'CallExpression':
        this.#call(node);
        break;
      default:
    }
    if (this.#done.has(node)) return;
    const table = chunkTable(node, this.#constants);
    if (!table) return;
    this.#chunks.table(table);
    if (node.type === 'AssignmentExpression') this.#done.add(node.right);
  }

  #import(source: AnyNode): void {
    const targets = this.#fold(source);
    if (targets.length === 0) this.#unresolved += 1;
    for (const target of targets) this.#add(target, 'dynamic-import', 'import', 'script', certaintyOf(target, source));
  }

  /** A string of the script: paths in it, and, in a bundler's own scripts, chunks. */
  #string(value: string): void {
    if (value.length < 4) return;
    if (TELLING.test(value) && isAddress(value) && this.#telling < MAX_TELLING) {
      this.#telling += 1;
      this.#add(value, 'data', 'document', 'any');
    }
    for (const { path } of scriptPaths(value, { html: this.#serviceWorker })) {
      if (this.#turbopack && /^static\//.test(path)) this.#add(path, 'turbopack', 'search');
      else this.#add(path, 'guess', 'search', /\.html?(?:\?|$)/.test(path) ? 'html' : 'script');
    }
  }

  #composite(node: AnyNode): void {
    if (this.#done.has(node)) return;
    for (let at = node; at.type === 'BinaryExpression'; at = at.left) this.#done.add(at);
    for (const text of this.#fold(node)) this.#text(text);
  }

  #text(text: string): void {
    this.#texts.add(text);
    if (SCRIPT_END.test(text)) this.#string(text);
  }

  /** A list of numbers that are all ASCII is text to somebody. */
  #characterCodes({ elements }: Extract<AnyNode, { type: 'ArrayExpression' }>): void {
    if (elements.length < 5 || elements.length > 4096) return;
    const codes = elements.map((each) => (each?.type === 'Literal' ? Number(each.value) : 0));
    if (codes.every((code) => code > 31 && code < 127)) this.#texts.add(String.fromCharCode(...codes));
  }

  /** Workbox and its kind: `{url: "assets/x.js", revision: null}`; and the settings of `initializePaddle`. */
  #object(node: Extract<AnyNode, { type: 'ObjectExpression' }>): void {
    const entry = new Map(
      node.properties.flatMap((each) => (each.type === 'Property' ? [[keyOf(each), each.value] as const] : [])),
    );
    if (entry.has('token') && entry.has('environment')) this.#environments.told(entry.get('environment'), node);
    if (!entry.has('revision')) return;
    for (const url of this.#fold(entry.get('url'))) {
      if (SCRIPT_END.test(url)) this.#add(url, 'precache', 'script');
      else if (/\.html?$|\/$/.test(url)) this.#add(url, 'precache', 'script', 'html');
    }
  }

  #construction(node: NewExpression): void {
    const { callee, arguments: args } = node;
    const name = callee.type === 'Identifier' ? callee.name : callee.type === 'MemberExpression' ? keyOf(callee) : '';
    if (name === 'Worker' || name === 'SharedWorker') this.#loads(args[0], 'worker');
    else if (name === 'EventSource' || name === 'Request') this.#fetched(args[0]);
    else if (name === 'URL') for (const path of this.#fold(args[0])) this.#string(path);
    else if (name === 'Function') for (const code of this.#fold(args.at(-1))) this.#inner(code);
  }

  /** The argument of something that loads a script: a text, or `new URL(text, import.meta.url)`. */
  #loads(argument: AnyNode | undefined, via: Via): void {
    if (argument?.type === 'NewExpression' && argument.arguments.length > 1) {
      const [first] = argument.arguments;
      for (const path of this.#fold(first)) this.#add(path, via, 'script', 'script', certaintyOf(path, first));
      return;
    }
    const base = via === 'import-scripts' ? 'script' : 'document';
    for (const path of this.#fold(argument)) this.#add(path, via, base, 'script', certaintyOf(path, argument));
  }

  #call(node: CallExpression): void {
    const { callee, arguments: args } = node;
    if (callee.type === 'Identifier') {
      if (FETCHES.test(callee.name)) this.#fetched(args[0], callee.name);
      else if (hasOptionsOfFetch(args)) this.#fetched(args[0]);
      if (callee.name === 'importScripts') for (const each of args) this.#loads(each, 'import-scripts');
      else if (callee.name === 'eval') for (const code of this.#fold(args[0])) this.#inner(code);
      else for (const text of this.#fold(node)) this.#text(text);
      return;
    }
    if (callee.type !== 'MemberExpression') return;
    const method = keyOf(callee);
    if (method === 'set' && isCallOf(callee.object as AnyNode, 'Environment')) this.#environments.told(args[0], node);
    else if (method === 'setAttribute' && this.#fold(args[0])[0] === 'src') this.#fetched(args[1]);
    else if (method && FETCHES.test(method)) this.#fetched(args[method === 'open' ? 1 : 0], method);
    else if (hasOptionsOfFetch(args)) this.#fetched(args[0]);
    if (method === 'importScripts') for (const each of args) this.#loads(each, 'import-scripts');
    else if (method === 'register' && isCallOf(callee.object as AnyNode, 'serviceWorker')) {
      this.#loads(args[0], 'service-worker');
    } else if ((method === 'e' || method === 'u') && this.#chunks.isWebpack) this.#chunks.asked(node);
    else for (const text of this.#fold(node)) this.#text(text);
  }

  /** An address that the script asks for at some time: tried, if it can be told. */
  #fetched(argument: AnyNode | undefined, by = ''): void {
    for (const address of this.#fold(argument)) {
      // `headers.get("Location")`: a single word is an address only to what does nothing but fetch.
      if (isAddress(address, true) && (/[/.?]/.test(address) || /fetch/i.test(by)))
        this.#add(address, 'data', 'document', 'any');
    }
  }

  /** Code in a string: webpack's `eval` builds. */
  #inner(code: string): void {
    if (this.#nested >= MAX_NESTED || code.length < 8 || code.length > this.#code.length) return;
    const facts = readScript(code, { serviceWorker: this.#serviceWorker }, this.#nested + 1);
    for (const each of facts.references) this.#add(each.target, each.via, each.base, each.as);
    for (const text of facts.texts) this.#texts.add(text);
    this.#chunks.add(facts);
    this.#environments.add(facts);
  }
}
