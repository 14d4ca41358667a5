/** One project of jest in a process of its own: a line for each suite that ended, and what it did on the whole. */
import { spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { COMPILE_CACHE } from '../../local/deploy.ts';
import { RESULTS, ROOT } from './paths.ts';
import { line, type Tally } from './processes.ts';
import type { Happened } from './reporter.ts';
import type { Filter, Project } from './selection.ts';

/** After so long without a line, one says what is still running. */
const SILENT_MS = 20_000;
const LAST_LINES = 40;
/** For jest and its workers. With room for what lives shortly, the collector of garbage has a tenth less to do on the whole. */
const NODE = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--max-semi-space-size=64'];

export interface JestOptions {
  readonly workers: number | string;
  readonly filter?: Filter;
  readonly env?: Readonly<Record<string, string>>;
}

export async function jest(project: Project, { workers, filter, env }: JestOptions): Promise<Tally> {
  const [log, counts] = ['log', 'counts'].map((kind) => path.join(RESULTS, `${project}.${kind}`)) as [string, string];
  await rm(counts, { force: true });
  const progress = new Progress(project);
  const code = await run(jestArguments(project, workers, filter), { log, counts, env, progress });
  const tally = progress.end();
  await tellCounts(counts);
  if (code === 0 || tally.failed > 0) return tally;
  // No suite failed, and yet jest did: it could not start, or ended badly.
  const last = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-LAST_LINES);
  console.log(['jest failed:', ...last].join('\n'));
  return { ...tally, failed: 1 };
}

function jestArguments(project: string, workers: number | string, filter: Filter | undefined): string[] {
  const args = [
    `--selectProjects=${project}`,
    `--maxWorkers=${workers}`,
    '--verbose=false',
    `--reporters=${path.join(ROOT, 'test', 'runner', 'reporter.ts')}`,
  ];
  if (!filter) return args;
  if (filter.name !== undefined) args.push(`--testNamePattern=${filter.name}`);
  return [...args, '--runTestsByPath', ...filter.files];
}

interface Run {
  /** Takes all that jest and the suites print. */
  readonly log: string;
  /** Takes what suites count: see `test/counts.ts`. */
  readonly counts: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly progress: Progress;
}

async function run(args: readonly string[], { log, counts, env, progress }: Run): Promise<number> {
  const output = await open(log, 'w');
  try {
    const bin = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
    const child = spawn(process.execPath, [...NODE, bin, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env, PADDLEWHEEL_TEST_COUNTS: counts, NODE_COMPILE_CACHE: COMPILE_CACHE },
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    child.on('message', (happened: Happened) => progress.note(happened));
    return await new Promise<number>((resolve) => {
      child.once('error', () => resolve(1));
      child.once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    await output.close();
  }
}

class Progress {
  readonly #project: string;
  readonly #begun = Date.now();
  readonly #running = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #suites = 0;
  #passed = 0;
  #failed = 0;

  constructor(project: string) {
    this.#project = project;
    this.#timer = setInterval(() => this.#stillRunning(), SILENT_MS);
  }

  note(happened: Happened): void {
    if ('started' in happened) {
      this.#running.add(happened.started);
      return;
    }
    const { ended, passed, failed, skipped, ms, report } = happened;
    this.#running.delete(ended);
    if (passed + failed === 0) return;
    this.#timer.refresh();
    this.#suites += 1;
    this.#passed += passed;
    this.#failed += failed;
    const parts = [`${passed + failed} tests`, ...(skipped > 0 ? [`${skipped} skipped`] : [])];
    console.log(line(failed === 0, ms, `${path.relative(ROOT, ended)} (${parts.join(', ')})`));
    if (report) console.log(report);
  }

  end(): Tally {
    clearInterval(this.#timer);
    const ms = Date.now() - this.#begun;
    if (this.#suites > 0) console.log(line(this.#failed === 0, ms, `${this.#project}: ${this.#suites} suites`));
    return { passed: this.#passed, failed: this.#failed };
  }

  #stillRunning(): void {
    const names = [...this.#running].map((file) => path.relative(ROOT, file)).sort();
    const seconds = Math.round((Date.now() - this.#begun) / 1000);
    console.log(`   … ${String(seconds).padStart(5)} s  still running: ${names.join(', ') || 'nothing yet'}`);
  }
}

/** The sums of what the suites counted: `12,345 random histories`. */
async function tellCounts(file: string): Promise<void> {
  const lines = await readFile(file, 'utf8').catch(() => '');
  const sums = new Map<string, number>();
  for (const counted of lines.split('\n').filter(Boolean)) {
    const { what, times } = JSON.parse(counted) as { what: string; times: number };
    sums.set(what, (sums.get(what) ?? 0) + times);
  }
  for (const [what, times] of sums) console.log(`${times.toLocaleString('en').padStart(17)} ${what}`);
}
