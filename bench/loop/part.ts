/** The whole loop on the local AWS: from what begins it to the token at every target. */
import path from 'node:path';
import { ROOT } from '../../infra/root.ts';
import { projectsNode } from '../node.ts';
import { output } from '../output.ts';
import { type Figure, median, type Part } from '../report.ts';
import type { Measured } from './measure.ts';

const ROUNDS = 9;
const TIMEOUT_MS = 15 * 60_000;
const NAMES: Readonly<Record<string, string>> = {
  webhook: 'webhook received to stored',
  byHand: 'manual invoke to published token',
  bySchedule: 'scheduled tick to published token',
  lost: 'current token revoked outside to replaced at every target',
};

export const loop: Part = {
  name: 'loop',
  about: 'the whole loop on the local AWS, from what begins it to the token at every target: medians',
  async run() {
    const file = path.join(ROOT, 'bench', 'loop', 'measure.ts');
    const env = { ...process.env, PADDLEWHEEL_SELF_HEALS: String(ROUNDS + 1) };
    const said = await output(projectsNode(), [file], env, TIMEOUT_MS);
    // The deployment says at its end whether AWS's own models took all that it sent.
    const { floor = [], ...others }: Measured = JSON.parse(said.split('\n')[0] ?? '');
    if (floor.length !== ROUNDS) throw new Error(`${floor.length} rounds were measured, not ${ROUNDS}`);
    const bare = median(floor);
    return Object.entries(others).flatMap(([key, seconds]): Figure[] => {
      const [name, value] = [NAMES[key] ?? key, median(seconds)];
      return [
        { name, value, unit: 's' },
        { name: `${name} / status`, value: value / bare, unit: 'x' },
      ];
    });
  },
};
