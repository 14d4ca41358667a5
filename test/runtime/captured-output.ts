import { assertMetrics } from './emf.ts';

/** What a function writes to its log while `run` is under way: Powertools holds consoles of its own over the process's streams. */
export async function capturedOutput(run: () => unknown): Promise<string[]> {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = ((chunk: string | Uint8Array) => {
      lines.push(...String(chunk).split('\n').filter(Boolean));
      return true;
    }) as typeof stream.write;
  }
  try {
    await run();
  } finally {
    streams.forEach((stream, at) => {
      stream.write = originals[at] as typeof stream.write;
    });
  }
  assertMetrics(lines);
  return lines;
}
