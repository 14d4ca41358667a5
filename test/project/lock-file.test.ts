import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package-lock.json'), 'utf8')) as {
  packages: Record<string, Entry>;
};

/** Where Node would find `name` from the package at `from`, if the lock file has it. */
function found(name: string, from: string): boolean {
  for (let at = from; ; ) {
    if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
    const up = at.lastIndexOf('/node_modules/');
    at = up < 0 ? '' : at.slice(0, up);
  }
}

describe('the lock file', () => {
  test('names no address to download from, so that any mirror of the registry will do', () => {
    const addressed = Object.entries(lock.packages).filter(([, entry]) => entry.resolved);
    expect(addressed.map(([name]) => name)).toEqual([]);
  });

  test('has the binaries of every platform, not only of the one that it was written on: `npm ci` refuses it otherwise', () => {
    const missing = Object.entries(lock.packages).flatMap(([from, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) => !found(name, from)),
    );
    expect(missing).toEqual([]);
  });
});
