// Runs the bench on every Node that the package supports: where Node does not strip types itself, esbuild does.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

export async function load(url, context, next) {
  if (!url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context);
  const { transform } = await import('esbuild');
  const { code } = await transform(await readFile(fileURLToPath(url), 'utf8'), { loader: 'ts', format: 'esm' });
  return { format: 'module', source: code, shortCircuit: true };
}

// What the functions use of the Node that Lambda has.
Array.fromAsync ??= async (items, map = (item) => item) => {
  const all = [];
  for await (const item of items) all.push(await map(item));
  return all;
};

const isHook = !process.argv[1] || fileURLToPath(import.meta.url) !== process.argv[1];
if (!isHook) {
  if (!process.features.typescript) register(import.meta.url);
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
