/** @own-modules What is bundled reads its environment when it is loaded. */
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleHandler, bundleHandlers, HANDLERS, type Handler, handlerEntries } from '../../infra/bundle.ts';
import { defaultProvider } from '../../infra/bundling/environment-credentials.ts';

const entryOf = (name: string) => path.resolve(import.meta.dirname, `../resources/handlers/${name}.ts`);
const folder = () => mkdtempSync(path.join(tmpdir(), 'paddlewheel-bundle-'));
const everyHandler = (entry: string) =>
  Object.fromEntries(HANDLERS.map((name) => [name, entry])) as Record<Handler, string>;

/** Runs `body` with the environment that Lambda gives a function. */
async function withCredentials<T>(variables: Record<string, string>, body: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', ...variables });
  try {
    return await body();
  } finally {
    process.env = before;
  }
}

describe('a bundled handler', () => {
  test('is one file that says which format it has', async () => {
    const { directory, bytes } = await bundleHandler(entryOf('empty'), folder());
    expect(readdirSync(directory).sort()).toEqual(['index.js', 'package.json']);
    expect(JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
    expect(statSync(path.join(directory, 'index.js')).size).toBe(bytes);
  });

  test('has the same bytes wherever and whenever it is built', async () => {
    const [one, other] = await Promise.all([
      bundleHandler(entryOf('dynamo'), folder()),
      bundleHandler(entryOf('dynamo'), folder()),
    ]);
    const code = (directory: string) => readFileSync(path.join(directory, 'index.js'), 'utf8');
    expect(code(one.directory)).toBe(code(other.directory));
    expect(code(one.directory)).not.toContain(tmpdir());
  });

  test('is left untouched when it is built again', async () => {
    const { directory } = await bundleHandler(entryOf('empty'), folder());
    const before = statSync(path.join(directory, 'index.js')).mtimeMs;
    await bundleHandler(entryOf('empty'), directory);
    expect(statSync(path.join(directory, 'index.js')).mtimeMs).toBe(before);
  });

  test('holds the SDK, and of its credential providers only ours', async () => {
    const { metafile } = await bundleHandler(entryOf('dynamo'), folder());
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.some((input) => input.includes('@aws-sdk/client-dynamodb'))).toBe(true);
    expect(inputs).toContain('infra/bundling/environment-credentials.ts');
    expect(inputs.filter((input) => /credential-provider-|token-providers|nested-clients/.test(input))).toEqual([]);
  });

  test('runs as Lambda runs it: errors keep their names, and credentials come from the environment', async () => {
    const { directory } = await bundleHandler(entryOf('dynamo'), folder());
    const { handler } = createRequire(import.meta.url)(path.join(directory, 'index.js'));
    const answer = await withCredentials({ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' }, handler);
    expect(answer).toEqual({ errorName: 'BundledError', accessKeyId: 'AKIDEXAMPLE' });
  });
});

describe('the handlers', () => {
  test('are one file each below lambdas/', () => {
    expect(Object.keys(handlerEntries)).toEqual([...HANDLERS]);
    expect(handlerEntries.rotate).toBe(path.resolve(import.meta.dirname, '../../lambdas/rotate.ts'));
  });

  test('are bundled into a folder each', async () => {
    const outdir = folder();
    const bundles = await bundleHandlers({ entries: everyHandler(entryOf('empty')), outdir });
    expect(Object.values(bundles).map(({ directory }) => directory)).toEqual(
      HANDLERS.map((name) => path.join(outdir, name)),
    );
  });

  test('that are missing are all named', async () => {
    const entries = { ...everyHandler(entryOf('empty')), usage: entryOf('nowhere'), rotate: entryOf('nowhere') };
    await expect(bundleHandlers({ entries, outdir: folder() })).rejects.toThrow(
      'there is no entry file for: rotate, usage',
    );
  });
});

describe('credentials', () => {
  test('are those of the environment, session included', async () => {
    const variables = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' };
    const credentials = await withCredentials(variables, () => defaultProvider()());
    expect(credentials).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' });
  });

  test('that are empty are none, and the error says where they were searched for', async () => {
    const variables = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: '' };
    await expect(withCredentials(variables, () => defaultProvider()())).rejects.toThrow(
      'no AWS credentials in the environment',
    );
  });
});
