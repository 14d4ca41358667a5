/** What a stranger has: a folder, a package manager, a Node of some version, and the package as `npm pack` makes it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { LOCAL, PROJECT } from '../../local/python.ts';

export type Manager = 'npm' | 'pnpm';
export type NodeMajor = '20' | '22' | '24';

const PATIENCE_MS = 9 * 60_000;
const LAST_LINES = 40;

export interface Ran {
  readonly out: string;
  readonly err: string;
}

/** @throws Error with the last lines of both streams, when it ends badly or not at all */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ran> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS });
  const said: Record<'out' | 'err', string[]> = { out: [], err: [] };
  createInterface({ input: child.stdout }).on('line', (line) => said.out.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => said.err.push(line));
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  const last = [...said.out.slice(-LAST_LINES), ...said.err.slice(-LAST_LINES)].join('\n');
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${last}`);
  return { out: said.out.join('\n'), err: said.err.join('\n') };
}

/** Builds and packs. @returns the tarball */
export async function pack(into: string): Promise<string> {
  mkdirSync(into, { recursive: true });
  await run('npm', ['pack', '--pack-destination', into], { cwd: PROJECT, env: process.env });
  const [tarball] = readdirSync(into).filter((file) => file.endsWith('.tgz'));
  if (!tarball) throw new Error('npm pack left no tarball');
  return path.join(into, tarball);
}

/** The environment without what npm tells the scripts of this project. */
export const outside = (base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(base).filter(([name]) => !/^(npm_|INIT_CWD|NODE_OPTIONS|NODE_PATH)/i.test(name)));

/** A folder with `node` of that version, from the package `node`, installed once. */
export async function nodeOf(major: NodeMajor): Promise<string> {
  const folder = path.join(LOCAL, 'nodes', major);
  const bin = path.join(folder, 'node_modules', 'node', 'bin');
  if (!existsSync(path.join(bin, 'node'))) {
    await mkdir(folder, { recursive: true });
    const wanted = { '20': '>=20.19 <21', '22': '22', '24': '24' }[major];
    // Its script fetches the binary of this platform.
    await writeFile(path.join(folder, 'package.json'), '{"private":true,"allowScripts":{"node":true}}');
    await run('npm', ['install', '--no-save', `node@${wanted}`], { cwd: folder, env: outside() });
  }
  return bin;
}

/** pnpm, installed once. @returns its entry, to be run by any Node */
export async function pnpm(): Promise<string> {
  const folder = path.join(LOCAL, 'nodes', 'pnpm');
  const entry = path.join(folder, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
  if (!existsSync(entry)) {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{"private":true}');
    await run('npm', ['install', '--no-save', 'pnpm@10'], { cwd: folder, env: outside() });
  }
  return entry;
}
