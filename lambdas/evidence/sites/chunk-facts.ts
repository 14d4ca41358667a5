/** What a script says of chunks: their table, their place, and which of them are asked for. */
import type { AnyNode, CallExpression } from 'acorn';
import type { ChunkTable } from './chunk-table.ts';
import type { ScriptFacts } from './script-facts.ts';
import { isCallOf } from './syntax.ts';

const WEBPACK = /webpackChunk|webpackJsonp|__webpack_|rspackChunk/;

export class ChunkFacts {
  readonly isWebpack: boolean;
  readonly #tables: ChunkTable[] = [];
  readonly #ids = new Set<string>();
  readonly #publicPaths = new Set<string>();

  constructor(code: string) {
    this.isWebpack = WEBPACK.test(code);
  }

  table(table: ChunkTable): void {
    this.#tables.push(table);
  }

  publicPaths(paths: readonly string[]): void {
    for (const path of paths) this.#publicPaths.add(path);
  }

  /** `r.e(7)` or `r.u(7)` */
  asked({ arguments: [id] }: CallExpression): void {
    if (id?.type === 'Literal') this.#ids.add(String(id.value));
  }

  /** The runtime, which has the table, asks for chunks too, and need not carry a mark that names webpack. */
  askedByRuntime(nodes: readonly AnyNode[]): void {
    if (!this.#tables.some(({ kind }) => kind === 'exact')) return;
    for (const node of nodes) {
      if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') continue;
      if (isCallOf(node.callee, 'e') || isCallOf(node.callee, 'u')) this.asked(node);
    }
  }

  /** What a script inside this one says; its public path is its own. */
  add({ chunkIds, tables }: Pick<ScriptFacts, 'chunkIds' | 'tables'>): void {
    for (const id of chunkIds) this.#ids.add(id);
    this.#tables.push(...tables);
  }

  facts(): Pick<ScriptFacts, 'tables' | 'chunkIds' | 'publicPaths'> {
    return { tables: this.#tables, chunkIds: [...this.#ids], publicPaths: [...this.#publicPaths] };
  }
}
