import path from 'node:path';
import { ModuleFederationPlugin } from '@module-federation/enhanced/rspack';
import { rspack } from '@rspack/core';

const common = { mode: 'production', target: ['web', 'es2022'] };
const filename = '[name].[contenthash:8].js';
export default [
  {
    ...common,
    entry: { main: './src/main.js' },
    output: { path: path.resolve('dist'), filename, chunkFilename: 'async/[name].[contenthash:8].js', publicPath: '/' },
    module: { rules: [{ test: /plans\.json$/, type: 'asset/resource' }] },
    optimization: { runtimeChunk: 'single', splitChunks: { cacheGroups: { shared: { test: /shared\.js$/, name: 'shared', chunks: 'all', enforce: true } } } },
    plugins: [
      new rspack.HtmlRspackPlugin({ templateContent: "<!doctype html><html><head><title>Shop</title><script>window.inline='%TOKEN_html-inline%'</script></head><body></body></html>" }),
      new rspack.DefinePlugin({ 'process.env.TOKEN': JSON.stringify('%TOKEN_defined%') }),
      new ModuleFederationPlugin({
        name: 'host',
        dts: false,
        remotes: { checkout: 'checkout@/remote/mf-manifest.json', classic: 'classic@/classic/remoteEntry.js' },
      }),
    ],
  },
  ...['remote', 'classic'].map((name) => ({
    ...common,
    entry: {},
    output: { path: path.resolve('dist', name), filename, chunkFilename: filename, publicPath: `/${name}/`, uniqueName: name },
    plugins: [
      new ModuleFederationPlugin({
        name: name === 'remote' ? 'checkout' : name,
        filename: 'remoteEntry.js',
        dts: false,
        manifest: name === 'remote',
        exposes: { './Buy': `./remote/${name}.js` },
      }),
    ],
  })),
];
