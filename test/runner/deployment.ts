/** The shared deployment of the end-to-end tests, begun while other tests run: most of it is waiting. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bundleHandlers } from '../../infra/bundle.ts';
import { bundleBrowser } from '../../infra/bundling/browser-bundle.ts';
import { COMPILE_CACHE } from '../../local/deploy.ts';
import { ROOT } from './paths.ts';
import { line, type Tally } from './processes.ts';

export interface StartedDeployment {
  /** Where it tells its coordinates, once it is there. */
  readonly address: string;
  /** Stops it once. @returns whether all that the functions sent, heard and logged was as AWS has it: one test */
  stop(): Promise<Tally>;
}

/** The functions, bundled once for all deployments of the run. @returns what their `cdk deploy` finds them by */
export async function bundleOnce(folder: string): Promise<Readonly<Record<string, string>>> {
  await Promise.all([bundleHandlers({ outdir: folder }), bundleBrowser(folder)]);
  return { PADDLEWHEEL_BUNDLED: folder, NODE_COMPILE_CACHE: COMPILE_CACHE };
}

/** Ends with this process, however that ends. */
export async function beginDeployment(more: Readonly<Record<string, string>>): Promise<StartedDeployment> {
  const file = path.join(ROOT, 'test', 'e2e', 'world', 'serve.ts');
  const env = { ...process.env, ...more };
  const child = spawn(process.execPath, [file, '--now'], { cwd: ROOT, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [address] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (typeof address !== 'string') throw new Error(`the process of the shared deployment ended with ${address}`);
  let stopping: Promise<Tally> | undefined;
  const stop = async (): Promise<Tally> => {
    const begun = Date.now();
    child.stdin.end();
    const [code] = await ended;
    console.log(line(code === 0, Date.now() - begun, 'what the functions sent, heard and logged, by AWS’s own models'));
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  };
  return {
    address,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
