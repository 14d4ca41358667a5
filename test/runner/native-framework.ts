/**
 * What jest runs a suite with: jest-circus, as ever, but the suite and all that it imports are loaded by Node itself, once in a
 * worker. In jest's own way every suite evaluates every module anew, in a context in which each `Date` and each `Object`
 * costs several times as much; that was most of the time of the unit tests. A suite that needs modules of its own, since they
 * read their environment when they are loaded, says `@own-modules` in its first comment.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import '../runtime/watch-metrics.ts';

const here = createRequire(import.meta.url);
const circus = createRequire(here.resolve('jest-circus/runner'));
const ADAPTER = circus.resolve('./jestAdapterInit.js');
const HANDLERS = Symbol.for('EVENT_HANDLERS');

// biome-ignore lint/suspicious/noExplicitAny: jest's, handed on
export default async function run(...all: any[]) {
  const [globalConfig, config, environment, runtime, testPath] = all;
  if (environment.ownModules) return here('jest-circus/runner').default(...all);
  const restore = remember();
  // The state of the suite before lies in these two.
  delete circus.cache[ADAPTER];
  Reflect.deleteProperty(globalThis, HANDLERS);
  const { initialize, runAndTransformResultsToJestFormat } = circus(ADAPTER);
  globalThis.console = environment.global.console;
  try {
    await initialize({
      ...{ config, globalConfig, runtime, testPath, parentProcess: process, localRequire: here },
      environment: { global: globalThis, handleTestEvent: noteFailure },
      setGlobalsForRuntime: (globals: object) => Object.assign(globalThis, globals),
    });
    // Anew for each suite: what they say of `beforeEach` holds for one.
    for (const file of config.setupFilesAfterEnv) await import(`${pathToFileURL(file).href}?for=${testPath}`);
    await import(pathToFileURL(testPath).href);
    const now = Date.now();
    const setupAfterEnvPerfStats = { setupAfterEnvStart: now, setupAfterEnvEnd: now };
    return await runAndTransformResultsToJestFormat({ config, globalConfig, testPath, setupAfterEnvPerfStats });
  } finally {
    restore();
  }
}

/** Lets the hooks after a test know whether it failed: jest tells its environment, and nobody else. */
async function noteFailure({ name }: { readonly name: string }): Promise<void> {
  const told = globalThis as { testHasFailed?: boolean };
  if (name === 'test_start') told.testHasFailed = false;
  if (name === 'test_fn_failure') told.testHasFailed = true;
}

/** What a suite may change, and the next one must find as it was. */
function remember(): () => void {
  const [{ env, exitCode }, { console, fetch }, { write }] = [process, globalThis, process.stdout];
  const variables = { ...env };
  return () => {
    process.env = env;
    for (const name of Object.keys(env)) if (!(name in variables)) delete env[name];
    Object.assign(env, variables);
    Object.assign(globalThis, { console, fetch });
    process.stdout.write = write;
    process.exitCode = exitCode;
  };
}
