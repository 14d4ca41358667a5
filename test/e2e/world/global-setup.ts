/** Before the first suite: a process of its own holds the shared deployment. Imports nothing of the project: jest would load it otherwise than Node does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export default async function setUp(): Promise<void> {
  // `npm test` has started it already, and ends it.
  if (process.env.PADDLEWHEEL_E2E) return;
  const file = path.join(process.cwd(), 'test', 'e2e', 'world', 'serve.ts');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [address] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (typeof address !== 'string') throw new Error(`the process of the shared deployment ended with ${address}`);
  process.env.PADDLEWHEEL_E2E = address;
  (globalThis as { stopPaddlewheelE2e?: () => Promise<unknown> }).stopPaddlewheelE2e = () => {
    child.stdin.end();
    return ended;
  };
}
