/**
 * How long a function takes from the loading of its code to its first answer. Every run is a new process; what is told are ratios
 * to a floor of the same run. The milliseconds hold on no other machine.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleHandlers, HANDLERS } from '../../infra/bundle.ts';
import { type Figure, median, type Part, scratchFolder } from '../report.ts';
import { invocations, python, timed } from './process.ts';
import { startServer } from './server.ts';
import { subjectsIn, unwarmedWebhook } from './subjects.ts';

const RUNS = 11;
const MEGABYTES = 256;

/** Name of what is measured -> ms of each run. */
type Times = ReadonlyMap<string, number[]>;

export const coldStart: Part = {
  name: 'cold-start',
  about: 'from the loading of the code to the first answer, in processes of their own',
  async run() {
    const folder = scratchFolder('cold');
    const { env, close } = await startServer(folder);
    try {
      return figuresOf(await measured(folder, env));
    } finally {
      close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** One of each in turn, so that what disturbs the machine disturbs all alike. The first round warms the disk. */
async function measured(folder: string, env: NodeJS.ProcessEnv): Promise<Times> {
  const bundles = await bundleHandlers({ outdir: path.join(folder, 'bundles') });
  const unwarmed = await unwarmedWebhook(folder);
  const of = await subjectsIn(folder);
  const { directory } = bundles.webhook;
  const first = async (at: string) => (await invocations(of.invocation(at), env, { megabytes: MEGABYTES }))[0];
  const subjects: readonly (readonly [name: string, run: () => Promise<number | undefined>])[] = [
    ...(['rawPut', 'put', 'defaultPut', 'signedThree', 'three', 'rawWebhook'] as const).map(
      (name) => [name, () => timed(of[name], env)] as const,
    ),
    ...(['pythonPut', 'pythonThree'] as const).map((name) => [name, () => python(of[name], env)] as const),
    ['webhook', () => timed(of.webhook(directory), env)],
    ['empty', () => timed('finish();', env)],
    ...HANDLERS.map((handler) => {
      const file = path.join(bundles[handler].directory, 'index.js');
      return [`${handler}: loaded`, () => timed(`require(${JSON.stringify(file)}); finish();`, env)] as const;
    }),
    ['first, warmed', () => first(directory)],
    ['first, unwarmed', () => first(unwarmed)],
  ];
  const took = new Map<string, number[]>(subjects.map(([name]) => [name, []]));
  for (let run = 0; run <= RUNS; run += 1)
    for (const [name, measure] of subjects) {
      const ms = await measure();
      if (run > 0 && ms !== undefined) took.get(name)?.push(ms);
    }
  return took;
}

const SDK = "reading and compiling the SDK's client: most of it runs at every call, see the size of the bundle";

function figuresOf(took: Times): Figure[] {
  const of = (name: string) => median(took.get(name) ?? []);
  const ratio = (name: string, one: string, floor: string, target?: number, note?: string): Figure[] =>
    Number.isNaN(of(floor)) ? [] : [{ name, value: of(one) / of(floor), unit: 'x', target, note }];
  const noPython = Number.isNaN(of('pythonPut')) ? 'no Python with boto3 here: not compared' : undefined;
  return [
    ...ratio('one put: SDK, our bundle / raw https', 'put', 'rawPut', 2, SDK),
    ...ratio("one put: SDK, our bundle / the CDK's bundle", 'put', 'defaultPut', 0.55, SDK),
    ...ratio('one put: SDK, our bundle / Python', 'put', 'pythonPut', 0.3, SDK),
    ...ratio('webhook: first event stored / raw https, three calls', 'webhook', 'rawWebhook', 2.4, SDK),
    ...ratio('three clients, three calls / signed by hand', 'three', 'signedThree', 2, SDK),
    ...ratio('three clients, three calls / Python', 'three', 'pythonThree', 0.3, SDK),
    ...ratio("rotate: loaded / AWS's Python template, three calls", 'rotate: loaded', 'pythonThree', 0.3, SDK),
    ...ratio(`webhook: first invocation warmed / unwarmed, ${MEGABYTES} MB`, 'first, warmed', 'first, unwarmed', 0.05),
    ...(noPython ? [{ name: 'Python', value: 0, unit: '', note: noPython }] : []),
    ...HANDLERS.flatMap((handler) => ratio(`${handler}: loaded / raw https, one put`, `${handler}: loaded`, 'rawPut')),
    ...ratio('an empty handler / raw https, one put', 'empty', 'rawPut'),
    { name: 'floor: raw https, one put', value: of('rawPut'), unit: 'ms' },
    { name: 'floor: raw https, three calls', value: of('rawWebhook'), unit: 'ms' },
    { name: `first invocation, unwarmed, ${MEGABYTES} MB`, value: of('first, unwarmed'), unit: 'ms' },
    { name: `first invocation, warmed, ${MEGABYTES} MB`, value: of('first, warmed'), unit: 'ms' },
  ];
}
