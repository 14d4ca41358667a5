/** The shared deployment of the end-to-end tests, begun while other tests run: most of it is waiting. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './paths.ts';

export interface StartedDeployment {
  /** Where it tells its coordinates, once it is there. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Ends with this process, however that ends. */
export async function beginDeployment(): Promise<StartedDeployment> {
  const file = path.join(ROOT, 'test', 'e2e', 'world', 'serve.ts');
  const child = spawn(process.execPath, [file, '--now'], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [address] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (typeof address !== 'string') throw new Error(`the process of the shared deployment ended with ${address}`);
  return {
    address,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
