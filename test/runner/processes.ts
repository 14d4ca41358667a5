/** Checks that are a process each, and the lines that tell of them. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from './paths.ts';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** `ok      12.3 s  what it was`. */
export const line = (ok: boolean, ms: number, what: string): string =>
  `${ok ? 'ok    ' : 'FAILED'} ${(ms / 1000).toFixed(1).padStart(6)} s  ${what}`;

/** A check is one test: it passes or it does not, and then it says why. */
export async function check(title: string, command: string, args: readonly string[]): Promise<Tally> {
  const begun = Date.now();
  const bin = path.join(ROOT, 'node_modules', '.bin', command);
  const child = spawn(bin, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const code = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (status) => resolve(status ?? 1));
  });
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  const ok = (await code) === 0;
  console.log(line(ok, Date.now() - begun, title));
  if (!ok) console.log(said.join('\n').trim());
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}
