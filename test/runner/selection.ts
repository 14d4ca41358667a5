/** What the arguments of `npm test` ask for. */
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from './paths.ts';

/** Suites to run, by path, and tests of them, by name. */
export interface Filter {
  readonly files: readonly string[];
  /** A regular expression. */
  readonly name?: string;
}

/** Jest's projects (`jest.config.ts`). */
export const PROJECTS = ['unit', 'pages', 'e2e'] as const;
export type Project = (typeof PROJECTS)[number];

export type Choice =
  | { readonly unknown: string }
  | { readonly checks: boolean; readonly projects: ReadonlySet<Project>; readonly filter?: Filter };

export async function choose(args: readonly string[]): Promise<Choice> {
  const [first] = args;
  if (first === undefined) return { checks: true, projects: new Set(PROJECTS) };
  const named = args.filter((arg): arg is Project => (PROJECTS as readonly string[]).includes(arg));
  if (named.length === args.length) return { checks: named.includes('unit'), projects: new Set(named) };
  const option = args.find((each) => each.startsWith('-'));
  if (option) return { unknown: `npm test knows no option "${option}"` };
  const suites = await Array.fromAsync(glob('test/**/*.test.ts', { cwd: ROOT }));
  const byPath = suites.filter((suite) => args.some((part) => suite.includes(path.normalize(part))));
  if (byPath.length > 0) return only(byPath);
  const name = args.join(' ');
  const texts = await Promise.all(suites.map((suite) => readFile(path.join(ROOT, suite), 'utf8')));
  const byName = suites.filter((_, index) => texts[index]?.toLowerCase().includes(name.toLowerCase()));
  if (byName.length === 0) return { unknown: `no suite's path and no test's name contains "${name}"` };
  return only(byName, name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

function only(files: readonly string[], name?: string): Choice {
  return { checks: false, projects: new Set(files.map(projectOf)), filter: { files, name } };
}

const projectOf = (file: string): Project => {
  const [, folder = ''] = file.split(path.sep);
  if (folder === 'e2e') return 'e2e';
  return folder === 'sites' || folder === 'browser' ? 'pages' : 'unit';
};
