/** One build in a process of its own: `node build-site.ts <source> <output> <settings as JSON>`. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const [source = '', output = '', json = '{}'] = process.argv.slice(2);
const settings = JSON.parse(json) as { tool: string; base: string; names?: string; format?: string };

const builders: Record<string, () => Promise<void>> = { vite, webpack, rollup, next };
await builders[settings.tool]?.();

/** The page, with the tags that load the entry. */
async function writePage(entry: string): Promise<void> {
  const page = await readFile(path.join(source, 'index.html'), 'utf8');
  await writeFile(path.join(output, 'index.html'), page.replace('%ENTRY%', entry));
  await cp(path.join(source, 'public'), output, { recursive: true });
}

async function vite(): Promise<void> {
  const page = path.join(source, 'index.html');
  const text = await readFile(page, 'utf8');
  await writeFile(page, text.replace('%ENTRY%', '<script type="module" src="/src/main.js"></script>'));
  const { build } = await import('vite');
  await build({
    root: source,
    base: settings.base,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: output,
      emptyOutDir: false,
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', test: /shared\.js$/ }] } } },
    },
    worker: { format: 'es' },
  });
}

async function webpack(): Promise<void> {
  const { default: bundle } = await import('webpack');
  const names = settings.names ?? 'hashed';
  const isDevelopment = names === 'eval';
  const compiler = bundle({
    mode: isDevelopment ? 'development' : 'production',
    devtool: isDevelopment ? 'eval' : false,
    context: source,
    entry: { main: './src/main.js' },
    output: {
      path: path.join(output, 'static'),
      filename: names === 'hashed' ? 'js/[name].[contenthash:8].js' : '[name].js',
      chunkFilename: names === 'hashed' ? 'js/[name].[contenthash:8].chunk.js' : '[id].js',
      publicPath: names === 'auto' ? 'auto' : `${settings.base}static/`,
    },
    module: { rules: [{ test: /\.css$/, type: 'asset/resource' }] },
    optimization: {
      runtimeChunk: 'single',
      chunkIds: names === 'hashed' ? 'deterministic' : 'natural',
      splitChunks: { cacheGroups: { shared: { test: /shared\.js$/, name: 'shared', chunks: 'all', enforce: true } } },
    },
  });
  const stats = await new Promise<import('webpack').Stats>((resolve, reject) =>
    compiler.run((error, result) => (error || !result ? reject(error) : resolve(result))),
  );
  if (stats.hasErrors()) throw new Error(stats.toString());
  const files = stats.toJson().entrypoints?.main?.assets?.map(({ name }) => name) ?? [];
  const scripts = files.filter((name) => name.endsWith('.js'));
  await writePage(scripts.map((name) => `<script defer src="${settings.base}static/${name}"></script>`).join('\n'));
}

async function rollup(): Promise<void> {
  const { rollup: bundle } = await import('rollup');
  const worker = path.join(source, 'src/worker.js');
  const build = await bundle({
    input: { main: path.join(source, 'src/main.js') },
    plugins: [
      { name: 'no-css', load: (id) => (id.endsWith('.css') ? '' : null) },
      {
        name: 'worker',
        async transform(code, id) {
          if (!id.endsWith('main.js')) return null;
          const file = this.emitFile({ type: 'asset', name: 'worker.js', source: await readFile(worker, 'utf8') });
          return code.replace("new URL('./worker.js', import.meta.url)", `import.meta.ROLLUP_FILE_URL_${file}`);
        },
      },
    ],
  });
  const format = settings.format === 'system' ? 'system' : 'es';
  const { output: files } = await build.write({
    dir: path.join(output, 'assets'),
    format,
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
    compact: true,
    manualChunks: (id) => (id.endsWith('shared.js') ? 'shared' : undefined),
  });
  const entry = files.find((file) => file.type === 'chunk' && file.isEntry)?.fileName;
  const url = `${settings.base}assets/${entry}`;
  await writePage(
    format === 'es'
      ? `<script type="module" src="${url}"></script>`
      : `<script type="systemjs-importmap">{"imports":{"app":"${url}"}}</script><script>System.import("app")</script>`,
  );
}

async function next(): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  // The site is in a temporary folder and its packages are not: only the root of the file system holds both.
  const config = {
    output: 'export',
    turbopack: { root: path.parse(source).root },
    // Nobody builds it again, nor looks for its sources: half of the work.
    experimental: {
      turbopackFileSystemCacheForBuild: false,
      ...{ turbopackSourceMaps: false, turbopackInputSourceMaps: false, serverSourceMaps: false },
    },
  };
  await writeFile(path.join(source, 'next.config.mjs'), `export default ${JSON.stringify(config)};\n`);
  const binary = path.join(source, 'node_modules/next/dist/bin/next');
  const flags = settings.names === 'webpack' ? ['--webpack'] : [];
  const run = spawnSync(process.execPath, [binary, 'build', ...flags], { cwd: source, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${run.stdout}\n${run.stderr}`);
  for (const name of await readdir(path.join(source, 'out'))) {
    await cp(path.join(source, 'out', name), path.join(output, name), { recursive: true });
  }
}
