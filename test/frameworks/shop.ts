/** One shop, installed and built by its framework's real tools in `.local/frameworks`, with a token of its own in every place. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { folders, serve } from '../fakes/site-server.ts';
import { tokenFor } from '../sites/site-builds.ts';
import type { Framework } from './recipes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** An installation or a build that takes longer hangs. */
const MOST_MS = 15 * 60_000;

export interface Shop {
  readonly origin: string;
  readonly host: string;
  /** Place -> the token that sits there. */
  readonly tokens: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

function environment(folder: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const quiet = { CI: '1', NODE_ENV: 'production', ASTRO_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' };
  const bin = path.join(folder, 'node_modules/.bin');
  return {
    ...quiet,
    NG_CLI_ANALYTICS: 'false',
    NG_PERSISTENT_BUILD_CACHE: '0',
    HOME: process.env.HOME,
    PATH: `${bin}:${process.env.PATH}`,
    ...more,
  };
}

async function run(command: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  // A group of its own: what a tool leaves running behind it, a daemon of a compiler, ends with it.
  const child = spawn('sh', ['-c', command], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  }
  const endAll = () => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  };
  // Ctrl-C does not reach another group.
  const endHere = () => process.exit(1);
  const undo = () => {
    process.off('exit', endAll).off('SIGINT', endHere).off('SIGTERM', endHere);
  };
  process.once('exit', endAll).once('SIGINT', endHere).once('SIGTERM', endHere);
  let isLate = false;
  const patience = setTimeout(() => {
    isLate = true;
    endAll();
  }, MOST_MS);
  // Not `close`: that would wait for whoever inherited the pipes, too.
  const [code] = await once(child, 'exit');
  clearTimeout(patience);
  undo();
  endAll();
  const how = isLate ? `did not end within ${MOST_MS / 60_000} minutes` : `ended with ${code}`;
  if (code !== 0) throw new Error(`${folder}: ${command} ${how}:\n${printed.slice(-4000)}`);
}

/** Copies the sources, a token in every place, beside what is installed already. */
async function lay(name: string, folder: string, isBuilt: boolean): Promise<Record<string, string>> {
  const source = path.join(ROOT, 'test/resources/frameworks', name);
  const tokens: Record<string, string> = {};
  for (const entry of isBuilt ? [] : await readdir(folder)) {
    if (entry !== 'node_modules' && entry !== 'package-lock.json')
      await rm(path.join(folder, entry), { recursive: true });
  }
  if (!isBuilt) await cp(source, folder, { recursive: true });
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = (await readFile(file, 'utf8')).replace(/%TOKEN_([a-z0-9-]+)%/g, (_all, place) => {
      tokens[place] ??= tokenFor(`${name} ${place}`);
      return tokens[place];
    });
    if (!isBuilt) await writeFile(path.join(folder, path.relative(source, file)), text);
  }
  return tokens;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param isBuilt it is served as it was built before */
export async function openShop(framework: Framework, isBuilt = false): Promise<Shop> {
  const folder = path.join(ROOT, '.local/frameworks', framework.name);
  await mkdir(folder, { recursive: true });
  const tokens = await lay(framework.name, folder, isBuilt);
  const started: Record<string, string> = {};
  for (const [place, variable] of Object.entries(framework.env ?? {})) {
    tokens[place] = tokenFor(`${framework.name} ${place}`);
    started[variable] = tokens[place];
  }
  // npm writes it last: what was interrupted is installed again.
  if (!existsSync(path.join(folder, 'node_modules/.package-lock.json'))) {
    // With the surroundings' proxy and certificates, which a build needs not.
    const env = { ...process.env, ...environment(folder) };
    await run('npm install --legacy-peer-deps --no-audit --no-fund --include=dev', folder, env);
  }
  if (!isBuilt) await run(framework.build, folder, environment(folder));
  if ('folder' in framework.serve) {
    const server = await serve(folders([path.join(folder, framework.serve.folder)]));
    return { ...server, tokens };
  }
  const port = await freePort();
  const env = environment(folder, { ...started, PORT: String(port), HOST: '127.0.0.1' });
  const child = spawn('sh', ['-c', `exec ${framework.serve.command}`], { cwd: folder, env, stdio: 'inherit' });
  const origin = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (
      await fetch(origin).then(
        ({ body }) => body?.cancel().then(() => true),
        () => false,
      )
    )
      break;
    if (child.exitCode !== null || tries > 300) throw new Error(`${framework.name} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    ...{ origin, host: `127.0.0.1:${port}`, tokens },
    close: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'close');
    },
  };
}
