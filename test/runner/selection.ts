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

export type Choice =
  | { readonly unknown: string }
  | { readonly checks: boolean; readonly unit: boolean; readonly e2e: boolean; readonly filter?: Filter };

export async function choose(args: readonly string[]): Promise<Choice> {
  const [first] = args;
  if (first === undefined) return { checks: true, unit: true, e2e: true };
  if (args.length === 1 && first === 'unit') return { checks: true, unit: true, e2e: false };
  if (args.length === 1 && first === 'e2e') return { checks: false, unit: false, e2e: true };
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
  const isE2e = (file: string) => file.startsWith(path.join('test', 'e2e'));
  return {
    checks: false,
    unit: files.some((file) => !isE2e(file)),
    e2e: files.some(isE2e),
    filter: { files, name },
  };
}
