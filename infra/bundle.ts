/**
 * Bundles the Lambda handlers with esbuild, one folder each, before the stack is built. The same sources give the same
 * bytes, so that a deploy in which nothing changed changes nothing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Metafile, transform } from 'esbuild';
import { errorsByName } from './bundling/errors-by-name.ts';
import { unusedParts } from './bundling/unused-parts.ts';
import { type CodeFolder, HANDLERS, type Handler } from './code.ts';
import { ROOT as root } from './root.ts';

export { HANDLERS, type Handler } from './code.ts';

/** `index.js` with `handler`, pieces of it that are loaded when they are needed, and a word on their format. */
export interface Bundle extends CodeFolder {
  /** Size of what is loaded to begin with. */
  readonly bytes: number;
  /** Size of what is loaded only when it is needed. */
  readonly lazyBytes: number;
  /** esbuild's account of what went in. */
  readonly metafile: Metafile;
}
export type Bundles = Readonly<Record<Handler, Bundle>>;

export interface BundleOptions {
  /** Entry file of each handler, absolute. Default: `lambdas/<handler>.ts`. */
  readonly entries?: Readonly<Record<Handler, string>>;
  /** Where the folders go. Default: `.local/bundles`. */
  readonly outdir?: string;
}

/** Of which a part is loaded only when it is needed. */
const IN_PIECES: readonly Handler[] = ['rotate', 'registrar'];

const TARGET = 'node24';
const COMMON = {
  ...({ absWorkingDir: root, write: false, metafile: true, bundle: true, platform: 'node', target: TARGET } as const),
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': path.join(root, 'infra/bundling/environment-credentials.ts') },
  plugins: [errorsByName, unusedParts],
  minify: true,
  // Error classes name themselves by a literal, so names need not be kept, which would cost 15 KB. A source map would be
  // loaded by Node on every cold start, so none is shipped.
  ...({ legalComments: 'none', logLevel: 'silent' } as const),
} satisfies BuildOptions;

export const handlerEntries = Object.fromEntries(
  HANDLERS.map((handler) => [handler, path.join(root, 'lambdas', `${handler}.ts`)]),
) as Readonly<Record<Handler, string>>;

/** @throws Error naming every entry file that is missing, or esbuild's own error */
export async function bundleHandlers(options: BundleOptions = {}): Promise<Bundles> {
  const { entries = handlerEntries, outdir = path.join(root, '.local/bundles') } = options;
  const missing = HANDLERS.filter((handler) => !existsSync(entries[handler]));
  if (missing.length > 0) throw new Error(`there is no entry file for: ${missing.join(', ')}`);
  const isCut = (handler: Handler) => IN_PIECES.includes(handler);
  const whole = bundleInto(
    entries,
    outdir,
    HANDLERS.filter((handler) => !isCut(handler)),
  );
  const bundleOf = async (handler: Handler) =>
    isCut(handler) ? bundleInPieces(entries[handler], path.join(outdir, handler)) : (await whole)[handler];
  const bundles = HANDLERS.map(async (handler) => [handler, await bundleOf(handler)] as const);
  return Object.fromEntries(await Promise.all(bundles)) as Bundles;
}

/**
 * Bundles one entry file into `directory`.
 * @param options.external packages that are copied beside it instead
 */
export async function bundleHandler(
  entry: string,
  directory: string,
  options: { readonly external?: string[] } = {},
): Promise<Bundle> {
  const name = path.basename(directory);
  return (await bundleInto({ [name]: entry }, path.dirname(directory), [name], options.external))[name] as Bundle;
}

/** In one build, which reads what several have in common only once; each gets all that it needs all the same. */
async function bundleInto<Name extends string>(
  entries: Readonly<Record<Name, string>>,
  outdir: string,
  names: readonly Name[],
  external: string[] = [],
): Promise<Readonly<Record<Name, Bundle>>> {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    entryPoints: names.map((name) => ({ in: entries[name], out: path.join(name, 'index') })),
    outdir,
    external,
    // CommonJS: importing Node's own modules from ES modules builds namespaces that load half of undici and http2.
    format: 'cjs',
  });
  const bundles = names.map((name) => {
    const directory = path.join(outdir, name);
    const file = path.join(directory, 'index.js');
    const code = outputFiles.find((output) => path.relative(output.path, file) === '');
    if (!code) throw new Error(`esbuild gave no output for ${entries[name]}`);
    const account = accountOf(metafile, file);
    const lazy = lazyImports(account);
    if (lazy.length > 0) throw new Error(`${name} loads ${lazy.join(', ')} lazily: add it to IN_PIECES`);
    writeFolder(directory, new Map([['index.js', code.text]]));
    return [name, { directory, bytes: code.contents.length, lazyBytes: 0, metafile: account }] as const;
  });
  return Object.fromEntries(bundles) as Record<Name, Bundle>;
}

/**
 * What is imported dynamically gets a file of its own, so that a cold start neither reads nor compiles it, and what both sides use
 * is there once. esbuild cuts only ES modules to pieces: each is made CommonJS afterwards.
 */
async function bundleInPieces(entry: string, directory: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...COMMON,
    entryPoints: [{ in: entry, out: 'index' }],
    outdir: directory,
    splitting: true,
    format: 'esm',
  });
  const pieces = outputFiles.map(async ({ path: file, text }) => {
    const { code } = await transform(text, {
      ...{ format: 'cjs', platform: 'node', target: TARGET, minify: true, legalComments: 'none' },
      supported: { 'dynamic-import': false },
    });
    return [path.relative(directory, file), code] as const;
  });
  const files = new Map(await Promise.all(pieces));
  writeFolder(directory, files);
  const first = firstLoaded(metafile);
  let [bytes, lazyBytes] = [0, 0];
  for (const [name, code] of files)
    if (first.has(name)) bytes += Buffer.byteLength(code);
    else lazyBytes += Buffer.byteLength(code);
  return { directory, bytes, lazyBytes, metafile };
}

/** Names of the files that are loaded with `index.js`. */
export function firstLoaded({ outputs }: Metafile): ReadonlySet<string> {
  const byName = new Map(Object.entries(outputs).map(([file, output]) => [path.basename(file), output]));
  const loaded = new Set(['index.js']);
  for (const name of loaded)
    for (const { path: file, kind, external } of byName.get(name)?.imports ?? [])
      if (kind !== 'dynamic-import' && !external) loaded.add(path.basename(file));
  return loaded;
}

/** Of our own: what the SDK loads so is small, and left out where it is not. */
const lazyImports = ({ inputs }: Metafile): readonly string[] =>
  Object.entries(inputs)
    .filter(([file]) => file.startsWith('lambdas/'))
    .flatMap(([, { imports }]) => imports.filter(({ kind, external }) => kind === 'dynamic-import' && !external))
    .map(({ path: file }) => file);

/** What esbuild's account of several bundles says of this one. */
function accountOf({ inputs, outputs }: Metafile, file: string): Metafile {
  const [name, output] = Object.entries(outputs).find(([each]) => path.resolve(root, each) === file) ?? [];
  if (!name || !output) throw new Error(`esbuild gave no account of ${file}`);
  const own = Object.keys(output.inputs).map((input) => [input, inputs[input]] as const);
  return { inputs: Object.fromEntries(own) as Metafile['inputs'], outputs: { [name]: output } };
}

/** Nothing else is left there: pieces are called by their content. */
function writeFolder(directory: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of files) writeIfChanged(path.join(directory, name), text);
  // The folder lies within this project, whose own package.json says "module".
  writeIfChanged(path.join(directory, 'package.json'), '{"type":"commonjs"}\n');
  for (const name of readdirSync(directory))
    if (name.endsWith('.js') && !files.has(name)) rmSync(path.join(directory, name), { force: true });
}

/** Two synths at once write the same bytes; this way neither catches the other's file half-written. */
function writeIfChanged(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
