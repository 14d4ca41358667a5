/**
 * Bundles the Lambda handlers with esbuild, one folder each, before the stack is built. The same sources give the same
 * bytes, so that a deploy in which nothing changed changes nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { errorsByName } from './bundling/errors-by-name.ts';
import { unusedParts } from './bundling/unused-parts.ts';
import { type CodeFolder, HANDLERS, type Handler } from './code.ts';
import { ROOT as root } from './root.ts';

export { HANDLERS, type Handler } from './code.ts';

/** `index.js` with `handler`, and nothing else but a word on its format. */
export interface Bundle extends CodeFolder {
  /** Size of `index.js` in bytes. */
  readonly bytes: number;
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

export const handlerEntries = Object.fromEntries(
  HANDLERS.map((handler) => [handler, path.join(root, 'lambdas', `${handler}.ts`)]),
) as Readonly<Record<Handler, string>>;

/** @throws Error naming every entry file that is missing, or esbuild's own error */
export async function bundleHandlers(options: BundleOptions = {}): Promise<Bundles> {
  const { entries = handlerEntries, outdir = path.join(root, '.local/bundles') } = options;
  const missing = HANDLERS.filter((handler) => !existsSync(entries[handler]));
  if (missing.length > 0) throw new Error(`there is no entry file for: ${missing.join(', ')}`);
  return bundleInto(entries, outdir, HANDLERS);
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
    entryPoints: names.map((name) => ({ in: entries[name], out: path.join(name, 'index') })),
    outdir,
    absWorkingDir: root,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // CommonJS: importing Node's own modules from ES modules builds namespaces that load half of undici and http2.
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': path.join(root, 'infra/bundling/environment-credentials.ts') },
    plugins: [errorsByName, unusedParts],
    external,
    minify: true,
    // Error classes name themselves by a literal, so names need not be kept, which would cost 15 KB. A source map would be
    // loaded by Node on every cold start, so none is shipped.
    legalComments: 'none',
    logLevel: 'silent',
  });
  const bundles = names.map((name) => {
    const directory = path.join(outdir, name);
    const file = path.join(directory, 'index.js');
    const code = outputFiles.find((output) => path.relative(output.path, file) === '');
    if (!code) throw new Error(`esbuild gave no output for ${entries[name]}`);
    mkdirSync(directory, { recursive: true });
    writeIfChanged(file, code.text);
    // The folder lies within this project, whose own package.json says "module".
    writeIfChanged(path.join(directory, 'package.json'), '{"type":"commonjs"}\n');
    return [name, { directory, bytes: code.contents.length, metafile: accountOf(metafile, file) }] as const;
  });
  return Object.fromEntries(bundles) as Record<Name, Bundle>;
}

/** What esbuild's account of several bundles says of this one. */
function accountOf({ inputs, outputs }: Metafile, file: string): Metafile {
  const [name, output] = Object.entries(outputs).find(([each]) => path.resolve(root, each) === file) ?? [];
  if (!name || !output) throw new Error(`esbuild gave no account of ${file}`);
  const own = Object.keys(output.inputs).map((input) => [input, inputs[input]] as const);
  return { inputs: Object.fromEntries(own) as Metafile['inputs'], outputs: { [name]: output } };
}

/** Two synths at once write the same bytes; this way neither catches the other's file half-written. */
function writeIfChanged(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
