/** The Node of `npm test` and of Lambda, for functions and for TypeScript as it is; the bench itself may run on an older one. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../infra/root.ts';

const NODE = path.join(ROOT, 'node_modules', 'node', 'bin', 'node');

export const projectsNode = (): string => (existsSync(NODE) ? NODE : process.execPath);
