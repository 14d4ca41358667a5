/** The package.json of Paddlewheel itself, whether its sources run or what was compiled of them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface OwnManifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function ownManifest(): OwnManifest {
  let at = import.meta.dirname;
  while (!existsSync(path.join(at, 'package.json'))) at = path.dirname(at);
  return JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8')) as OwnManifest;
}
