/** Where this package lies, whether its sources run or what was compiled of them. */
import { existsSync } from 'node:fs';
import path from 'node:path';

function rootAbove(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, 'package.json'))) return at;
    if (path.dirname(at) === at) throw new Error(`there is no package.json above ${folder}`);
  }
}

export const ROOT = rootAbove(import.meta.dirname);
