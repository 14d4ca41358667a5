/** The functions' code: bundled from the sources in a checkout, or as it came with the package. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Configuration } from './config.ts';
import { ROOT } from './root.ts';

export const HANDLERS = [
  'heartbeat',
  'rotate',
  'status',
  'webhook',
  'observe',
  'usage',
  'registrar',
  'backfill',
  'hooks',
  'console',
  'seen',
] as const;
export type Handler = (typeof HANDLERS)[number];

/** One function's code, ready to be zipped. */
export interface CodeFolder {
  readonly directory: string;
}

/** That of the browser is needed when an integration has sites. */
export type Code = Readonly<Record<Handler, CodeFolder>> & { readonly browser?: CodeFolder };

/** A configuration that was read, and the code for it. */
export class Prepared {
  readonly configuration: Configuration;
  readonly code: Code;
  constructor(configuration: Configuration, code: Code) {
    this.configuration = configuration;
    this.code = code;
  }
}

/** Where the build of the package puts the functions. */
export const prebuiltFolder = (root = ROOT) => path.join(root, 'dist', 'functions');

/** @throws Error in a checkout in which nothing was built */
export const prebuiltCode = (root = ROOT): Code => codeIn(prebuiltFolder(root));

/** @throws Error when the folder does not hold every function */
export function codeIn(parent: string): Code {
  const folder = (name: string): CodeFolder => ({ directory: path.join(parent, name) });
  const code = Object.fromEntries(HANDLERS.map((name) => [name, folder(name)])) as Record<Handler, CodeFolder>;
  const missing = Object.values(code).filter(({ directory }) => !existsSync(path.join(directory, 'index.js')));
  if (missing.length > 0) throw new Error('the functions of Paddlewheel are not built: run "npm run build" there');
  return { ...code, browser: folder('browser') };
}
