/**
 * Python tools, installed into the project's own git-ignored folder from pinned requirements: no virtual environment,
 * nothing outside the project, and nothing that the hashes in the requirements file do not name.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const PROJECT = path.resolve(import.meta.dirname, '..');
export const LOCAL = path.join(PROJECT, '.local');

const OLDEST = [3, 10] as const;
const CHECK_MS = 20_000;
const INSTALL_MS = 10 * 60_000;

export type PythonToolName = 'ministack' | 'cfn-lint' | 'moto' | 'checkov';
export type Progress = (line: string) => void;

export interface Python {
  readonly command: string;
  readonly args: readonly string[];
  /** `cpython-311-linux-x86_64`: wheels for one do not serve another. */
  readonly tag: string;
}

export interface PythonTool {
  readonly python: Python;
  /** Where it is installed. */
  readonly folder: string;
  /** The environment to run it with, or anything else that imports it. */
  readonly env: NodeJS.ProcessEnv;
  /** `[file, ...arguments]` that starts Python with these; needs `env`. */
  readonly commandLine: (...args: readonly string[]) => readonly [string, ...string[]];
}

/** What cfn-lint's console script does. The script itself is not used: its first line names a Python by its path. */
export const CFN_LINT = ['-c', 'import sys; from cfnlint.runner import main; sys.exit(main())'] as const;

/** Tools that find what they share with another one in its folder, botocore above all. */
const ON_TOP_OF: Readonly<Partial<Record<PythonToolName, PythonToolName>>> = {
  moto: 'ministack',
  checkov: 'ministack',
};

/** Nothing on this machine can run the tool; the message says what to install. */
export class PythonMissingError extends Error {
  override readonly name = 'PythonMissingError';
}

const CANDIDATES: readonly (readonly [string, ...string[]])[] = [['python3'], ['python'], ['py', '-3']];
const PROBE = `import sys, sysconfig
print(sys.version_info[0], sys.version_info[1], sys.implementation.cache_tag + '-' + sysconfig.get_platform())
import pip`;

/** The first Python that is new enough and has pip. @throws PythonMissingError saying what was found instead */
export async function findPython(): Promise<Python> {
  const found: string[] = [];
  for (const [command, ...args] of CANDIDATES) {
    const name = [command, ...args].join(' ');
    const probe = await run(command, [...args, '-c', PROBE], { timeout: CHECK_MS }).then(
      ({ stdout }) => ({ stdout, pip: true }),
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? '', pip: false }),
    );
    const [, major, minor, tag] = /^(\d+) (\d+) (\S+)/.exec(probe.stdout) ?? [];
    if (tag === undefined) continue;
    const isNew = Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
    if (isNew && probe.pip) return { command, args, tag };
    found.push(`${name} is ${major}.${minor}${probe.pip ? '' : ' without pip'}`);
  }
  const seen = found.length > 0 ? found.join(', ') : 'no python3, python or py';
  throw new PythonMissingError(
    `Python ${OLDEST.join('.')} or newer with pip is needed (found: ${seen}). ` +
      'Install it from python.org, with `brew install python`, or with `apt-get install python3 python3-pip`.',
  );
}

/**
 * Installs the tool once per requirements file and Python; later calls only find it. Safe to call from several
 * processes at once: each installs beside, and the first to finish moves its folder into place.
 *
 * @throws PythonMissingError when there is no Python to install it with; Error with pip's last words when pip fails
 */
export async function installPythonTool(name: PythonToolName, progress: Progress = () => {}): Promise<PythonTool> {
  const python = await findPython();
  const under = ON_TOP_OF[name];
  const [folder, shared] = await Promise.all([
    installed(name, python, progress),
    under && installed(under, python, progress),
  ]);
  const commandLine = (...args: readonly string[]) =>
    [python.command, ...python.args, ...args] as [string, ...string[]];
  return { python, folder, env: pythonEnv([folder, ...(shared ? [shared] : [])]), commandLine };
}

/** @returns the folder */
async function installed(name: PythonToolName, python: Python, progress: Progress): Promise<string> {
  const requirements = path.join(import.meta.dirname, `${name}-requirements.txt`);
  const pins = await readFile(requirements);
  const digest = createHash('sha256').update(pins).update(python.tag).digest('hex').slice(0, 16);
  const folder = path.join(LOCAL, 'python', `${name}-${digest}`);
  if (!existsSync(folder)) {
    progress(`installing ${name} into ${path.relative(PROJECT, folder)} (once)`);
    await installBeside(python, requirements, folder);
    progress(`installed ${name}`);
  }
  return folder;
}

async function installBeside(python: Python, requirements: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const beside = await mkdtemp(`${folder}.`);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    // The file names everything; and only what is imported is worth compiling, which Python does by itself.
    '--no-deps',
    '--no-compile',
    '--only-binary',
    ':all:',
    '--no-warn-script-location',
  ];
  const env = { ...process.env, PIP_USER: '0', PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  try {
    const args = [...python.args, ...pip, '--target', beside, '--requirement', requirements];
    await run(python.command, args, { env, timeout: INSTALL_MS, maxBuffer: 16 * 1024 * 1024 });
    await rename(beside, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new Error(`pip could not install ${path.basename(requirements)}: ${said.split('\n').slice(-5).join('\n')}`, {
      cause: error,
    });
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/**
 * Only these folders and the standard library: what the machine has installed besides cannot interfere. What was compiled once is
 * kept, in the project, even where Python is told to keep nothing: a start of MiniStack computes a quarter then.
 */
function pythonEnv(folders: readonly string[]): NodeJS.ProcessEnv {
  const PYTHONPATH = folders.join(path.delimiter);
  const compiled = { PYTHONDONTWRITEBYTECODE: undefined, PYTHONPYCACHEPREFIX: path.join(LOCAL, 'python', 'bytecode') };
  return { ...process.env, ...compiled, PYTHONPATH, PYTHONNOUSERSITE: '1', PYTHONUNBUFFERED: '1' };
}
