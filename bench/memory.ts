/**
 * Which memory size is the cheapest: time and price of an invocation with the share of a processor that each size brings. `--write`
 * puts the table into docs/cost.md.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleHandlers } from '../infra/bundle.ts';
import { invocations } from './cold/process.ts';
import { startServer } from './cold/server.ts';
import { invocation } from './cold/subjects.ts';
import { writeBlock } from './cost/document.ts';
import { PRICE } from './cost/prices.ts';
import { type Figure, median, type Part, scratchFolder } from './report.ts';

const SIZES = [128, 256, 512, 1_024, 1_769] as const;
const TIMES = 40;

interface Row {
  readonly handler: string;
  readonly megabytes: number;
  /** Seconds of the first invocation, and of a later one. */
  readonly first: number;
  readonly warm: number;
}

const priceOfMillion = ({ megabytes, warm }: Row): number =>
  1e6 * (PRICE.lambdaRequest + (megabytes / 1_024) * warm * PRICE.lambdaGbSecond);

async function measured(): Promise<readonly Row[]> {
  const folder = scratchFolder('memory');
  const { env, close } = await startServer(folder);
  try {
    const bundles = await bundleHandlers({ outdir: path.join(folder, 'bundles') });
    const idle = `(() => { const { handler } = require(${JSON.stringify(path.join(bundles.heartbeat.directory, 'index.js'))});
      return () => handler({}, { awsRequestId: 'bench' }); })()`;
    const rows: Row[] = [];
    for (const [handler, load] of [
      ['webhook', invocation(bundles.webhook.directory)],
      ['heartbeat', idle],
    ] as const)
      for (const megabytes of SIZES) {
        const [first = Number.NaN, ...later] = await invocations(load, env, { megabytes, times: TIMES });
        rows.push({ handler, megabytes, first: first / 1_000, warm: median(later) / 1_000 });
      }
    return rows;
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(rows: readonly Row[]): string {
  const ms = (seconds: number) => `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  const cells = rows.map((row) => [
    `\`${row.handler}\``,
    `${row.megabytes.toLocaleString('en')} MB`,
    ms(row.first),
    ms(row.warm),
    `$${priceOfMillion(row).toFixed(2)}`,
  ]);
  return [
    ['function', 'size', 'first invocation', 'later ones', 'a million of them'],
    ['---', '---:', '---:', '---:', '---:'],
    ...cells,
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

export const memory: Part = {
  name: 'memory',
  about: 'time and price of an invocation at each memory size',
  async run(progress, { write }) {
    const rows = await measured();
    if (write) {
      writeBlock('memory', tableOf(rows));
      progress('written into docs/cost.md; format it');
    }
    return rows.flatMap((row): Figure[] => {
      const name = `${row.handler}, ${row.megabytes} MB`;
      return [
        { name: `${name}: first invocation`, value: row.first * 1_000, unit: 'ms' },
        { name: `${name}: later ones`, value: row.warm * 1_000, unit: 'ms' },
        { name: `${name}: a million`, value: priceOfMillion(row), unit: '$' },
      ];
    });
  },
};
