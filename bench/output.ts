/** What a process of its own prints. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** @throws with the end of what it said: its source, and a bundle in one line, would come first */
export async function output(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeout: number,
): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { env, timeout })).stdout;
  } catch (error) {
    const { stderr = '', code } = error as { readonly stderr?: string; readonly code?: number | string };
    throw new Error(`${command} ended with ${code}: ${stderr.slice(-1_000)}`);
  }
}
