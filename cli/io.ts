/** What the commands read and write, so that a test can hand in its own. */
import { createInterface } from 'node:readline/promises';
import { printable } from '../lambdas/domain/printable.ts';
import { hasColour, type ProgressLine, painted, type Screen, type Write } from './terminal.ts';
import { cut, inLine } from './width.ts';

/** Exit codes of every command but `scan` and `exec`, which have their own. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Nobody reads any more: as a shell tells of a process that was ended for it. */
export const PIPE_CLOSED = 141;

/** The command was called wrongly: exit code 2. The message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a command of somebody else's is started with. Default: `env`. */
  readonly inherited?: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly out: Write;
  readonly err: Write;
  /** Epoch ms. */
  readonly now: () => number;
  /** Resolves after so many ms, or when it is interrupted. */
  readonly rest: (ms: number, interrupted?: AbortSignal) => Promise<void>;
  /** Asks a person; `undefined` when nobody is there to answer. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Absent: standard output is no terminal. */
  readonly screen?: Screen;
  /** Absent: standard error is no terminal, and nobody is told how it goes on. */
  readonly progressLine?: ProgressLine;
  /** Work that may take long, and what it is. */
  readonly during?: <T>(what: string, work: () => Promise<T>) => Promise<T>;
  /** Aborted by Ctrl-C, from the call on. For what runs until then. */
  readonly interrupted?: () => AbortSignal;
}

type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;

/** The process's own. */
export interface ProcessIo extends CliIo {
  /** Whoever waits for it has pressed Ctrl-C. */
  readonly isInterrupted: () => boolean;
}

export function processIo(inherited: CliIo['inherited'], streams: Streams = process): ProcessIo {
  const controller = new AbortController();
  const { stdin, stdout, stderr, env } = streams;
  // What nobody has read must not pass for success: a scan's 0 says that the token is gone.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(PIPE_CLOSED);
  });
  stderr.on('error', () => {});
  const writer = (stream: NodeJS.WriteStream): Write => {
    const isColoured = hasColour(stream.isTTY, env);
    return (text, tone) => {
      const safe = printable(text);
      stream.write(tone && isColoured ? painted(safe, tone) : safe);
    };
  };
  return {
    env,
    ...(inherited && { inherited }),
    stdin,
    out: writer(stdout),
    err: writer(stderr),
    now: () => Date.now(),
    rest,
    ask: async (question) => {
      if (!stdin.isTTY) return undefined;
      const terminal = createInterface({ input: stdin, output: stderr });
      try {
        return await terminal.question(question);
      } finally {
        terminal.close();
      }
    },
    ...(stdout.isTTY && { screen: screenOf(stdout) }),
    ...(stderr.isTTY && env.TERM !== 'dumb' && { progressLine: progressLineOf(stderr) }),
    interrupted() {
      // A second Ctrl-C ends the process, whatever it does.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
      return controller.signal;
    },
    isInterrupted: () => controller.signal.aborted,
  };
}

const rest: CliIo['rest'] = (ms, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });

/** As it is when it is asked: a window changes its size. */
const screenOf = (stream: NodeJS.WriteStream): Screen => ({
  get columns() {
    return stream.columns || 80;
  },
  get rows() {
    return stream.rows || 24;
  },
  clear: () => void stream.write('\x1b[H\x1b[2J'),
});

const progressLineOf = (stream: NodeJS.WriteStream): ProgressLine => ({
  show: (line) => void stream.write(`\r\x1b[K${cut(inLine(line), Math.max(0, (stream.columns || 80) - 1))}`),
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref();
    return () => clearInterval(timer);
  },
});
