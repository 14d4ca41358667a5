/**
 * Runs cfn-lint over a synthesized template: `node infra/lint-template.ts <cfn-lint> [template]`.
 * The linter is a Python tool, so its executable is given.
 */
import { spawnSync } from 'node:child_process';
import { NAMES } from '../lambdas/contract.ts';

/** Rules that are not for us, and why. */
const IGNORED = {
  W3005: 'CDK adds a DependsOn beside a reference that says the same',
} as const;
const TIMEOUT_MS = 300_000;

/** A cfn-lint: what starts it, and what it needs in its environment. */
export interface Linter {
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * One run for all of them: half of its time goes into starting.
 * @returns the findings, one a line that begins with its template; empty when there are none
 * @throws Error when cfn-lint could not be run
 */
export function lintTemplate({ command: [file, ...first], env }: Linter, ...templates: readonly string[]): string[] {
  const ignored = Object.keys(IGNORED).flatMap((rule) => ['--ignore-checks', rule]);
  // The templates last and by their own option: cfn-lint would take them for more rules to ignore.
  const arguments_ = [...first, ...ignored, '--format', 'parseable', '--template', ...templates];
  const { status, stdout, stderr, error } = spawnSync(file, arguments_, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env,
  });
  if (error) throw new Error(`cfn-lint could not be run: ${error.message}`, { cause: error });
  const findings = stdout.split('\n').filter((line) => line !== '');
  // Its status is a sum of what it found, so only one without a finding says that the linter itself failed.
  if (status !== 0 && findings.length === 0) throw new Error(`cfn-lint failed: ${stderr.slice(0, 2_000)}`);
  return findings;
}

if (import.meta.main) {
  const [cfnLint = 'cfn-lint', template = `cdk.out/${NAMES.stack}.template.json`] = process.argv.slice(2);
  const findings = lintTemplate({ command: [cfnLint] }, template);
  for (const finding of findings) console.error(finding);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
