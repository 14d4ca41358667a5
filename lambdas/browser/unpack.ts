/**
 * Unpacks the Chromium of its package into the temporary folder, once for all processes that share it. The package
 * itself takes a file that is there for a finished one, also when whoever wrote it was ended half-way.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

/** @param unpack writes `chromium` into the temporary folder, and answers its path */
export async function unpackedOnce(unpack: () => Promise<string>, folder = tmpdir()): Promise<string> {
  const executable = path.join(folder, 'chromium');
  const complete = path.join(folder, 'chromium.complete');
  const lock = path.join(folder, 'chromium.lock');
  for (let waited = 0; ; waited += PAUSE_MS) {
    if (existsSync(complete) && existsSync(executable)) return executable;
    if (await taken(lock)) break;
    // Its owner has ended without a word.
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (waited > PATIENCE_MS || performance.timeOrigin + performance.now() - mtimeMs > PATIENCE_MS) {
      await rmdir(lock).catch(() => {});
    }
    if (waited > 2 * PATIENCE_MS) throw new Error('Chromium could not be unpacked: another process is at it');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  try {
    if (!existsSync(complete)) await rm(executable, { force: true });
    const unpacked = await unpack();
    await writeFile(complete, '');
    return unpacked;
  } finally {
    await rmdir(lock).catch(() => {});
  }
}

const taken = (lock: string): Promise<boolean> =>
  mkdir(lock).then(
    () => true,
    () => false,
  );
