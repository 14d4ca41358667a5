/** `paddlewheel console`: the console of a real installation, on this machine, until Ctrl-C. */
import type { Cli } from './actions.ts';
import { startConsole } from './console/server.ts';
import { EXIT, UsageError } from './io.ts';

export interface ConsoleCommandOptions {
  readonly port?: string;
  readonly json?: boolean;
}

/** Each asking is an invocation and a reading of the ledger. */
const POLL_MS = 10_000;

export async function consoleCommand({ port, json }: ConsoleCommandOptions, { io, aws }: Cli) {
  const wanted = port === undefined ? 0 : Number(port);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new UsageError('--port is a number up to 65535');
  const identity = aws.identity();
  // Asked at once: whoever has no credentials is told before a page is opened.
  const who = await identity;
  const running = await startConsole(
    { names: aws.names, invoke: (name, payload) => aws.invoke(name, payload), identity: () => identity },
    { title: `Paddlewheel (${aws.names.console.replace(/-console$/, '')})`, port: wanted, pollMs: POLL_MS },
  );
  try {
    io.out(json ? `${JSON.stringify({ url: running.url })}\n` : `${running.url}\n`);
    io.err(`The console as ${who}. Whoever has this address acts with your credentials. It ends with Ctrl-C.\n`);
    const ended = io.interrupted?.();
    await new Promise((resolve) => {
      if (ended?.aborted) resolve(undefined);
      ended?.addEventListener('abort', resolve, { once: true });
    });
    return EXIT.done;
  } finally {
    await running.stop();
  }
}
