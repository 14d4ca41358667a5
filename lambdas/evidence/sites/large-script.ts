/** What can be told of a script that is too large to parse, as it streams by: the paths in it, and whether that is enough. */
import { scriptPaths } from './paths.ts';

const WINDOW = 256 * 1024;
const OVERLAP = 1024;
const CHUNK_TABLE = /\.u\s*=\s*(?:function\b|\(?\w*\)?\s*=>)/;

export interface LargeScript {
  push(chunk: Buffer): void;
  end(): { readonly paths: readonly string[]; readonly hasChunkTable: boolean };
}

/** @param maxPaths one more than this is kept, so that a reader sees that there were too many */
export function createLargeScript(maxPaths: number): LargeScript {
  const paths = new Set<string>();
  let hasChunkTable = false;
  let waiting = '';
  const flush = () => {
    hasChunkTable ||= CHUNK_TABLE.test(waiting);
    for (const { path } of scriptPaths(waiting)) if (paths.size <= maxPaths) paths.add(path);
    waiting = waiting.slice(-OVERLAP);
  };
  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; at += WINDOW) {
        waiting += chunk.toString('latin1', at, Math.min(at + WINDOW, chunk.length));
        if (waiting.length >= WINDOW) flush();
      }
    },
    end() {
      flush();
      return { paths: [...paths], hasChunkTable };
    },
  };
}
