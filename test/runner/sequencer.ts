/** Longest first, so that at the end no worker is left alone with one. What is not named here goes by its size, as jest has it. */

import type { Test } from '@jest/reporters';
import SequencerModule from '@jest/test-sequencer';

const LONGEST_FIRST = [
  'e2e/smoke',
  'e2e/permissions',
  'e2e/evidence',
  'e2e/pages-served',
  'e2e/template',
  'e2e/rough-paddle',
  'e2e/unattended',
  'e2e/sellers',
  'e2e/recipes',
  'e2e/stories',
  'e2e/package',
  'e2e/adapters',
  'e2e/local-aws',
  'e2e/alarms',
  'e2e/manual',
  'e2e/zero-touch',
  'rotation/histories',
  'rotation/more-histories',
  'infra/limits',
  'infra/validation',
  'rotation/crash-pairs',
  'sites/builds',
  'backfill/backfill',
  'rotation/crash',
  'browser/pages',
  'browser/clean-pages',
  'browser/safety',
  'infra/bundles',
];

const rank = ({ path }: Test): number => {
  const at = LONGEST_FIRST.findIndex((name) => path.replaceAll('\\', '/').endsWith(`/${name}.test.ts`));
  return at === -1 ? LONGEST_FIRST.length : at;
};

// biome-ignore lint/suspicious/noExplicitAny: a CommonJS module with a default export
const Sequencer: any = (SequencerModule as any).default ?? SequencerModule;

export default class extends Sequencer {
  sort(tests: Test[]): Test[] {
    return super.sort(tests).sort((a: Test, b: Test) => rank(a) - rank(b));
  }
}
