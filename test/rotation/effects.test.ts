/** Effects are begun in time, proved afterwards, and nothing is taken for one that is none. */
import { DAY, later, MINUTE, SECOND } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations, revokeOutside } from './invariants.ts';

/** Lets time pass right before or after the next effect of a name. */
class Delays {
  readonly harness: Harness;
  readonly names: string[] = [];
  readonly #waiting = new Map<string, () => void>();

  constructor() {
    const happens = (when: string) => {
      const act = this.#waiting.get(when);
      this.#waiting.delete(when);
      act?.();
    };
    const effects = {
      before: (name: string) => {
        this.names.push(name);
        happens(`before ${name}`);
      },
      after: (name: string) => happens(`after ${name}`),
    };
    this.harness = new Harness({ effects });
  }

  on(when: `${'before' | 'after'} ${string}`, act: () => void): void {
    this.#waiting.set(when, act);
  }
}

describe('a revocation', () => {
  /** The evidence is there, and the decision to revoke is written; then so many seconds pass. */
  async function decidedAndThen(seconds: number) {
    const delays = new Delays();
    const { harness } = delays;
    await harness.until(later(START, MINUTE));
    const first = harness.current?.id ?? '';
    await harness.reconcile({ command: commands.rotate({}) });
    harness.clock.set(harness.token(first).revokeAfter ?? '');
    delays.on('after cap.reserve', () => delays.on('after ledger.save', () => harness.clock.advance(seconds * SECOND)));
    delays.names.length = 0;
    return { delays, harness, first };
  }

  test('is not begun when less than half of its lease remains; the next run asks first', async () => {
    const { delays, harness, first } = await decidedAndThen(70);
    expect((await harness.reconcile()).outcome).toBe('busy');
    expect(delays.names).not.toContain('paddle.revoke');
    await harness.until(later(harness.clock.iso(), 5 * MINUTE));
    expect(harness.token(first).status).toBe('revoked');
  });

  test('that is begun as late as it may, and lasts as long as it may, ends within its lease', async () => {
    const { delays, harness, first } = await decidedAndThen(60);
    let lease: string | undefined;
    delays.on('after paddle.revoke', () => {
      // A PATCH, the question after it, and a reading of the key: `paddle/client.ts`.
      harness.clock.advance(57 * SECOND);
      lease = harness.state.lease?.until;
    });
    await harness.reconcile();
    expect(harness.token(first).status).toBe('revoked');
    expect(lease && lease > harness.clock.iso()).toBe(true);
  });
});

test('a write that a target swallowed is noticed by reading it back: nothing becomes current, and it is written again', async () => {
  const { harness } = new Delays();
  await harness.until(later(START, MINUTE));
  const first = harness.current?.id;
  const [target] = harness.config.targets;
  if (!target) throw new Error('no target');
  harness.targets.failNext('write', target, 'ignored');
  await harness.reconcile({ command: commands.rotate({}) });
  expect(harness.current?.id).toBe(first);
  expect(harness.state.retry).toMatchObject({ step: 'publish', code: 'read_back_differs' });
  await harness.until(later(harness.clock.iso(), 10 * MINUTE));
  expect(harness.current?.id).not.toBe(first);
  expect(quietViolations(harness)).toEqual([]);
});

test('a build of the current token does not start a grace that starts at its deployment; the deployment does', async () => {
  const { harness } = new Delays();
  harness.configure({ graceFrom: 'deployed', consumers: ['shop'] });
  await harness.until(later(START, MINUTE));
  const first = harness.current?.id ?? '';
  await harness.reconcile({ command: commands.rotate({}) });
  const at = harness.clock.iso();
  const built = { consumer: 'shop', tokenId: harness.current?.id ?? '', phase: 'build' as const, at };
  harness.ledger.usages.set('pricing-page', [built]);
  await harness.until(later(at, DAY));
  expect(harness.token(first).revokeAfter).toBeUndefined();
  const deployed = { tokenId: built.tokenId, at: harness.clock.iso() };
  harness.ledger.usages.set('pricing-page', [{ ...built, phase: 'deploy', deployed }]);
  await harness.reconcile({ newEvidence: true });
  expect(harness.token(first).revokeAfter).toBe(later(deployed.at, harness.config.graceMs));
});

test('a report that a run had no time to ask about is left to the next one', async () => {
  const delays = new Delays();
  const { harness } = delays;
  await harness.until(later(START, MINUTE));
  const first = harness.current?.id ?? '';
  await harness.reconcile({ command: commands.rotate({}) });
  const second = harness.current?.id ?? '';
  revokeOutside(harness, second);
  delays.on('after paddle.get', () => harness.clock.advance(3 * MINUTE));
  revokeOutside(harness, first);
  const { unanswered } = (await harness.reconcile({ recheck: [first, second] })) as { unanswered: readonly string[] };
  expect(unanswered).toEqual([]);
  expect(harness.reported).toEqual([first]);
  expect(harness.token(first).status).toBe('superseded');
  await harness.until(later(harness.clock.iso(), MINUTE));
  expect(harness.reported).toEqual([]);
  for (const id of [first, second])
    expect(harness.token(id)).toMatchObject({ status: 'revoked', revokedBy: 'external' });
  expect(quietViolations(harness)).toEqual([]);
});
