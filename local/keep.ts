/** `npm start -- --keep`: what the tour has brought up stays, with its console, until somebody ends it. */
import { type Stage, startDemoConsole } from './console.ts';

interface Kept {
  readonly stage: Stage;
  /** Addresses and commands to play with. */
  readonly addresses: readonly string[];
}

/** @param ended settles, either way, when it is to end */
export async function keepRunning({ stage, addresses }: Kept, say: (line: string) => void, ended: Promise<unknown>) {
  const console = await startDemoConsole(stage);
  try {
    say(`console        ${console.url}`);
    for (const line of addresses) say(line);
    say('\nIt runs until Ctrl-C.');
    await ended.catch(() => {});
  } finally {
    await console.stop();
  }
}
