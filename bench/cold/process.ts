/** A process of its own for every run, at full speed or with the share of a processor that Lambda gives to a memory size. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { projectsNode } from '../node.ts';
import { output } from '../output.ts';

const PATIENCE_MS = 60_000;
/** With so many MB, a function has one processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MB_OF_ONE_PROCESSOR = 1_769;

/** The milliseconds that `body` took. It calls `finish(promise)` at its end. */
export async function timed(body: string, env: NodeJS.ProcessEnv): Promise<number> {
  const script = `
    const began = performance.now();
    const finish = (done) => Promise.resolve(done).then((answer) => {
      if (answer && answer.statusCode !== 200) throw new Error('answered ' + answer.statusCode);
      require('node:fs').writeSync(1, '\\n' + (performance.now() - began));
      process.exit(0);
    });
    ${body}`;
  return Number((await output(projectsNode(), ['-e', script], env, PATIENCE_MS)).split('\n').at(-1));
}

/** The same in Python, which prints its milliseconds itself. @returns `undefined` where there is no Python with boto3 */
export async function python(script: string, env: NodeJS.ProcessEnv): Promise<number | undefined> {
  try {
    return Number(await output('python3', ['-c', script], env, PATIENCE_MS));
  } catch {
    return undefined;
  }
}

/** Lets a process run for its share of every 20 ms, as Lambda does; a thread of its own, because it must be on time. */
const THROTTLE = `
  const { workerData: { pid, share, flag } } = require('node:worker_threads');
  const still = new Int32Array(new SharedArrayBuffer(4));
  const signal = (name) => { try { process.kill(pid, name); return true; } catch { return false; } };
  while (Atomics.load(flag, 0) === 0) {
    if (!signal('SIGCONT')) break;
    Atomics.wait(still, 0, 0, 20 * share);
    if (!signal('SIGSTOP')) break;
    Atomics.wait(still, 0, 0, 20 * (1 - share));
  }
  signal('SIGCONT');`;

/**
 * The milliseconds of the first invocations after an init that is not throttled, as Lambda's is not.
 * @param load source of a function that invokes
 */
export async function invocations(
  load: string,
  env: NodeJS.ProcessEnv,
  { megabytes, times = 1 }: { readonly megabytes: number; readonly times?: number },
): Promise<readonly number[]> {
  const script = `
    const invoke = ${load};
    const write = process.stdout.write.bind(process.stdout);
    // Log lines are no answers.
    process.stdout.write = () => true;
    const told = (text) => write(text + '\\n');
    process.stdin.on('data', async () => {
      const began = performance.now();
      const answer = await invoke();
      if (answer && answer.statusCode !== 200) throw new Error('answered ' + answer.statusCode);
      told('took ' + (performance.now() - began));
    });
    process.stdin.once('end', () => process.exit(0));
    // Whatever the init has begun is over by then.
    setTimeout(() => told('ready'), 500);`;
  const child = spawn(projectsNode(), ['-e', script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const took: number[] = [];
  let worker: Worker | undefined;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('took ')) took.push(Number(line.slice(5)));
      else if (line === 'ready') {
        const share = megabytes / MB_OF_ONE_PROCESSOR;
        if (share < 1) {
          worker = new Worker(THROTTLE, { eval: true, workerData: { pid: child.pid, share, flag } });
          await once(worker, 'online');
        }
      } else continue;
      if (took.length < times) child.stdin.write('go\n');
      else child.stdin.end();
    }
    await ended;
  } finally {
    clearTimeout(patience);
    Atomics.store(flag, 0, 1);
    if (worker) await once(worker, 'exit').catch(() => undefined);
  }
  if (took.length < times) throw new Error(`only ${took.length} of ${times} invocations ended`);
  return took;
}
