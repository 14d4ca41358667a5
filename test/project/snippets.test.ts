/** What README and docs show compiles, is understood by the shell and by the command line, and leads somewhere. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { run } from '../../cli/program.ts';
import { ROOT } from '../../infra/root.ts';
import { anchorsOf, commandsOf, DOCUMENTS, linksOf, type Snippet, snippetsOf } from './snippets.ts';

const snippets = DOCUMENTS.flatMap(snippetsOf);
const of = (language: string) => snippets.filter((snippet) => snippet.language === language);

/** A piece of a configuration is one when it begins with a setting. What it leaves out, it may. */
const asProgram = ({ text, at }: Snippet): string => {
  if (/^(import|export) /m.test(text) && text.includes('import ')) return text;
  if (text.startsWith('export default defineConfig(')) return `import { defineConfig } from 'paddlewheel';\n${text}`;
  return `// ${at}
import type { AccountInput, ConfigInput, IntegrationInput } from 'paddlewheel';
type Piece<T> = T extends string | number | boolean ? T : { [K in keyof T]?: Piece<T[K]> };
export const piece: Piece<ConfigInput> & Piece<IntegrationInput> & Piece<AccountInput> = {
${text.trimEnd().replace(/,?$/, ',')}
};`;
};

const CONFIGURATION = `import { defineConfig } from 'paddlewheel';
export default defineConfig({ accounts: {}, integrations: [] });`;

test('every piece of TypeScript compiles against the package', async () => {
  const folder = path.join(ROOT, '.local', 'snippets');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'paddlewheel.config.ts'), CONFIGURATION);
  const pieces = of('ts');
  for (const [number, snippet] of pieces.entries())
    writeFileSync(path.join(folder, `${number}.ts`), `${asProgram(snippet)}\n`);
  const compilerOptions = {
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    types: ['node'],
    paths: {
      paddlewheel: [path.join(ROOT, 'infra', 'index.ts')],
      // As `packaging/tsconfig.json` has it.
      'aws-cdk-lib': [path.join(ROOT, 'node_modules', 'aws-cdk-lib', 'core', 'index.d.ts')],
    },
  };
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: path.join(ROOT, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }),
  );
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const compiled = await promisify(execFile)(process.execPath, [tsc, '--project', folder, '--checkers', '1'], {
    timeout: 150_000,
  }).then(
    () => '',
    ({ stdout, message }: { stdout?: string; message: string }) => stdout || message,
  );
  expect(compiled.replaceAll(/^.*?(\d+)\.ts\(/gm, (_, number) => `${pieces[Number(number)]?.at} (`)).toBe('');
  expect(pieces.length).toBeGreaterThan(10);
});

test.each(of('json'))('$at is JSON', ({ text }) => {
  expect(() => JSON.parse(text.replaceAll('…', ''))).not.toThrow();
});

test('every piece of shell is understood by the shell', async () => {
  for (const { at, text } of of('sh')) {
    // A placeholder, as in `status <integration>`, would be a redirection.
    const words = text.replaceAll(/<[\w /-]+>/g, 'X');
    const child = promisify(execFile)('bash', ['-n', '-c', words]).catch(({ message }: Error) => `${at}: ${message}`);
    expect(await child).toMatchObject({ stderr: '' });
  }
  expect(of('sh').length).toBeGreaterThan(15);
});

/** @returns what `--help` of a command prints; of an unknown command, nothing */
async function helpOf(command: string): Promise<string> {
  let printed = '';
  const io = { out: (text: string) => (printed += text), err: () => true };
  const code = await run([command, '--help'], { io, aws: {} } as unknown as Parameters<typeof run>[1]);
  return code === 0 ? printed : '';
}

test('every command and option of the command line that is written somewhere exists', async () => {
  const wrong: string[] = [];
  const commands = DOCUMENTS.flatMap(commandsOf);
  for (const words of commands) {
    const [own = ''] = words.replaceAll('\\\n', ' ').split(/ -- | \| | && |; |\)/);
    const [command = ''] = own.replace(/^(--prefix \S+ |… ?)/, '').split(' ');
    if (!/^[a-z-]+$/.test(command) || command.startsWith('--')) continue;
    const help = await helpOf(command);
    const options = [...own.matchAll(/(?<= )--[a-z-]+/g)].map(([option]) => option);
    for (const option of ['', ...options])
      if (!help.includes(option) || !help) wrong.push(`npx paddlewheel ${own} ${option}`);
  }
  expect(wrong).toEqual([]);
  expect(commands.length).toBeGreaterThan(30);
});

test('every link leads to a file that is there, and to a heading in it', () => {
  const links = DOCUMENTS.flatMap((document) => linksOf(document).map((link) => ({ ...link, document })));
  const dead = links.filter(({ document, target }) => {
    const [file = '', anchor] = target.split('#');
    const found = file === '' ? document : path.posix.normalize(path.posix.join(path.posix.dirname(document), file));
    if (!existsSync(path.join(ROOT, found))) return true;
    return anchor !== undefined && found.endsWith('.md') && !anchorsOf(found).includes(anchor);
  });
  expect(dead.map(({ at, target }) => `${at} ${target}`)).toEqual([]);
  expect(links.length).toBeGreaterThan(50);
});
