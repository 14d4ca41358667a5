/** A person's word, a report and a deploy, each between any two effects of a run that is under way. */
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { type ReconcileInput, reconcile } from '../../lambdas/rotation/reconcile.ts';
import type { Result } from '../../lambdas/rotation/result.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations, revokeOutside } from './invariants.ts';

/** A run before whose effect number `at` something else happens. @returns how many effects it had */
async function runWith(
  harness: Harness,
  input: Partial<ReconcileInput>,
  at: number,
  meanwhile: () => Promise<unknown>,
) {
  let effects = 0;
  const between = <T extends object>(port: T): T =>
    new Proxy(port, {
      get:
        (target, key) =>
        async (...args: unknown[]) => {
          if (effects === at) {
            effects += 1;
            await meanwhile();
          } else effects += 1;
          return (Reflect.get(target, key) as (...all: unknown[]) => unknown).apply(target, args);
        },
    });
  const { ledger, targets, cap, scanner, clock, ids, paddle } = harness.world;
  const world = { ledger: between(ledger), targets: between(targets), cap: between(cap), scanner, clock, ids };
  const result = await reconcile(
    { integration: harness.config.name, ...input },
    { ...world, paddle: (...asked) => between(paddle(...asked) as object) as never },
  );
  return { effects, result };
}

interface Scene {
  readonly harness: Harness;
  readonly first: string;
  readonly input: Partial<ReconcileInput>;
}

async function begun(): Promise<{ harness: Harness; first: string }> {
  const harness = new Harness();
  await harness.until(later(START, MINUTE));
  return { harness, first: harness.current?.id ?? '' };
}

const scenes: Record<string, () => Promise<Scene>> = {
  rotation: async () => ({ ...(await begun()), input: { command: commands.rotate({}) } }),
  revocation: async () => {
    const { harness, first } = await begun();
    await harness.reconcile({ command: commands.rotate({}) });
    harness.clock.set(harness.token(first).revokeAfter ?? '');
    return { harness, first, input: {} };
  },
  rollback: async () => {
    const { harness, first } = await begun();
    await harness.reconcile({ command: commands.rotate({}) });
    return { harness, first, input: { command: commands.rollback(first, {}) } };
  },
  emergency: async () => ({ ...(await begun()), input: { command: commands.emergency({ reason: 'leaked' }) } }),
  adoption: async () => {
    const { harness, first } = await begun();
    const answer = harness.paddle.make('by hand');
    return { harness, first, input: { command: commands.adopt({ tokenId: answer.id, answer }, {}) } };
  },
  'doubted mint': async () => {
    const { harness, first } = await begun();
    harness.paddle.failNext('create', 'after');
    await harness.reconcile({ command: commands.rotate({}) });
    harness.clock.advance(MINUTE);
    return { harness, first, input: {} };
  },
};

/** Each effect of the scene's run in turn. */
async function atEach(make: () => Promise<Scene>, act: (scene: Scene, at: number) => Promise<boolean>) {
  for (let at = 0; at < 80; at += 1) if (!(await act(await make(), at))) return at;
  throw new Error('the run does not end');
}

const taken = (result: Result | undefined): boolean => result?.outcome === 'settled';

describe.each(Object.entries(scenes))('between any two effects of a run: %s', (_, make) => {
  test('a hold that was taken stands until it is released', async () => {
    await atEach(make, async ({ harness, first, input }, at) => {
      let held: Result | undefined;
      let wasAlive = false;
      const { effects } = await runWith(harness, input, at, async () => {
        held = await harness.reconcile({ command: commands.hold(first, { reason: 'app in the store' }) });
        wasAlive = harness.active.some(({ id }) => id === first);
      });
      await harness.until(later(harness.clock.iso(), 4 * DAY));
      expect([at, quietViolations(harness)]).toEqual([at, []]);
      if (!taken(held) || !wasAlive) return at < effects;
      expect([at, harness.active.some(({ id }) => id === first)]).toEqual([at, true]);
      await harness.reconcile({ command: commands.release(first, {}) });
      await harness.until(later(harness.clock.iso(), 3 * DAY));
      expect([at, quietViolations(harness)]).toEqual([at, []]);
      return at < effects;
    });
  });

  test('a pause that was taken stops it before its next effect, until it is resumed', async () => {
    await atEach(make, async ({ harness, input }, at) => {
      let paused: Result | undefined;
      const { effects } = await runWith(harness, input, at, async () => {
        paused = await harness.reconcile({ command: commands.pause({}) });
      });
      if (taken(paused)) {
        const isEmergency =
          harness.state.rotation?.emergency || harness.state.tokens.some(({ emergency }) => emergency);
        const calls = harness.paddle.calls.filter(({ method }) => method === 'create' || method === 'revoke').length;
        await harness.until(later(harness.clock.iso(), 3 * DAY));
        const after = harness.paddle.calls.filter(({ method }) => method === 'create' || method === 'revoke').length;
        if (!isEmergency) expect([at, after]).toEqual([at, calls]);
        await harness.reconcile({ command: commands.resume({}) });
      }
      await harness.until(later(harness.clock.iso(), 3 * DAY));
      expect([at, quietViolations(harness)]).toEqual([at, []]);
      return at < effects;
    });
  });

  test('a current token that somebody revokes and reports is replaced at once', async () => {
    await atEach(make, async ({ harness, input }, at) => {
      const { effects, result } = await runWith(harness, input, at, async () => {
        const lost = harness.current?.id;
        if (!lost) return;
        revokeOutside(harness, lost);
        await harness.report(lost);
      });
      // The message that the report was sent with.
      if (result.outcome === 'busy') harness.clock.advance(5_000);
      await harness.reconcile();
      const doubted = harness.state.rotation?.doubted === true;
      if (doubted) await harness.until(later(harness.clock.iso(), 10 * MINUTE));
      for (const target of harness.config.targets) {
        const value = harness.targets.current(target);
        expect([at, harness.active.some(({ token }) => token === value)]).toEqual([at, true]);
      }
      await harness.until(later(harness.clock.iso(), 3 * DAY));
      expect([at, quietViolations(harness)]).toEqual([at, []]);
      return at < effects;
    });
  });

  test.each<[string, () => ReturnType<typeof commands.rotate>]>([
    ['an emergency', () => commands.emergency({ reason: 'leaked', requestId: 'q' })],
    ['a rotation', () => commands.rotate({ requestId: 'q' })],
  ])('%s that was taken is not lost, and happens once', async (_name, command) => {
    await atEach(make, async ({ harness, input }, at) => {
      let asked: Result | undefined;
      const { effects } = await runWith(harness, input, at, async () => {
        asked = await harness.reconcile({ command: command() });
      });
      await harness.until(later(harness.clock.iso(), HOUR));
      // Its client repeats it.
      await harness.reconcile({ command: command() });
      await harness.until(later(harness.clock.iso(), 3 * DAY));
      expect([at, quietViolations(harness)]).toEqual([at, []]);
      expect([at, harness.paddle.tokens.length <= 4]).toEqual([at, true]);
      if (taken(asked)) expect(harness.state.requests.filter(({ requestId }) => requestId === 'q')).toHaveLength(1);
      return at < effects;
    });
  });

  test('a deploy that takes the integration out stops it before its next effect', async () => {
    await atEach(make, async ({ harness, input }, at) => {
      let calls = -1;
      const count = () =>
        harness.paddle.calls.filter(({ method }) => method === 'create' || method === 'revoke').length;
      const { effects } = await runWith(harness, input, at, async () => {
        harness.configure({ managed: false });
        calls = count();
      });
      // The effect that was about to begin may still happen.
      if (calls >= 0) expect([at, count() - calls <= 1]).toEqual([at, true]);
      harness.configure({ managed: true });
      await harness.reconcile();
      await harness.until(later(harness.clock.iso(), 3 * DAY));
      expect([at, quietViolations(harness)]).toEqual([at, []]);
      return at < effects;
    });
  });
});
