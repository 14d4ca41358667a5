/** moto: a second emulator, by other people. What both take the same way is less likely a habit of one of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { REGION } from '../../local/aws.ts';
import { installPythonTool } from '../../local/python.ts';
import type { Emulator } from './aws-world.ts';

const SERVER = path.join(import.meta.dirname, 'python', 'moto_server.py');

/** On a free port of the loopback interface; ends with this process at the latest. */
export async function startMoto(): Promise<Emulator> {
  const { commandLine, env } = await installPythonTool('moto');
  const [python, ...args] = commandLine(SERVER);
  const child = spawn(python, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [port] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (typeof port !== 'string') throw new Error(`moto ended with ${port}`);
  return {
    url: `http://127.0.0.1:${port}`,
    env: { AWS_REGION: REGION },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
