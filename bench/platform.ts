/**
 * A platform's sellers: the story of `test/e2e/sellers.test.ts` on the local AWS, which notes how long each of its steps takes; and,
 * at the wire, what an account that nobody knows and a heartbeat cost, however many there are.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../infra/root.ts';
import { atTheWire } from './calls.ts';
import { projectsNode } from './node.ts';
import { type Figure, type Part, scratchFolder } from './report.ts';

const SUITE = 'test/e2e/sellers.test.ts';
const SELLERS = '20';

/** @throws when the story fails: its figures would be of something else */
async function story(progress: (text: string) => void): Promise<Figure[]> {
  const folder = scratchFolder('platform');
  const figures = path.join(folder, 'figures');
  try {
    const env = { PADDLEWHEEL_SELLERS: SELLERS, ...process.env, PADDLEWHEEL_FIGURES: figures };
    const args = [path.join(ROOT, 'test', 'run.ts'), SUITE];
    const child = spawn(projectsNode(), args, {
      ...{ cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${SUITE} ended with ${code}: ${said.slice(-2_000)}`);
    progress(said.trim().split('\n').at(-1) ?? '');
    const lines = readFileSync(figures, 'utf8').trim().split('\n');
    return lines
      .map((line) => JSON.parse(line) as { what: string; seconds: number })
      .map(({ what, seconds }) => ({ name: what, value: seconds, unit: 's' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const platform: Part = {
  name: 'platform',
  about: "sellers registered at run time: the end-to-end story's figures, and calls at the wire",
  async run(progress) {
    return [...(await atTheWire()), ...(await story(progress))];
  },
};
