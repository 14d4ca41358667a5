/** `npm run soak`: see HELP. */
import { askedOf, misused } from '../../local/asked.ts';
import { checkHistories } from './histories/property.ts';
import { Reached } from './histories/reached.ts';

const HELP = `npm run soak [-- options]

Random histories for as long as one likes. A failure is shrunk, and repeated by the line that is printed.

  --minutes <n>   for so long (10)
  --seed <n>      begin with this one; without: with one of the clock
  --path <text>   repeat a failure, as its line says
  --help          this text
`;

const { values } = askedOf(HELP, {
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const minutes = Number(values.minutes);
if (!(minutes > 0)) misused(HELP, `--minutes ${values.minutes}: must be more than 0`);
if (!Number.isInteger(first)) misused(HELP, `--seed ${values.seed}: must be a whole number`);
const BATCH = 500;

/** Shrinking is a search of its own: it is not cut off by the time. */
async function soak(): Promise<number> {
  const reached = new Reached();
  const began = Date.now();
  const end = began + minutes * 60_000;
  let histories = 0;
  for (let seed = first; Date.now() < end; seed += 1) {
    const checked = await checkHistories({ runs: BATCH, seed }, reached);
    histories += checked.histories;
    if (checked.failure) {
      console.log(checked.failure);
      return 1;
    }
    const spent = Math.round((Date.now() - began) / 1000);
    console.log(`${histories} histories in ${spent} s, seed ${seed}`);
  }
  console.log(`No invariant was broken. From seed ${first}. Never reached: ${reached.missing.join(', ') || 'nothing'}`);
  return 0;
}

async function again(path: string): Promise<number> {
  const { failure } = await checkHistories({ runs: BATCH, seed: first, path, endOnFailure: true });
  console.log(failure ?? 'This history breaks no invariant.');
  return failure ? 1 : 0;
}

process.exitCode = values.path === undefined ? await soak() : await again(values.path);
