/** `npm run bench`: every target of the project with its figure of today. README.md beside this file has the method. */
import { parseArgs } from 'node:util';
import { bundles } from './bundles.ts';
import { calls } from './calls.ts';
import { cli } from './cli.ts';
import { coldStart } from './cold/part.ts';
import { cost } from './cost/part.ts';
import { ingest } from './ingest.ts';
import { loop } from './loop/part.ts';
import { memory } from './memory.ts';
import { pacing } from './pacing.ts';
import { platform } from './platform.ts';
import { type Figure, isMet, missedBy, type Part, table } from './report.ts';

const PARTS: readonly Part[] = [coldStart, ingest, calls, cli, bundles, cost, memory, pacing, loop, platform];

const HELP = `Usage: npm run bench -- [part …] [--json] [--write]

Measures, and compares with the targets. Without a part: all of them, which takes about ten minutes on two
quiet processors.

${PARTS.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

  --json         one JSON object on standard output, and nothing else (npm run -s: npm has two lines of its own)
  --write        what goes into docs/cost.md is written there
  --help         this text
`;

interface Result {
  readonly name: string;
  readonly figures: readonly (Figure & { readonly met?: boolean; readonly missed?: string })[];
}

/** @returns the exit code: 2 for a wrong call, 1 when a part failed; a missed target is a finding, no failure */
export async function main(args: readonly string[]): Promise<number> {
  const progress = (text: string) => void process.stderr.write(`${text}\n`);
  const options = { json: { type: 'boolean' }, write: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  let parsed: ReturnType<typeof parse>;
  const parse = () => parseArgs({ args: [...args], options, allowPositionals: true });
  try {
    parsed = parse();
  } catch (error) {
    progress((error as Error).message);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = positionals.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    progress(`No such part: ${unknown.join(', ')}\n\n${HELP}`);
    return 2;
  }
  const chosen = PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const results: Result[] = [];
  const failed: { readonly name: string; readonly error: string }[] = [];
  for (const { name, about, run } of chosen) {
    progress(`${name}: ${about}`);
    try {
      const figures = (await run(progress, { write: values.write === true })).map((figure) => {
        const met = isMet(figure);
        return met === false ? { ...figure, met, missed: missedBy(figure) } : { ...figure, met };
      });
      results.push({ name, figures });
      if (!values.json) process.stdout.write(`\n${name}\n${table(figures)}\n`);
    } catch (error) {
      failed.push({ name, error: String((error as Error).stack ?? error) });
      progress(`${name} failed: ${String((error as Error).stack ?? error)}`);
    }
  }
  const missed = results.flatMap(({ figures }) => figures.filter(({ met }) => met === false));
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ node: process.version, platform: `${process.platform} ${process.arch}`, results, missed: missed.length, failed })}\n`,
    );
  else
    process.stdout.write(`\n${missed.length} targets missed, ${failed.length} parts failed. Node ${process.version}\n`);
  return failed.length > 0 ? 1 : 0;
}
