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
/** A link that leads to a file or a folder within the folder: what it leads to is among the files. */
export interface Link {
  readonly file: string;
  /** Where to, from the folder on, with slashes. */
  readonly to: string;
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
): Promise<{ readonly files: readonly string[]; readonly links: readonly Link[]; readonly unread: readonly Unread[] }> {
  const files: string[] = [];
  const links: Link[] = [];
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
      else if (!entry.isSymbolicLink()) unread.push({ file, why: 'neither a file nor a folder' });
      else {
        const led = await followed(folder, file);
        if ('to' in led) links.push(led);
        else unread.push(led);
      }
    }
  }
  return { files: files.sort(), links: links.sort(byFile), unread: unread.sort(byFile) };
}

const byFile = (a: { file: string }, b: { file: string }) => (a.file < b.file ? -1 : 1);

/** Links are not followed. One that stays within the folder leads to what is read anyway. */
async function followed(folder: string, file: string): Promise<Link | Unread> {
  try {
    const [root, target] = await Promise.all([realpath(folder), realpath(path.join(folder, file))]);
    const way = path.relative(root, target);
    const isWithin = way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
    if (!isWithin) return { file, why: 'a link out of the folder: links are not followed' };
    return { file, to: way.split(path.sep).join('/') };
  } catch (error) {
    return { file, why: `a link that leads nowhere (${codeOf(error)})` };
  }
}
