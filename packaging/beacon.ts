/** The beacon for pages: as a module, and as a script of its own. */
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { ROOT } from '../infra/root.ts';

const common: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'browser',
  // Browsers of the last six years or so.
  target: 'es2020',
  write: false,
  metafile: true,
  absWorkingDir: ROOT,
  legalComments: 'none',
  logLevel: 'silent',
};

export interface BuiltBeacon {
  readonly module: string;
  readonly script: string;
  readonly metafiles: readonly Metafile[];
}

export async function buildBeacon(): Promise<BuiltBeacon> {
  const [module, script] = await Promise.all([
    build({ ...common, entryPoints: ['beacon/index.ts'], format: 'esm' }),
    build({ ...common, entryPoints: ['beacon/script.ts'], format: 'iife' }),
  ]);
  const textOf = ({ outputFiles }: { outputFiles?: readonly { text: string }[] }): string => {
    const [file] = outputFiles ?? [];
    if (!file) throw new Error('esbuild gave no beacon');
    return file.text;
  };
  const metafiles = [module.metafile, script.metafile].flatMap((metafile) => metafile ?? []);
  return { module: textOf(module), script: textOf(script), metafiles };
}
