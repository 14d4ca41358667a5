/**
 * Random histories for as long as one likes: `npm run soak -- --minutes 20 --seed 7`. A failure is shrunk, and repeated by the line
 * that it prints.
 */
import { parseArgs } from 'node:util';
import { checkHistories } from './histories/property.ts';
import { Reached } from './histories/reached.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const first = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isInteger(first) || !(minutes > 0)) throw new RangeError('--minutes: more than 0; --seed: a whole number');
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
