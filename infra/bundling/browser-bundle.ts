/** The code of `paddlewheel-browser`: the handler, and beside it the packages that carry Chromium and drive it. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Bundle, bundleHandler } from '../bundle.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Packages that find their own files by where they lie, so that they cannot be bundled. */
export const BROWSER_PACKAGES = ['playwright-core', '@sparticuz/chromium'] as const;
/** What they bring for people and for other browsers. */
const LEFT_OUT = [
  /playwright-core\/(?:lib\/(?:vite|tools)|types|bin)\//,
  /\.(?:md|d\.ts|map|LICENSE)$/,
  /\/(?:test|tests|docs?|examples?)\//,
];

/** @param outdir default `.local/bundles` */
export async function bundleBrowser(outdir = path.join(root, '.local/bundles')): Promise<Bundle> {
  const directory = path.join(outdir, 'browser');
  const bundle = await bundleHandler(path.join(root, 'lambdas/browser.ts'), directory, {
    external: [...BROWSER_PACKAGES],
  });
  copyPackages(directory);
  return bundle;
}

/** All that the packages need, once: while their versions stay, so does the copy. */
function copyPackages(directory: string): void {
  const folders = new Map<string, string>();
  for (const name of BROWSER_PACKAGES) addWithDependencies(name, root, folders);
  const versions = [...folders].map(([name, folder]) => `${name}@${manifestOf(folder).version}`).sort();
  const stamp = path.join(directory, 'node_modules', 'versions.txt');
  const wanted = `${versions.join('\n')}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(path.join(directory, 'node_modules'), { recursive: true, force: true });
  for (const [name, folder] of folders) {
    const target = path.join(directory, 'node_modules', name);
    mkdirSync(path.dirname(target), { recursive: true });
    const filter = (file: string) => !LEFT_OUT.some((pattern) => pattern.test(file.replaceAll(path.sep, '/')));
    cpSync(folder, target, { recursive: true, dereference: true, filter });
  }
  writeFileSync(stamp, wanted);
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
  if (!folder) throw new Error(`the package ${name} is not installed`);
  folders.set(name, folder);
  for (const dependency of Object.keys(manifestOf(folder).dependencies ?? {})) {
    addWithDependencies(dependency, folder, folders);
  }
}
