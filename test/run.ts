/** `npm test`: everything that must hold before a change lands. See HELP. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beginDeployment, bundleOnce, type StartedDeployment } from './runner/deployment.ts';
import { jest } from './runner/jest.ts';
import { RESULTS } from './runner/paths.ts';
import { check, type Tally } from './runner/processes.ts';
import { type Choice, choose } from './runner/selection.ts';

const HELP = `npm test                     all of it: lint, types, rooms, unit tests, pages, end-to-end tests
npm test -- unit             lint, types, rooms and unit tests: no browser, no Python, no local AWS
npm test -- pages            real browsers, and sites that real tools build (Vite, webpack, Rollup, Next.js)
npm test -- e2e              the end-to-end tests: a local AWS of their own
npm test -- <path> …         the suites whose path contains one of these: "rotation", "test/e2e/manual.test.ts"
npm test -- <name>           the tests whose name contains this: "the audit trail"
npm test -- --help           this

Prints a line for each suite with its time and the number of its tests, and the totals last. What a suite printed, and the
audit trails of the integrations of an end-to-end test, are shown when it fails.`;

/** Waiting, not computing, is what most of their time goes into. */
const E2E_WORKERS = 6;
/** Side by side with the end-to-end tests; these, too, mostly wait. */
const PAGES_WORKERS = 2;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return;
  }
  const chosen = await choose(args);
  if ('unknown' in chosen) {
    console.error(`${chosen.unknown}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  await mkdir(RESULTS, { recursive: true });
  // Whatever a process of the run leaves among the temporary files goes with the run.
  const temporary = await mkdtemp(path.join(tmpdir(), 'pw-'));
  process.env.TMPDIR = temporary;
  const tallies = await run(chosen, path.join(temporary, 'functions')).finally(() =>
    rm(temporary, { recursive: true, force: true, maxRetries: 3 }),
  );
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

/**
 * The unit tests have the processors to themselves, but for the deployment; what mostly waits goes side by side. Several checkers
 * of types would do much of the work several times.
 */
async function run(
  { checks, projects, filter }: Exclude<Choice, { unknown: string }>,
  functions: string,
): Promise<Tally[]> {
  const isAll = projects.has('unit') && projects.has('e2e') && !filter;
  let deployment: StartedDeployment | undefined;
  try {
    const bundled = projects.has('e2e') ? await bundleOnce(functions) : {};
    deployment = isAll ? await beginDeployment(bundled) : undefined;
    const first = [
      ...(checks
        ? [check('lint and format', 'biome', ['check', '.']), check('types', 'tsc', ['--checkers', '1'])]
        : []),
      ...(projects.has('unit') ? [jest('unit', { workers: '100%', filter })] : []),
    ];
    const tallies = await Promise.all(first);
    const env = { ...bundled, ...(deployment ? { PADDLEWHEEL_E2E: deployment.address } : {}) };
    const second = [
      ...(projects.has('e2e') ? [jest('e2e', { workers: E2E_WORKERS, filter, env })] : []),
      ...(projects.has('pages')
        ? [jest('pages', { workers: projects.has('e2e') ? PAGES_WORKERS : '100%', filter })]
        : []),
    ];
    tallies.push(...(await Promise.all(second)));
    return deployment ? [...tallies, await deployment.stop()] : tallies;
  } finally {
    await deployment?.stop();
  }
}

await main(process.argv.slice(2));
