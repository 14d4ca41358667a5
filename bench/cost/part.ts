/** What a month costs, from counts and published prices. `--write` puts it into docs/cost.md. */
import { METRICS } from '../../lambdas/contract.ts';
import type { Figure, Part } from '../report.ts';
import { type Counts, rotationCounts, webhookCounts } from './counts.ts';
import { writeBlock } from './document.ts';
import { PRICE } from './prices.ts';

const MINUTES = 43_200;
const HOURS = 730;

/** Seconds and bytes that are not counted but known from the functions' logs. */
const KNOWN = {
  heartbeat: { seconds: 0.03, gb: 0.25, logBytes: 500 },
  hourly: { seconds: 1, gb: 0.5, functions: 3 },
  /** A run waits for Paddle and the targets most of the time. */
  rotation: { seconds: 1, gb: 1 },
  webhook: { seconds: 0.005, gb: 0.25, logBytes: 700 },
  observe: { seconds: 0.003, gb: 0.25 },
  /** Of Lambda's pollers at an empty queue: five, each for as long as 20 s. */
  polls: { least: 260_000, most: 650_000 },
  shards: 4,
};

interface Scale {
  readonly integrations: number;
  readonly accounts: number;
  readonly rotations: number;
  readonly webhooks: number;
}
const SCALES: readonly (Scale & { readonly name: string; readonly target?: number })[] = [
  {
    name: '1 integration, daily, 1,000 webhooks',
    integrations: 1,
    accounts: 1,
    rotations: 30,
    webhooks: 1_000,
    target: 0.02,
  },
  {
    name: '100 integrations, monthly, 10,000 webhooks',
    integrations: 100,
    accounts: 5,
    rotations: 100,
    webhooks: 10_000,
  },
  {
    ...{
      name: '10,000 integrations, monthly, a million webhooks',
      integrations: 10_000,
      accounts: 20,
      rotations: 10_000,
    },
    ...{ webhooks: 1_000_000, target: 4 },
  },
];

type Line = readonly [what: string, dollars: number];

const lambda = (times: number, { seconds, gb }: { seconds: number; gb: number }): number =>
  times * (PRICE.lambdaRequest + seconds * gb * PRICE.lambdaGbSecond);
const logs = (times: number, bytes: number): number => (times * bytes * PRICE.logGb) / 1e9;

/** Whether anything happens or not. */
function standing({ accounts }: Scale): readonly Line[] {
  const { heartbeat, hourly, polls, shards } = KNOWN;
  return [
    ['schedules', (MINUTES + hourly.functions * HOURS) * PRICE.schedule],
    [
      'heartbeat, its reads and logs',
      lambda(MINUTES, heartbeat) + MINUTES * shards * 0.5 * PRICE.read + logs(MINUTES, heartbeat.logBytes),
    ],
    ['polling of the reconcile queue, at least', polls.least * PRICE.sqsRequest],
    [
      'hourly functions, for each account',
      lambda(hourly.functions * HOURS, hourly) + accounts * hourly.functions * HOURS * PRICE.secretsCall,
    ],
  ];
}

function work(scale: Scale, rotation: Counts, webhook: Pick<Counts, 'writes' | 'reads'>): readonly Line[] {
  const units = ({ writes, reads }: Pick<Counts, 'writes' | 'reads'>) => writes * PRICE.write + reads * PRICE.read;
  const oneRotation =
    units(rotation) +
    lambda(rotation.invocations, KNOWN.rotation) +
    // Sent, received, deleted.
    3 * rotation.invocations * PRICE.sqsRequest +
    rotation.records * (PRICE.event + KNOWN.observe.seconds * KNOWN.observe.gb * PRICE.lambdaGbSecond);
  const oneWebhook =
    units(webhook) +
    PRICE.httpApiRequest +
    lambda(1, KNOWN.webhook) +
    logs(1, KNOWN.webhook.logBytes) +
    lambda(1, KNOWN.observe);
  return [
    ['rotations', scale.rotations * oneRotation],
    ['webhooks, stored, observed, chained and logged', scale.webhooks * oneWebhook],
  ];
}

const total = (lines: readonly Line[]): number => lines.reduce((sum, [, dollars]) => sum + dollars, 0);
const dollars = (value: number): string => (value < 0.01 ? '< $0.01' : `$${value.toFixed(2)}`);

/** The same on every machine: a test compares it with docs/cost.md. */
export async function costs() {
  const rotation = await rotationCounts();
  const webhook = webhookCounts();
  const months = SCALES.map((scale) => ({ ...scale, lines: [...standing(scale), ...work(scale, rotation, webhook)] }));
  const rows = (months[0]?.lines ?? []).map(([what], at) => [
    what,
    ...months.map(({ lines }) => dollars(lines[at]?.[1] ?? 0)),
  ]);
  const sum = months.map(({ lines }) => `**${dollars(total(lines))}**`);
  const text = [
    ['', ...SCALES.map(({ name }) => name)],
    ['---', ...SCALES.map(() => '---:')],
    ...rows,
    ['**in all, without alarms, metrics and secrets**', ...sum],
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  const counted = `A quiet rotation: ${rotation.paddle} calls to Paddle, ${rotation.invocations} runs, ${rotation.records} records, ${rotation.writes} write units and ${rotation.reads} read units, chains and indexes included. A webhook: ${webhook.writes} write units.`;
  return { rotation, webhook, months, text: `${counted}\n\n${text}` };
}

export const cost: Part = {
  name: 'cost',
  about: 'a month at list price, from counts, for 1, 100 and 10,000 integrations',
  async run(progress, { write }) {
    const { rotation, webhook, months, text } = await costs();
    if (write) {
      writeBlock('costs', text);
      progress('written into docs/cost.md; format it');
    }
    const metrics = Object.keys(METRICS).length;
    return [
      ...months.map(({ name, lines, target }): Figure => {
        const dear = [...lines].sort(([, a], [, b]) => b - a).slice(0, 3);
        const note = dear.map(([what, price]) => `${what} ${dollars(price)}`).join(', ');
        return { name: `${name}: a month`, value: total(lines), unit: '$', target, note };
      }),
      { name: 'a quiet rotation: write units', value: rotation.writes, unit: 'units' },
      { name: 'a quiet rotation: records in the trail', value: rotation.records, unit: '' },
      { name: 'a webhook: write units', value: webhook.writes, unit: 'units' },
      {
        name: 'metrics of our own',
        value: metrics,
        unit: '',
        target: 10,
        note: 'written, and so paid for, only in hours in which something is wrong, but two',
      },
    ];
  },
};
