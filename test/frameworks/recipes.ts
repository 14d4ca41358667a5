/** How each framework's shop under `test/resources/frameworks` is built and served. Its `package.json` says what it installs. */
export interface Framework {
  /** Names the folder of its sources. */
  readonly name: string;
  readonly build: string;
  /** A command that listens on `PORT`, or the folder to serve as it is. */
  readonly serve: { readonly command: string } | { readonly folder: string };
  /** Default `/`. */
  readonly page?: string;
  /** Environment at start: place -> name of the variable that holds its token. */
  readonly env?: Readonly<Record<string, string>>;
}

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'sveltekit',
    build: 'vite build',
    serve: { command: 'node build' },
    env: { 'env-dynamic': 'PUBLIC_AT_START' },
  },
  { name: 'astro', build: 'astro build', serve: { command: 'node dist/server/entry.mjs' } },
  {
    name: 'nuxt',
    build: 'nuxt build',
    serve: { command: 'node .output/server/index.mjs' },
    env: { 'runtime-config': 'NUXT_PUBLIC_PADDLE_TOKEN' },
  },
  {
    name: 'react-router',
    build: 'react-router build',
    serve: { command: 'react-router-serve build/server/index.js' },
  },
  { name: 'angular', build: 'ng build', serve: { command: 'node dist/shop/server/server.mjs' } },
  {
    name: 'parcel',
    build: 'parcel build index.html --no-cache --dist-dir dist --public-url /',
    serve: { folder: 'dist' },
  },
  { name: 'rspack', build: 'rspack build', serve: { folder: 'dist' } },
];
