/**
 * Builds the sites under `test/resources/sites` with real build tools, each in a process of its own and in a folder of
 * its own. One build holds a different token in every place, so that one build answers for all of them.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLimiter } from '../../lambdas/evidence/sites/limiter.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SOURCES = path.join(ROOT, 'test/resources/sites');

export interface Build {
  readonly name: string;
  /** The folder to serve. */
  readonly folder: string;
  /** Path of the page to scan. */
  readonly page: string;
  /** Place -> the token that sits there. */
  readonly tokens: Readonly<Record<string, string>>;
}

export interface Recipe {
  readonly name: string;
  readonly source: 'plain' | 'bundled' | 'next';
  /** First argument of `build-site.ts`; none for a site that needs no build. */
  readonly tool?: 'vite' | 'webpack' | 'rollup' | 'next';
  /** Where the site is mounted: `/` or `/shop/`. */
  readonly base?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export const RECIPES: readonly Recipe[] = [
  { name: 'plain HTML', source: 'plain', base: '/shop/' },
  { name: 'Vite', source: 'bundled', tool: 'vite' },
  { name: 'Vite, base /shop/', source: 'bundled', tool: 'vite', base: '/shop/' },
  { name: 'Vite, relative base', source: 'bundled', tool: 'vite', settings: { base: './' } },
  { name: 'Vite, one module per chunk', source: 'bundled', tool: 'vite', settings: { many: '100' } },
  { name: 'webpack, hashed names', source: 'bundled', tool: 'webpack', settings: { names: 'hashed' } },
  { name: 'webpack, ids', source: 'bundled', tool: 'webpack', base: '/shop/', settings: { names: 'ids' } },
  { name: 'webpack, auto public path', source: 'bundled', tool: 'webpack', settings: { names: 'auto' } },
  { name: 'webpack, a hundred chunks', source: 'bundled', tool: 'webpack', settings: { names: 'hashed', many: '100' } },
  { name: 'webpack, eval (development)', source: 'bundled', tool: 'webpack', settings: { names: 'eval' } },
  { name: 'Rollup', source: 'bundled', tool: 'rollup' },
  { name: 'Rollup, SystemJS', source: 'bundled', tool: 'rollup', settings: { format: 'system' } },
];
export const NEXT_RECIPE: Recipe = { name: 'Next.js static export', source: 'next', tool: 'next' };

/** A token in Paddle's format that is the same for the same seed in every run. */
export function tokenFor(seed: string): string {
  let state = 2166136261;
  let body = '';
  for (let i = 0; body.length < 27; i += 1) {
    for (const character of `${seed}#${i}`) state = Math.imul(state ^ character.charCodeAt(0), 16777619);
    body += ((state ^ (state >>> 13)) >>> 0).toString(16).padStart(8, '0');
  }
  return `test_${body.slice(0, 27)}`;
}

const spelled: Record<string, (token: string) => string> = {
  TOKEN: (token) => token,
  ENTITIES: (token) => [...token].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join(''),
  HEX: (token) => [...token].map((c) => `\\x${c.charCodeAt(0).toString(16)}`).join(''),
  UNICODE: (token) => [...token].map((c) => `\\u{${c.charCodeAt(0).toString(16)}}`).join(''),
  PERCENT: (token) => [...token].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
  SPLIT: (token) => `${token.slice(0, 5)}' + "${token.slice(5, 12)}" + '${token.slice(12)}`,
  CODES: (token) => JSON.stringify([...token].map((c) => c.charCodeAt(0))),
  HEAD: (token) => token.slice(5, 14),
  MIDDLE: (token) => token.slice(14, 23),
  TAIL: (token) => token.slice(23),
  BASE64: (token) => Buffer.from(`token=${token};`).toString('base64'),
};

/** Builds that run at once: each takes a processor. */
const limited = createLimiter(2);
const builds = new Map<string, Promise<Build>>();

/**
 * Once for all who ask for the same, who leave it as it is.
 * @param generation another one gets other tokens: the next deployment of the same site
 */
export function buildSite(recipe: Recipe, generation = 'one'): Promise<Build> {
  const key = `${recipe.name} ${generation}`;
  const begun = builds.get(key) ?? limited(() => build(recipe, generation));
  builds.set(key, begun);
  // Whoever asks is told.
  begun.catch(() => {});
  return begun;
}

/** For whoever changes it. */
export async function copyOfBuild(original: Build): Promise<Build> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'paddlewheel-site-')), 'served');
  await cp(original.folder, folder, { recursive: true });
  copies.push(folder);
  return { ...original, folder };
}
const copies: string[] = [];

export async function removeBuilds(): Promise<void> {
  const done = await Promise.allSettled(builds.values());
  const folders = done.flatMap((each) => (each.status === 'fulfilled' ? [each.value.folder] : []));
  await Promise.all([...folders, ...copies].map((each) => rm(path.dirname(each), { recursive: true, force: true })));
}

async function build(recipe: Recipe, generation: string): Promise<Build> {
  const work = await mkdtemp(path.join(tmpdir(), 'paddlewheel-site-'));
  const tokens: Record<string, string> = {};
  const base = recipe.base ?? '/';
  const source = path.join(work, 'source');
  await cp(path.join(SOURCES, recipe.source), source, { recursive: true });
  const fill = (text: string) =>
    text.replaceAll('%BASE%', base).replace(/%([A-Z0-9]+)_([a-z0-9-]+)%/g, (all, spelling, place) => {
      const spell = spelled[spelling];
      if (!spell) return all;
      tokens[place] = tokenFor(`${recipe.name} ${place} ${generation}`);
      return spell(tokens[place]);
    });
  if (recipe.settings?.many) await addModules(source, Number(recipe.settings.many));
  for (const file of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const name = path.join(file.parentPath, file.name);
    await writeFile(name, fill(await readFile(name, 'utf8')));
  }
  const folder = path.join(work, 'served');
  const output = path.join(folder, base);
  await mkdir(output, { recursive: true });
  if (recipe.tool) await runTool(recipe, source, output, base);
  else await cp(source, output, { recursive: true });
  return { name: recipe.name, folder, page: base, tokens };
}

/** So many lazily loaded modules more; the token sits in the last of them. */
async function addModules(source: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `./many/part-${i}.js`);
  await mkdir(path.join(source, 'src/many'));
  for (const [i, name] of names.entries()) {
    const text = i === count - 1 ? '%TOKEN_last-of-many%' : `part ${i}`;
    await writeFile(path.join(source, 'src', name), `export const part = (x) => \`\${x.id} ${text}\`;\n`);
  }
  const table = names.map((name, i) => `p${i}: () => import('${name}'),`).join('\n');
  const main = path.join(source, 'src/main.js');
  await writeFile(main, `${await readFile(main, 'utf8')}\nwindow.parts = {\n${table}\n};\n`);
}

async function runTool(recipe: Recipe, source: string, output: string, base: string): Promise<void> {
  if (recipe.tool === 'next') await symlink(path.join(ROOT, 'node_modules'), path.join(source, 'node_modules'));
  const script = path.join(import.meta.dirname, 'build-site.ts');
  const settings = JSON.stringify({ ...recipe.settings, tool: recipe.tool, base: recipe.settings?.base ?? base });
  const child = spawn(process.execPath, [script, source, output, settings], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Jest's own settings are not for the tools.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: '1', CI: '1' },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${recipe.name} did not build:\n${printed.slice(-4000)}`);
}
