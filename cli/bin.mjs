#!/usr/bin/env node
// What `npx paddlewheel` runs. In the package that is what was compiled. In a checkout the command line is TypeScript, which
// Node runs by itself since 22.18; under an older Node it is run again by the project's own.
import { existsSync } from 'node:fs';
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const entry = new URL('./paddlewheel.ts', import.meta.url);

if (!existsSync(entry)) {
  // Of Node 22 and newer: what was compiled once need not be compiled at the next command.
  module.enableCompileCache?.();
  await import('../dist/cli/paddlewheel.mjs');
} else if (major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)) {
  await import(entry.href);
} else {
  await rerun();
}

async function rerun() {
  const [{ spawn }, { fileURLToPath }] = await Promise.all([import('node:child_process'), import('node:url')]);
  const node = ownNode();
  if (!node) {
    process.stderr.write(`paddlewheel needs Node 22.18 or newer, or its dependencies: run "npm ci" in its folder.\n`);
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [fileURLToPath(entry), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the whole group; this process must outlive the other to tell its exit code.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
}

function ownNode() {
  try {
    return module.createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return undefined;
  }
}
