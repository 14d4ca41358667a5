/** The files of a folder, and what in it is none that could be read. */
import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from './io.ts';

const MOST_ENTRIES = 200_000;

export interface Unread {
  readonly file: string;
  readonly why: string;
}
export type ListFolder = (folder: string) => Promise<readonly Dirent[]>;
export const listFolder: ListFolder = (folder) => readdir(folder, { withFileTypes: true });

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/**
 * Paths within the folder, with slashes; sorted, so that a digest is the same wherever the folder is.
 * @throws UsageError for a path that is no folder, or one with more in it than a build can have
 */
export async function filesOf(
  folder: string,
  list: ListFolder,
): Promise<{ readonly files: readonly string[]; readonly unread: readonly Unread[] }> {
  const files: string[] = [];
  const unread: Unread[] = [];
  const folders = [''];
  let seen = 0;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const entries = await list(path.join(folder, at)).catch((error: unknown) => {
      if (at === '') throw new UsageError(`${folder} cannot be read as a folder (${codeOf(error)})`, { cause: error });
      unread.push({ file: `${at}/`, why: `the folder cannot be read (${codeOf(error)})` });
      return [];
    });
    seen += entries.length;
    if (seen > MOST_ENTRIES) throw new UsageError(`${folder} holds more than ${MOST_ENTRIES} files`);
    for (const entry of entries) {
      const file = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) folders.push(file);
      else if (entry.isFile()) files.push(file);
      else {
        const why = entry.isSymbolicLink() ? await faultOfLink(folder, file) : 'neither a file nor a folder';
        if (why) unread.push({ file, why });
      }
    }
  }
  return { files: files.sort(), unread: unread.sort((a, b) => (a.file < b.file ? -1 : 1)) };
}

/** Links are not followed. One that stays within the folder leads to what is read anyway. */
async function faultOfLink(folder: string, file: string): Promise<string | undefined> {
  try {
    const [root, target] = await Promise.all([realpath(folder), realpath(path.join(folder, file))]);
    const way = path.relative(root, target);
    const isWithin = way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
    return isWithin ? undefined : 'a link out of the folder: links are not followed';
  } catch (error) {
    return `a link that leads nowhere (${codeOf(error)})`;
  }
}
