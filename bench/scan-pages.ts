/** `npm run bench:scan-pages`: see HELP. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import type { SiteFinding } from '../lambdas/evidence/sites/finding.ts';
import { askedOf, misused } from '../local/asked.ts';
import { PAGES as OURS } from '../test/evidence/pages/index.ts';
import { isWanted, NEW, OLD, type PageCase, servePage } from '../test/evidence/pages/page-case.ts';

const HELP = `npm run bench:scan-pages [-- part of a name] [options]

Takes pages through npx paddlewheel scan, spawned, with the reader alone, with the browser alone, and with both. Exits 1 when
both are wrong.

  --only <way>      reader, browser or both
  --pages <module>  the pages that it exports as PAGES, in place of those of test/evidence/pages
  --why             print the findings
  --help            this text
`;

const { values, positionals } = askedOf(HELP, {
  allowPositionals: true,
  options: { only: { type: 'string' }, pages: { type: 'string' }, why: { type: 'boolean' } },
});
const ways = { reader: ['--no-browser'], browser: ['--no-reader'], both: [] } as const;
type Way = keyof typeof ways;
if (values.only && !Object.hasOwn(ways, values.only)) misused(HELP, `--only ${values.only}: reader, browser or both`);
const PAGES: typeof OURS = values.pages ? (await import(path.resolve(values.pages))).PAGES : OURS;
const wanted = (values.only ? [values.only] : Object.keys(ways)) as Way[];

/** As a person runs it: a process of its own. Its exit code says what its answer says. */
const spawned = (words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const bin = path.resolve(import.meta.dirname, '../cli/bin.mjs');
    execFile(process.execPath, [bin, ...words], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stderr) process.stderr.write(stderr);
      if (stdout) resolve(stdout);
      else reject(error ?? new Error('the scan said nothing'));
    });
  });

async function scan(subject: PageCase, way: Way): Promise<SiteFinding> {
  const served = await servePage(subject);
  try {
    for (let scans = 1; ; scans += 1) {
      const out = await spawned([
        ...['scan', served.url, '--find', OLD, '--current', NEW, '--json', ...ways[way]],
        ...served.hosts.flatMap((host) => ['--allow-private', host]),
        ...(subject.clicks ?? []).flatMap((selector) => ['--click', selector]),
      ]);
      const [finding] = (JSON.parse(out) as { findings: SiteFinding[] }).findings;
      if (!finding) throw new Error('the scan said nothing');
      if (scans >= (subject.scans ?? 1) || isWanted(subject, finding.verdict)) return finding;
    }
  } finally {
    await served.close();
  }
}

const right: Record<Way, number> = { reader: 0, browser: 0, both: 0 };
let total = 0;
console.log(`| page | wanted | ${wanted.join(' | ')} |\n| --- | --- |${' --- |'.repeat(wanted.length)}`);
for (const subject of Object.values(PAGES).flat()) {
  if (positionals.length > 0 && !positionals.some((part) => subject.name.includes(part))) continue;
  total += 1;
  const cells: string[] = [];
  for (const way of wanted) {
    const { verdict, message, reasons } = await scan(subject, way);
    const ok = isWanted(subject, verdict);
    if (ok) right[way] += 1;
    else if (way === 'both') process.exitCode = 1;
    cells.push(ok ? verdict : `**${verdict}**`);
    if (values.why || (!ok && way === 'both'))
      console.log(`<!-- ${way}: ${message} ${reasons.map(({ code }) => code).join(',')} -->`);
  }
  console.log(`| ${subject.name} | ${subject.wants} | ${cells.join(' | ')} |`);
}
console.log(`\n${wanted.map((way) => `${way}: ${right[way]} of ${total}`).join(', ')}`);
process.exit();
