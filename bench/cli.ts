/** How long the command line takes to answer, against Node itself. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ROOT } from '../infra/root.ts';
import { median, type Part, scratchFolder } from './report.ts';

const RUNS = 9;

/** As the package holds it: bundled in pieces, so that a command loads what it needs. */
async function packed(outdir: string): Promise<string> {
  await build({
    entryPoints: [path.join(ROOT, 'cli/paddlewheel.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node22', logLevel: 'silent' },
    mainFields: ['module', 'main'],
    external: ['playwright-core', '@sparticuz/chromium', 'aws-cdk-lib', 'constructs', 'esbuild'],
    banner: { js: "import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);" },
  });
  return path.join(outdir, 'paddlewheel.mjs');
}

export const cli: Part = {
  name: 'cli',
  about: 'the command line, --help and status, against node -e 0',
  async run() {
    const folder = scratchFolder('cli');
    // Answers `status` at once, so that the network is left out.
    const server = createServer((request, response) => {
      request.resume();
      request.once('end', () =>
        response.end(JSON.stringify({ outcome: 'status', integration: 'shop', message: 'ok' })),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const env = {
      ...{ PATH: process.env.PATH, HOME: tmpdir(), AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a' },
      ...{ AWS_SECRET_ACCESS_KEY: 'b', AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    };
    const timed = async (args: readonly string[]): Promise<number> => {
      const begun = performance.now();
      await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 });
      return performance.now() - begun;
    };
    try {
      const entry = await packed(folder);
      const boot = `require('node:module').enableCompileCache?.(${JSON.stringify(path.join(folder, 'cache'))})`;
      const command = (...args: string[]) => [
        ...[
          '-e',
          `${boot};process.argv=[process.argv[0],${JSON.stringify([entry, ...args]).slice(1, -1)}];import(${JSON.stringify(entry)})`,
        ],
      ];
      const subjects = { bare: ['-e', '0'], help: command('--help'), status: command('status', 'shop') };
      const took: Record<string, number[]> = { bare: [], help: [], status: [] };
      for (let run = 0; run <= RUNS; run += 1)
        for (const [name, args] of Object.entries(subjects)) {
          const ms = await timed(args);
          if (run > 0) took[name]?.push(ms);
        }
      const floor = median(took.bare ?? []);
      const note = 'modules that Node reads and compiles before the first line is printed';
      return [
        { name: '--help', value: median(took.help ?? []) / floor, unit: 'x node', target: 4, note },
        {
          name: 'status, from a server at hand',
          value: median(took.status ?? []) / floor,
          unit: 'x node',
          target: 8,
          note,
        },
        { name: 'node -e 0', value: floor, unit: 'ms' },
      ];
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
