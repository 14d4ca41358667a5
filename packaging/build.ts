/** `npm run build`: what the package is made of, in `dist/`. The same sources give the same bytes. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { bundleHandlers } from '../infra/bundle.ts';
import { bundleBrowser } from '../infra/bundling/browser-bundle.ts';
import { BROWSER_PACKAGES } from '../infra/bundling/browser-packages.ts';
import { ROOT } from '../infra/root.ts';
import { buildBeacon } from './beacon.ts';
import { billOfMaterials, componentsOf, notices } from './contents.ts';
import { BEACON, declarations } from './declarations.ts';

/** Built beside, and put in place when it is whole: two builds at once do not mix. */
const NEW = path.join(ROOT, '.local', `dist-${process.pid}`);
/** The oldest Node that the package runs on. */
const TARGET = 'node20.19';
/** What the entry exports besides types; a test compares. */
const VALUES = ['ConfigError', 'GitHubBuildRole', 'Paddlewheel', 'defineConfig'];
const inDist = (...names: readonly string[]) => path.join(NEW, ...names);

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function accounted(metafile: Metafile | undefined): Metafile {
  if (!metafile) throw new Error('esbuild gave no account of what it built');
  return metafile;
}

/** Newer than the oldest Node: our own of `older-node.ts` are called instead. */
const NEWER = {
  'URL.parse': 'urlParse',
  'Array.fromAsync': 'arrayFromAsync',
  'Promise.withResolvers': 'promiseWithResolvers',
};

const common: BuildOptions = {
  inject: ['packaging/older-node.ts'],
  define: NEWER,
  bundle: true,
  platform: 'node',
  target: TARGET,
  metafile: true,
  absWorkingDir: ROOT,
  legalComments: 'none',
  logLevel: 'silent',
};

/**
 * One implementation, in CommonJS, as CDK's own libraries are; ES modules get a door to the same. So there is one class
 * `Paddlewheel`, whoever asks for it, and in whichever way.
 */
async function buildConstruct(): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: ['infra/index.ts'],
    outfile: inDist('index.cjs'),
    format: 'cjs',
    define: { ...NEWER, 'import.meta.dirname': '__dirname' },
    external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
  });
  write(inDist('index.mjs'), `export { ${VALUES.join(', ')} } from './index.cjs';\n`);
  return accounted(metafile);
}

/** Types are CommonJS's as well, whatever the package says of its sources. */
async function buildTypes(): Promise<void> {
  for (const [file, text] of await declarations())
    write(file === BEACON ? inDist('beacon.d.mts') : inDist('types', file), text);
  write(inDist('types', 'package.json'), '{"type":"commonjs"}\n');
  for (const ending of ['d.mts', 'd.cts'])
    write(inDist(`index.${ending}`), "export * from './types/infra/index.js';\n");
}

/** For pages: nothing of it runs in Node. */
async function buildForPages(): Promise<readonly Metafile[]> {
  const { module, script, metafiles } = await buildBeacon();
  write(inDist('beacon.mjs'), module);
  write(inDist('beacon-script.js'), script);
  return metafiles;
}

/** In pieces, so that a command loads what it needs. */
async function buildCli(): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: { paddlewheel: 'cli/paddlewheel.ts' },
    outdir: inDist('cli'),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    mainFields: ['module', 'main'],
    external: [...BROWSER_PACKAGES],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return accounted(metafile);
}

const functions = inDist('functions');
const [construct, cli, handlers, browser, beacon] = await Promise.all([
  buildConstruct(),
  buildCli(),
  bundleHandlers({ outdir: functions }),
  bundleBrowser(functions),
  buildForPages(),
  buildTypes(),
]);
const metafiles = [
  construct,
  cli,
  browser.metafile,
  ...beacon,
  ...Object.values(handlers).map(({ metafile }) => metafile),
];
const components = componentsOf(metafiles);
write(inDist('THIRD-PARTY-NOTICES.txt'), notices(components));
const itself = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { name: string; version: string };
write(inDist('sbom.cdx.json'), billOfMaterials(itself, components));
rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true });
renameSync(NEW, path.join(ROOT, 'dist'));
