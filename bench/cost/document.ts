/** Tables that the bench writes into docs/cost.md, each between two comments. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../infra/root.ts';

const DOCUMENT = path.join(ROOT, 'docs', 'cost.md');
const blockOf = (name: string) => new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);

/** @returns the block with its comments; nothing where it is missing */
export const writtenBlock = (name: string): string => blockOf(name).exec(readFileSync(DOCUMENT, 'utf8'))?.[0] ?? '';

/** @throws Error when the document has no such block */
export function writeBlock(name: string, text: string): void {
  const before = readFileSync(DOCUMENT, 'utf8');
  if (!blockOf(name).test(before)) throw new Error(`docs/cost.md has no block <!-- ${name} -->`);
  writeFileSync(
    DOCUMENT,
    before.replace(blockOf(name), (_, open, close) => `${open}\n${text}\n${close}`),
  );
}
