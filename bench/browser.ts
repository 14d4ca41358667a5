/**
 * `npm run bench:browser`: time and memory of a visit by the browser, cold (Chromium is still packed, nothing is loaded) and
 * warm. Memory is the sum over this process and all that it has started of their proportional set size (PSS: what
 * processes share counts once), every 50 ms, at its highest; what Chromium unpacks into the temporary folder is told apart.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { files, serve } from '../test/fakes/site-server.ts';

const [OLD, NEW] = ['a', 'b'].map((letter) => `test_${letter.repeat(27)}`) as [string, string];
const SCRIPTS = 20;

/** In a process of its own: one cold visit and two warm ones. */
async function visits(): Promise<void> {
  const peak = watchMemory();
  for (const when of ['cold', 'warm', 'warm']) {
    const since = performance.now();
    peak.begin();
    const { createBrowserSource } = await import('../lambdas/browser/browser-source.ts');
    const { findChromium } = await import('../lambdas/browser/chromium.ts');
    const chromium = await findChromium();
    if (!chromium) throw new Error('there is no Chromium here');
    const site = await shop();
    const source = createBrowserSource(chromium, { allowPrivateHosts: [site.host] });
    const { failure, sightings } = await source.observe({
      url: `${site.origin}/`,
      extraOrigins: [],
      tokens: { superseded: OLD, current: NEW },
    });
    await site.close();
    if (failure || sightings.length === 0) throw new Error(failure?.message ?? 'nothing was seen');
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    console.log(`| ${when} | ${seconds} s | ${Math.round(peak.end() / 1024)} MB |`);
  }
  process.exit();
}

const shop = () => {
  const names = Array.from({ length: SCRIPTS }, (_, i) => `/part-${i}.js`);
  const tags = names.map((name) => `<script src="${name}"></script>`).join('');
  const filler = `window.x=${JSON.stringify('y'.repeat(50_000))}`;
  return serve(
    files({
      '/': `<!doctype html><title>Shop</title><script>window.token="${NEW}"</script>${tags}`,
      ...Object.fromEntries(names.map((name) => [name, filler])),
    }),
  );
};

function watchMemory() {
  let highest = 0;
  setInterval(async () => {
    highest = Math.max(highest, await memoryOfAll());
  }, 50).unref();
  return {
    begin: () => {
      highest = 0;
    },
    end: () => highest,
  };
}

/** kB */
async function memoryOfAll(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = new Map<string, string>();
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '');
  }
  const isOurs = (pid: string | undefined): boolean =>
    pid === String(process.pid) || (pid !== undefined && pid !== '0' && pid !== '' && isOurs(parents.get(pid)));
  let sum = 0;
  for (const pid of pids.filter(isOurs)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return sum;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-bench-browser-'));
  const env = { ...process.env, TMPDIR: folder };
  try {
    const printed = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, [import.meta.filename, 'visits'], { env }, (error, stdout, stderr) =>
        error ? reject(new Error(stderr || error.message)) : resolve(stdout),
      ),
    );
    console.log('| visit | time | memory, highest |\n| --- | ---: | ---: |');
    console.log(printed.trim());
    console.log(`unpacked: ${await sizeOf(folder)} MB`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const sizeOf = (folder: string): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile('du', ['-sm', folder], (error, stdout) => (error ? reject(error) : resolve(stdout.split('\t')[0] ?? ''))),
  );

if (process.argv[2] === 'visits') await visits();
else await main();
