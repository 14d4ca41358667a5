/** Requests of the functions and the answers to them, held against the service models that botocore ships: see the script. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { installPythonTool } from '../../local/python.ts';
import type { Exchange } from './aws-calls.ts';

const SCRIPT = path.join(import.meta.dirname, 'python', 'service_models.py');

export type Spoken = Pick<Exchange, 'target' | 'request' | 'answer'> & { readonly status: number };
type Counts = Readonly<Record<string, number>>;

export interface Verdict {
  /** `DynamoDB_20120810.PutItem request` -> how many were held against the model; `answer` and `error` likewise. */
  readonly seen: Counts;
  /** `pattern`, `length`, `enum`, `required`, … -> how many such constraints were applied. */
  readonly applied: Counts;
  /** What did not hold, and how often. Holds no value. */
  readonly faults: Counts;
}

export interface ServiceModels {
  note(spoken: Spoken): void;
  /** Ends it. @throws Error when the script failed */
  verdict(): Promise<Verdict>;
}

/** One process judges while the tests run. What passes through is kept nowhere. */
export async function startServiceModels(): Promise<ServiceModels> {
  const { commandLine, env } = await installPythonTool('ministack');
  const [python, ...args] = commandLine(SCRIPT);
  const child = spawn(python, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  // A script that failed is told by the verdict.
  child.stdin.on('error', () => {});
  return {
    note({ target, status, request, answer }) {
      // Functions may go on for a while after the last test.
      if (!child.stdin.writable) return;
      child.stdin.write(`${JSON.stringify({ target, status, request: request ?? null, answer: answer ?? null })}\n`);
    },
    async verdict() {
      child.stdin.end();
      const [output, errors] = await said;
      const code = await ended;
      if (code !== 0) throw new Error(`the service models could not judge (${code}): ${errors.slice(-2_000)}`);
      return JSON.parse(output);
    },
  };
}

export const sum = (counts: Counts): number => Object.values(counts).reduce((all, one) => all + one, 0);
