/** The packages that carry Chromium and drive it, with all that they need: copied beside the handler, since they find their own files by where they lie. */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from '../root.ts';

export const BROWSER_PACKAGES = ['playwright-core', '@sparticuz/chromium'] as const;
/** What they bring for people and for other browsers. */
const LEFT_OUT = [
  /playwright-core\/(?:lib\/(?:vite|tools)|types|bin)\//,
  /\.(?:md|d\.ts|map|LICENSE)$/,
  /\/(?:test|tests|docs?|examples?)\//,
];

/** Name -> where it is installed. @throws Error saying what to install */
export function findBrowserPackages(root = ROOT): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const name of BROWSER_PACKAGES) addWithDependencies(name, root, folders);
  return folders;
}

/** `name@version` of each, sorted: while these stay, so do the files. */
export const versionsOf = (packages: ReadonlyMap<string, string>): readonly string[] =>
  [...packages].map(([name, folder]) => `${name}@${manifestOf(folder).version}`).sort();

export function copyPackages(packages: ReadonlyMap<string, string>, directory: string): void {
  for (const [name, folder] of packages) {
    const target = path.join(directory, 'node_modules', name);
    mkdirSync(path.dirname(target), { recursive: true });
    // Of the path within the package: the package itself may lie anywhere.
    const filter = (file: string) => {
      const inside = `${name}/${path.relative(folder, file).replaceAll(path.sep, '/')}`;
      return !LEFT_OUT.some((pattern) => pattern.test(inside));
    };
    cpSync(folder, target, { recursive: true, dereference: true, filter });
  }
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;

function addWithDependencies(name: string, from: string, folders: Map<string, string>): void {
  if (folders.has(name)) return;
  const folder = createRequire(path.join(from, 'index.js'))
    .resolve.paths(name)
    ?.map((base) => path.join(base, name))
    .find((candidate) => existsSync(path.join(candidate, 'package.json')));
  if (!folder)
    throw new Error(
      `the package ${name} is not installed, and the configuration has sites, which are opened in a browser: npm install ${BROWSER_PACKAGES.join(' ')}`,
    );
  // Where it really lies: with pnpm, what a package needs is beside that, and not beside the link to it.
  const real = realpathSync(folder);
  folders.set(name, real);
  for (const dependency of Object.keys(manifestOf(real).dependencies ?? {})) {
    addWithDependencies(dependency, real, folders);
  }
}
