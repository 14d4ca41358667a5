/** Whatever fails while targets are overwritten that hold tokens on their way out: none of these dies before its grace. */

import { AmbiguousError, ConflictError, TransientError } from '../../lambdas/domain/errors.ts';
import { DAY, HOUR, later } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { Crash, type Effects } from '../fakes/effects.ts';
import { Harness } from './harness.ts';
import { quietViolations } from './invariants.ts';
import { SCENES, three, type World, watchOver } from './overwritten-scenes.ts';

const MODES = {
  'dies after': { when: 'after', error: () => new Crash('after') },
  'is refused for now': { when: 'before', error: () => new TransientError('unavailable', 'down') },
  'loses the answer of': { when: 'after', error: () => new AmbiguousError('timeout', 'lost') },
  'is overtaken at': { when: 'before', error: () => new ConflictError('overtaken') },
} as const;
type Mode = keyof typeof MODES;

interface Armed extends Effects {
  at: number;
  mode: Mode | undefined;
  names: string[];
}
function armed(at: number, mode: Mode | undefined): Armed {
  const fail = (when: 'before' | 'after', self: Armed) => {
    if (self.mode && self.names.length - 1 === self.at && MODES[self.mode].when === when)
      throw MODES[self.mode].error();
  };
  return {
    at,
    mode,
    names: [],
    before(name) {
      this.names.push(name);
      fail('before', this);
    },
    after() {
      fail('after', this);
    },
  };
}

/** The run that fails at one effect, and all that comes after it. */
async function live(from: World, command: Command | undefined, at: number, mode: Mode | undefined) {
  const effects = armed(at, mode);
  const harness = new Harness({ from: from.harness, effects });
  const faults: string[] = [];
  watchOver(harness, faults);
  for (const [key, report] of from.harness.ledger.reported) harness.ledger.reported.set(key, report);
  const recordsBefore = harness.ledger.records.length;
  const begun = harness.clock.now();
  const attempt = async (input: { command?: Command } = {}) => {
    try {
      return (await harness.reconcile(input)).outcome;
    } catch (error) {
      if (!(error instanceof Crash) && !(error instanceof TransientError) && !(error instanceof AmbiguousError))
        throw error;
      return 'died';
    }
  };
  let outcome = await attempt(command ? { command } : {});
  const calls = effects.names.length;
  // Whoever asked, or the queue, asks again.
  for (let again = 0; again < 60 && outcome !== 'settled' && outcome !== 'rejected'; again += 1) {
    harness.clock.advance(10_000);
    outcome = await attempt(command ? { command } : {});
  }
  if (outcome !== 'settled' && outcome !== 'rejected') faults.push(`still ${outcome}`);
  const wait = harness.clock.now() - begun;
  if (harness.state.pause) await harness.reconcile({ command: commands.resume({}) });
  let next = true;
  const end = later(harness.clock.iso(), harness.config.graceFrom === 'deployed' ? 3 * HOUR : 5 * DAY);
  for (let count = 0; next; count += 1) {
    if (count > 2000) throw new Error('it does not come to rest');
    next = await harness.next(end);
  }
  const newRecords = harness.ledger.records.slice(recordsBefore);
  faults.push(...quietViolations(harness).filter((fault) => !fault.endsWith('without a recorded decision')));
  return { harness, faults, effects, calls, wait, newRecords };
}

/** What dies after a reading dies before what comes next; to read again is all that a failed reading takes. */
const MUTE = /^ledger\.(load|account|reports)$/;

test.each(SCENES)('$name: at every effect, in every way', async ({ config, prepare }) => {
  const from = await three(config);
  const command = await prepare(from);
  const whole = await live(from, command, -1, undefined);
  const faults = [...whole.faults];
  for (let at = 0; at < whole.calls; at += 1) {
    const name = whole.effects.names[at] ?? '';
    for (const mode of Object.keys(MODES) as Mode[]) {
      if (mode === 'is overtaken at' ? name !== 'ledger.save' : mode !== 'dies after' && MUTE.test(name)) continue;
      const lived = await live(from, command, at, mode);
      const told = lived.newRecords.filter(({ type }) => type === 'token.reappeared').length;
      const wrong = [
        ...lived.faults,
        ...(told > 2 ? [`told ${told} times of two tokens`] : []),
        // A lease, and the message that comes back.
        ...(lived.wait > 140_000 ? [`settled after ${lived.wait} ms`] : []),
      ];
      faults.push(...wrong.map((fault) => `${mode} ${name} (${at}): ${fault}`));
    }
  }
  expect(faults).toEqual([]);
  expect(whole.calls).toBeGreaterThan(10);
});
