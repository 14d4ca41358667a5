/** `npm run mutate`: would the tests notice? See HELP and docs/mutation-testing.md. */
import { glob } from 'node:fs/promises';
import path from 'node:path';
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { askedOf } from '../../local/asked.ts';
import { ROOT } from '../runner/paths.ts';
import { runHoles } from './run-holes.ts';
import { LEAST, MUTATED } from './suites.ts';

const HELP = `npm run mutate                     every mutant of the pure core, and the holes known by hand
npm run mutate -- <path> …         the mutants of the files whose path contains one of these: "policies", "judge.ts"
npm run mutate -- --holes          only the holes known by hand
npm run mutate -- --help           this

Fails when less than ${LEAST} % of the mutants are noticed, or a hole is not. The report is in .local/mutation/.
`;

const RESULTS = path.join('.local', 'mutation');

const options = (files: readonly string[]): PartialStrykerOptions => ({
  mutate: [...files],
  plugins: [path.join(import.meta.dirname, 'stryker-plugin.ts')],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  ignorers: ['texts'],
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, reportMutants: false },
  htmlReporter: { fileName: path.join(RESULTS, 'report.html') },
  jsonReporter: { fileName: path.join(RESULTS, 'report.json') },
  tempDirName: path.join(RESULTS, 'sandbox'),
  cleanTempDir: 'always',
  ignorePatterns: ['.local', 'bench', 'cdk.out', 'docs'],
  // Node strips the types; nothing here is compiled.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  thresholds: { high: 100, low: LEAST, break: LEAST },
  timeoutMS: 20_000,
});

async function mutate(parts: readonly string[]): Promise<void> {
  const all = await Array.fromAsync(glob(MUTATED, { cwd: ROOT }));
  const files = parts.length === 0 ? all : all.filter((file) => parts.some((part) => file.includes(part)));
  if (files.length === 0) {
    console.error(`No path that is mutated contains one of these: ${parts.join(', ')}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const begun = Date.now();
  const mutants = await new Stryker(options(files.sort())).runMutationTest();
  for (const mutant of mutants) if (mutant.status === 'Survived' || mutant.status === 'NoCoverage') tell(mutant);
  const valid = mutants.filter(({ status }) => status !== 'Ignored').length;
  console.log(`${valid} mutants in ${Math.round((Date.now() - begun) / 1000)} s`);
}

function tell({ fileName, location, mutatorName, replacement }: MutantResult): void {
  const { line, column } = location.start;
  const file = path.relative(ROOT, fileName);
  console.log(`${file}:${line}:${column} ${mutatorName}: ${replacement?.replace(/\s+/g, ' ').slice(0, 120)}`);
}

const { values, positionals } = askedOf(HELP, { allowPositionals: true, options: { holes: { type: 'boolean' } } });
process.chdir(ROOT);
if (!values.holes) await mutate(positionals);
if (positionals.length === 0 && (await runHoles()) > 0) process.exitCode = 1;
