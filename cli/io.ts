/** What the commands read and write, so that a test can hand in its own. */
import { createInterface } from 'node:readline/promises';
import { printable } from '../lambdas/domain/printable.ts';

/** Exit codes of every command but `scan` and `exec`, which have their own. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** The command was called wrongly: exit code 2. The message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a command of somebody else's is started with. Default: `env`. */
  readonly inherited?: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Epoch ms. */
  readonly now: () => number;
  /** Resolves after so many ms. */
  readonly rest: (ms: number) => Promise<void>;
  /** Asks a person; `undefined` when nobody is there to answer. */
  readonly ask: (question: string) => Promise<string | undefined>;
}

export const processIo = (inherited: CliIo['inherited']): CliIo => ({
  env: process.env,
  inherited,
  stdin: process.stdin,
  out: (text) => process.stdout.write(printable(text)),
  err: (text) => process.stderr.write(printable(text)),
  now: () => Date.now(),
  rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ask: async (question) => {
    if (!process.stdin.isTTY) return undefined;
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await terminal.question(question);
    } finally {
      terminal.close();
    }
  },
});
