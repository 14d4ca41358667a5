/** What README and docs show as code, and where they point. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../infra/root.ts';

export interface Snippet {
  /** `docs/install.md:16` */
  readonly at: string;
  readonly language: string;
  readonly text: string;
}

export interface Link {
  readonly at: string;
  /** As written: a path beside the document, an anchor, or both. Addresses of the web are left out. */
  readonly target: string;
}

const below = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);

export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...below('docs'),
  ...below('docs/decisions'),
];

export const read = (document: string): string => readFileSync(path.join(ROOT, document), 'utf8');

const FENCE = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

export const snippetsOf = (document: string): Snippet[] => {
  const text = read(document);
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = '', 2: language = '', 3: inside = '' }) => ({
    at: `${document}:${lineOf(text, index)}`,
    language,
    text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
};

export const linksOf = (document: string): Link[] => {
  const text = read(document).replaceAll(FENCE, (whole) => '\n'.repeat(whole.split('\n').length - 1));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(({ index, 1: target = '' }) => ({ at: `${document}:${lineOf(text, index)}`, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
};

/** As GitHub makes them of headings. */
export const anchorsOf = (document: string): string[] =>
  [...read(document).matchAll(/^#+ (.+)$/gm)].map(({ 1: heading = '' }) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** `paddlewheel rotate x --emergency` and the like, in shell lines and in running text. */
export const commandsOf = (document: string): string[] =>
  [...read(document).matchAll(/npx paddlewheel ((?:[^\n`#]|\\\n)+)/g)].map(({ 1: words = '' }) => words.trim());
