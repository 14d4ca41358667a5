/** The types of the package's entries: emitted by tsc, of which only the files are kept that an entry reaches. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../infra/root.ts';

const ENTRY = 'infra/index.d.ts';
/** For pages; it imports nothing. */
export const BEACON = 'beacon/index.d.ts';
const PATIENCE_MS = 180_000;
const RELATIVE = /(from |import\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/** Path below the folder of types -> text, the construct's entry first, as consumers may import it: with `.js`. */
export async function declarations(): Promise<ReadonlyMap<string, string>> {
  const out = mkdtempSync(path.join(tmpdir(), 'paddlewheel-types-'));
  try {
    const tsc = path.join(
      path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin',
      'tsc',
    );
    const project = path.join(ROOT, 'packaging', 'tsconfig.json');
    const options = ['--project', project, '--outDir', out, '--checkers', '1'];
    await promisify(execFile)(process.execPath, [tsc, ...options], { timeout: PATIENCE_MS });
    const found = new Map<string, string>();
    const add = (file: string): void => {
      if (found.has(file)) return;
      const text = readFileSync(path.join(out, file), 'utf8');
      found.set(file, text.replace(RELATIVE, '$1$2$3.js$2'));
      for (const [, , , module] of text.matchAll(RELATIVE))
        add(path.posix.join(path.posix.dirname(file), `${module}.d.ts`));
    };
    add(ENTRY);
    add(BEACON);
    return found;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** All that may be relied on, as one text: what is compared with the last release. */
export const surface = (files: ReadonlyMap<string, string>): string =>
  [...files].map(([file, text]) => `// ${file}\n${text.trimEnd()}\n`).join('\n');

if (import.meta.main) process.stdout.write(surface(await declarations()));
