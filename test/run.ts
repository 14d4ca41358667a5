/**
 * `npm test`: everything that must hold before a change lands. Checks first, because they are quick; then the unit
 * project, then the end-to-end project against a local AWS of its own. Ends with one line that counts them all.
 *
 *   npm test                 all of it
 *   npm test -- unit         checks and unit tests only: no Python, no local AWS
 *   npm test -- e2e          the end-to-end tests only
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const RESULTS = path.join(ROOT, '.local', 'test-results');
const BIN = path.join(ROOT, 'node_modules');

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const run = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });

/** A check is one test: it passes or it does not. */
async function check(title: string, command: string, args: readonly string[]): Promise<Tally> {
  console.log(`\n── ${title}`);
  const failed = (await run(command, args)) === 0 ? 0 : 1;
  return { passed: 1 - failed, failed };
}

async function jest(project: 'unit' | 'e2e'): Promise<Tally> {
  console.log(`\n── ${project} tests`);
  const results = path.join(RESULTS, `${project}.json`);
  await rm(results, { force: true });
  const code = await run(process.execPath, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    path.join(BIN, 'jest', 'bin', 'jest.js'),
    `--selectProjects=${project}`,
    ...(project === 'e2e' ? ['--runInBand'] : []),
    '--json',
    `--outputFile=${results}`,
  ]);
  const summary = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
  if (!summary) return { passed: 0, failed: 1 };
  // A suite that could not even start has no tests to count.
  const failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
  return { passed: summary.numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed };
}

async function main(only: string | undefined): Promise<void> {
  if (only !== undefined && only !== 'unit' && only !== 'e2e') {
    console.error(`npm test knows "unit" and "e2e", not "${only}"`);
    process.exitCode = 2;
    return;
  }
  await mkdir(RESULTS, { recursive: true });
  const tallies: Tally[] = [];
  if (only !== 'e2e') {
    tallies.push(await check('lint and format', path.join(BIN, '.bin', 'biome'), ['check', '.']));
    tallies.push(await check('types', path.join(BIN, '.bin', 'tsc'), []));
    tallies.push(await jest('unit'));
  }
  if (only !== 'unit') tallies.push(await jest('e2e'));
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

await main(process.argv[2]);
