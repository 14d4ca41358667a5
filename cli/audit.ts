/** `paddlewheel audit`: the trail for people and for other tools, every page of it. */
import { open, rename, rm } from 'node:fs/promises';
import type { Cli } from './actions.ts';
import { EXIT, UsageError } from './io.ts';
import { FORMATTERS } from './trail-formats.ts';
import { type AuditOptions, entriesOf, filterOf, spanOf } from './trail-query.ts';

/** @returns 0, also when nothing was found */
export async function audit(options: AuditOptions, cli: Cli): Promise<number> {
  const span = spanOf(options, cli.io.now());
  const format = FORMATTERS[options.format ?? (options.json ? 'jsonl' : 'text')];
  if (options.follow) {
    const { follow } = await import('./follow.ts');
    return follow(options, { format, span, entriesOf: () => entriesOf(options, span, cli) }, cli);
  }
  if (options.timeout !== undefined) throw new UsageError('--timeout is for --follow.');
  const wanted = filterOf(options, span);
  const sink = options.out ? await fileSink(options.out) : { write: async (text: string) => cli.io.out(text) };
  let count = 0;
  try {
    await sink.write(format.head);
    for await (const entry of entriesOf(options, span, cli)) {
      if (!wanted(entry)) continue;
      count += 1;
      await sink.write(format.line(entry));
    }
    await sink.done?.();
  } catch (error) {
    await sink.drop?.();
    throw error;
  }
  if (options.out) cli.io.err(`${count} record${count === 1 ? '' : 's'} in ${options.out}\n`);
  else if (count === 0) cli.io.err('No record matches.\n');
  return EXIT.done;
}

interface Sink {
  write(text: string): Promise<void>;
  done?(): Promise<void>;
  drop?(): Promise<void>;
}

/** The file appears under its name only when all of it is there. */
async function fileSink(file: string): Promise<Sink> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w', 0o600);
  return {
    write: async (text) => {
      await handle.writeFile(text);
    },
    done: async () => {
      await handle.sync();
      await handle.close();
      await rename(partial, file);
    },
    drop: async () => {
      await handle.close();
      await rm(partial, { force: true });
    },
  };
}
