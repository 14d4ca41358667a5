/** Puts each hole into a copy of the code and runs the suites on it. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from '../runner/paths.ts';
import { HOLES, type Hole } from './holes.ts';

const COPY = path.join(ROOT, '.local', 'mutation', 'holes');
/** What the suites import, whole or in part. */
const COPIED = ['lambdas', 'local', 'cli', 'infra', 'test', 'package.json', 'paddlewheel.config.ts'];
/** A hole may make a test run for ever. */
const LONGEST_MS = 300_000;

/** @returns how many holes no test noticed */
export async function runHoles(): Promise<number> {
  await rm(COPY, { recursive: true, force: true });
  await mkdir(COPY, { recursive: true });
  for (const name of COPIED) await cp(path.join(ROOT, name), path.join(COPY, name), { recursive: true });
  await symlink(path.join(ROOT, 'node_modules'), path.join(COPY, 'node_modules'));
  let open = firstFailure() === undefined ? 0 : HOLES.length;
  if (open > 0) console.error('A test fails without any hole.');
  else for (const hole of HOLES) if (!(await isNoticed(hole))) open += 1;
  await rm(COPY, { recursive: true, force: true });
  console.log(`\n${HOLES.length - open} of ${HOLES.length} holes are noticed.`);
  return open;
}

async function isNoticed({ name, file, from, to }: Hole): Promise<boolean> {
  const at = path.join(COPY, file);
  const code = await readFile(at, 'utf8');
  const parts = code.split(from);
  if (parts.length !== 2) {
    console.log(`?  ${name}\n   no longer fits ${file}: mend it in test/mutation/holes.ts`);
    return false;
  }
  await writeFile(at, parts.join(to));
  const failure = firstFailure();
  await writeFile(at, code);
  console.log(failure === undefined ? `-  ${name}\n   no test fails` : `+  ${name}\n   ${failure}`);
  return failure !== undefined;
}

/** The test that fails first, on the copy as it is now. */
function firstFailure(): string | undefined {
  const script = path.join(COPY, 'test', 'mutation', 'first-failure.ts');
  const { status, stdout, error } = spawnSync(process.execPath, [script, COPY], {
    cwd: COPY,
    encoding: 'utf8',
    timeout: LONGEST_MS,
  });
  if (status === 0) return undefined;
  return error ? `no end after ${LONGEST_MS / 1000} s` : stdout.slice(stdout.lastIndexOf('\n') + 1) || 'loading fails';
}
