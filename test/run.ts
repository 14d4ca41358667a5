/** `npm test`: everything that must hold before a change lands. See HELP. */
import { mkdir } from 'node:fs/promises';
import { jest } from './runner/jest.ts';
import { RESULTS } from './runner/paths.ts';
import { check, type Tally } from './runner/processes.ts';
import { choose } from './runner/selection.ts';

const HELP = `npm test                     all of it: lint, types, rooms, unit tests, end-to-end tests
npm test -- unit             lint, types, rooms and unit tests: no Python, no local AWS
npm test -- e2e              the end-to-end tests: a local AWS of their own
npm test -- <path> …         the suites whose path contains one of these: "rotation", "test/e2e/manual.test.ts"
npm test -- <name>           the tests whose name contains this: "the audit trail"
npm test -- --help           this

Prints a line for each suite with its time and the number of its tests, and the totals last. What a suite printed, and the
audit trails of the integrations of an end-to-end test, are shown when it fails.`;

/** Waiting, not computing, is what most of their time goes into. */
const E2E_WORKERS = 3;

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
  const { checks, unit, e2e, filter } = chosen;
  const tallies: Tally[] = [];
  if (checks) {
    const rooms = ['--config', '.dependency-cruiser.cjs', 'lambdas', 'infra', 'cli', 'local'];
    const quick = [
      check('lint and format', 'biome', ['check', '.']),
      check('types', 'tsc', []),
      check('rooms: who may import whom', 'depcruise', rooms),
    ];
    tallies.push(...(await Promise.all(quick)));
  }
  if (unit) tallies.push(await jest('unit', '100%', filter));
  if (e2e) tallies.push(await jest('e2e', E2E_WORKERS, filter));
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

await main(process.argv.slice(2));
