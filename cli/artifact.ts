/** A build's output on disk: its digest, and the tokens that it holds. Changes nothing. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { redact } from '../lambdas/domain/mask.ts';
import { decodeText } from '../lambdas/evidence/sites/decode.ts';
import { codeOf, filesOf, type ListFolder, listFolder, type Unread } from './files-of.ts';
import { UsageError } from './io.ts';
import { inLine } from './width.ts';

const LARGEST_FILE = 256 * 1024 * 1024;
/** What a compressed file may unpack to. */
const MOST_UNPACKED = 256 * 1024 * 1024;
const ARCHIVE = /\.(?:zip|tar|tgz|7z|rar|zst|asar|apk|ipa)$/i;
/** Paddle's format with a little room, so that a longer token of tomorrow is found. */
const TOKEN = /(?<!(?<!\\)[A-Za-z0-9_])(?:test|live)_[A-Za-z0-9]{20,120}(?![A-Za-z0-9_])/g;
/** A line break, a blank or an escape of one between the token and the quote that ends it: Paddle.js refuses such a token. */
const BLANK_BEHIND = /^(?:\\+[nrt]|[\r\n\t ]|%0[aAdD]|&#(?:10|13|x0?[aAdD]);)+(?=["'`\\]|&quot;|$)/;
const BLANK_BEFORE = /["'`](?:\\+[nrt]|[\r\n\t ])+$/;

/** A file may be called as a token is. */
const shown = (file: string): string => inLine(redact(file));

export interface FoundToken {
  readonly value: string;
  /** Paths in the artifact, with slashes. */
  readonly files: readonly string[];
  /** Those in which a line break or a blank belongs to the token's text. */
  readonly blankIn: readonly string[];
}

export interface Artifact {
  /** `sha256:` and 64 hexadecimal digits, over the names and bytes of all files and links. Absent: not all could be read. */
  readonly digest?: string;
  readonly files: number;
  readonly tokens: readonly FoundToken[];
  /** What could not be read or searched, and why. What is in it is not known: no verdict is clean. */
  readonly unread: readonly Unread[];
}

export interface Disk {
  readonly list?: ListFolder;
  /** @returns the bytes, or the size of what is too large */
  readonly read?: (file: string) => Promise<Buffer | number>;
}

async function readContent(file: string): Promise<Buffer | number> {
  const { size } = await stat(file);
  return size > LARGEST_FILE ? size : readFile(file);
}

/** @throws UsageError for a path that is no folder, an empty folder, or one with more files than a build can have */
export async function readArtifact(folder: string, disk: Disk = {}): Promise<Artifact> {
  const { list = listFolder, read = readContent } = disk;
  const { files, links, unread: others } = await filesOf(folder, list);
  if (files.length + others.length === 0)
    throw new UsageError(`${folder} holds no file: name the folder that the build wrote`);
  const hash = createHash('sha256');
  const found = new Map<string, { files: Set<string>; blankIn: Set<string> }>();
  const unread: Unread[] = [...others];
  let isWhole = others.length === 0;
  for (const { file, to } of links) hash.update(`${file}\0->\0${to}\0`);
  for (const file of files) {
    const bytes = await read(path.join(folder, file)).catch(codeOf);
    if (typeof bytes === 'string') {
      unread.push({ file, why: `it cannot be read (${bytes})` });
      isWhole = false;
      continue;
    }
    if (typeof bytes === 'number') {
      unread.push({ file, why: `larger than ${LARGEST_FILE / 1024 / 1024} MB` });
      hash.update(`${file}\0${bytes}\0`);
      if (!(await isHashed(path.join(folder, file), hash))) isWhole = false;
      continue;
    }
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    const content = await unpacked(file, bytes);
    if (typeof content === 'string') unread.push({ file, why: content });
    else search(file, content, found);
  }
  const tokens = [...found].map(([value, places]) => ({
    value,
    files: [...places.files].map(shown),
    blankIn: [...places.blankIn].map(shown),
  }));
  return {
    ...(isWhole ? { digest: `sha256:${hash.digest('hex')}` } : {}),
    files: files.length,
    tokens,
    unread: unread.map(({ file, why }) => ({ file: shown(file), why })),
  };
}

/** What is too large to be searched is part of the build all the same. */
const isHashed = (file: string, hash: Hash): Promise<boolean> =>
  pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) hash.update(chunk);
  }).then(
    () => true,
    () => false,
  );

/** The bytes to search; a text says why there are none. */
async function unpacked(file: string, bytes: Buffer): Promise<Buffer | string> {
  if (ARCHIVE.test(file)) return 'an archive: unpack it first';
  const unpack = file.endsWith('.gz')
    ? promisify(gunzip)
    : file.endsWith('.br')
      ? promisify(brotliDecompress)
      : undefined;
  if (!unpack) return bytes;
  const options = { maxOutputLength: MOST_UNPACKED };
  return (unpack as (input: Buffer, options: object) => Promise<Buffer>)(bytes, options).catch(
    () => 'it cannot be unpacked',
  );
}

function search(file: string, bytes: Buffer, found: Map<string, { files: Set<string>; blankIn: Set<string> }>): void {
  const raw = bytes.toString('latin1');
  // In UTF-16, of either order: ASCII in the one is ASCII in the other, a byte further on.
  const wide = bytes.includes(0) ? [0, 1].map((at) => bytes.toString('utf16le', at)) : [];
  for (const text of new Set([raw, ...wide].flatMap((one) => [one, decodeText(one)]))) {
    for (const match of text.matchAll(TOKEN)) {
      const [value] = match;
      const places = found.get(value) ?? { files: new Set(), blankIn: new Set() };
      places.files.add(file);
      const behind = text.slice(match.index + value.length, match.index + value.length + 16);
      const before = text.slice(Math.max(0, match.index - 16), match.index);
      if (BLANK_BEHIND.test(behind) || BLANK_BEFORE.test(before)) places.blankIn.add(file);
      found.set(value, places);
    }
  }
}
