/** Programs of this repository, called wrongly: what is unknown is named, and what there is; never a stack. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../infra/root.ts';

const called = (file: string, ...args: readonly string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const env = { PATH, NODE_COMPILE_CACHE };
    execFile(process.execPath, [path.join(ROOT, file), ...args], { env }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });

test.each([
  ['npm start', 'local/start.ts', '--hlep'],
  ['npm run aws:smoke', 'local/smoke/main.ts', '--hlep'],
  ['npm run test:frameworks', 'test/frameworks/run.ts', '--hlep'],
  ['npm run test:frameworks', 'test/frameworks/run.ts', 'svelt'],
  ['npm run test:package', 'test/package/run.ts', '--kind=umd'],
  ['npm run soak', 'test/rotation/soak.ts', '--minutes=0'],
  ['npm run mutate', 'test/mutation/mutate.ts', '--hlep'],
  ['npm run bench:scan-pages', 'bench/scan-pages.ts', '--only=nobody'],
])('%s names what it does not know (%s %s), and what there is', async (program, file, unknown) => {
  const { code, out, err } = await called(file, unknown);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.split('\n')[0]).toContain(unknown.replace(/^.*=/, ''));
  expect(err).toContain(program);
  expect(err).toContain('--help');
  expect(err).not.toMatch(/^ {4}at /m);
});

test('help is no error, and nothing is done', async () => {
  const { code, out, err } = await called('test/frameworks/run.ts', '--no-browser', '--help');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const word of ['npm run test:frameworks', '--built', '--no-browser', 'nuxt', 'sveltekit'])
    expect(out).toContain(word);
});
