/** Targets that hold tokens on their way out, and are about to be overwritten by one run or another. */

import type { IntegrationConfig, Target } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import type { Command } from '../../lambdas/rotation/reconcile.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { OTHER, PARAMETER, SECRET } from './published-world.ts';

export const KEY: Target = { kind: 'secret', name: 'prod/web/config', jsonKey: 'PADDLE_CLIENT_TOKEN' };
const GRACE = 2 * DAY;

/** Three tokens: the current one and two that are superseded. */
export async function three(config: Partial<IntegrationConfig> = {}) {
  const harness = new Harness({ config: { schedule: { every: 300 * DAY }, ...config } });
  await harness.until(later(START, MINUTE));
  const first = harness.current?.id ?? '';
  await harness.until(later(START, DAY));
  await harness.reconcile({ command: commands.rotate({}) });
  const second = harness.current?.id ?? '';
  await harness.until(later(START, DAY + HOUR));
  await harness.reconcile({ command: commands.rotate({}) });
  await harness.until(later(harness.token(first).revokeAfter ?? later(START, 3 * DAY), -HOUR));
  return { harness, first, second };
}
export type World = Awaited<ReturnType<typeof three>>;

export const value = ({ harness }: World, id: string) => harness.token(id).value;

/** From the targets' and Paddle's own history: what was revoked too early. */
export function watchOver(harness: Harness, faults: string[]) {
  const stood = new Map<string, string>();
  const places = () => [PARAMETER, SECRET, KEY, OTHER];
  harness.targets.onWrite = (_, before) => {
    for (const { id, token } of harness.paddle.tokens) if (before?.includes(token)) stood.set(id, harness.clock.iso());
  };
  harness.paddle.onChange = (kind, { id, token }) => {
    if (kind !== 'revoked') return;
    const known = harness.state.tokens.find((each) => each.id === id);
    if (known?.emergency) return;
    const until = later(stood.get(id) ?? START, GRACE);
    if (until > harness.clock.iso()) faults.push(`${id} was revoked at ${harness.clock.iso()}, before ${until}`);
    for (const place of places())
      if (harness.targets.content(place)?.includes(token)) faults.push(`${id} was revoked at a target`);
  };
}

export interface Scene {
  readonly name: string;
  readonly config?: Partial<IntegrationConfig>;
  /** What others do before the run that is to fail; or that command. */
  readonly prepare: (world: World) => Promise<Command | undefined> | Command | undefined;
}

const rotate = () => commands.rotate({ requestId: 'r1' });

export const SCENES: readonly Scene[] = [
  {
    name: 'a rotation, two tokens at two targets',
    prepare: (world) => {
      world.harness.targets.put(PARAMETER, value(world, world.first));
      world.harness.targets.put(SECRET, value(world, world.second));
      return rotate();
    },
  },
  {
    name: 'a rotation, white space and a JSON key',
    config: { targets: [PARAMETER, KEY] },
    prepare: (world) => {
      world.harness.targets.put(PARAMETER, ` ${value(world, world.first)}\n`);
      world.harness.targets.put(KEY, JSON.stringify({ A: 1, PADDLE_CLIENT_TOKEN: `${value(world, world.second)}\n` }));
      return rotate();
    },
  },
  {
    name: 'a rotation, where drift is only reported, and it has been seen',
    config: { drift: 'report' },
    prepare: async (world) => {
      world.harness.targets.put(SECRET, value(world, world.first));
      await world.harness.reconcile({ newEvidence: true });
      await world.harness.until(later(world.harness.clock.iso(), DAY));
      return rotate();
    },
  },
  {
    name: 'healing',
    prepare: async (world) => {
      world.harness.targets.put(SECRET, value(world, world.first));
      world.harness.paddle.revokeOutside(world.harness.current?.id ?? '');
      await world.harness.report(world.harness.paddle.tokens[0]?.id ?? '');
      return undefined;
    },
  },
  {
    name: 'a rollback to the one while the other stands there',
    prepare: (world) => {
      world.harness.targets.put(SECRET, value(world, world.first));
      world.harness.targets.put(PARAMETER, value(world, world.second));
      return commands.rollback(world.second, { requestId: 'r1' });
    },
  },
  {
    name: 'an emergency that overtakes a rollback which stuck half published',
    prepare: async (world) => {
      const { harness, first, second } = world;
      harness.targets.failNext('write', SECRET, 'before');
      await harness.reconcile({ command: commands.rollback(second, {}) });
      expect(harness.targets.current(PARAMETER)).toBe(value(world, second));
      harness.targets.put(SECRET, value(world, first));
      await harness.until(later(harness.token(second).revokeAfter ?? '', HOUR / 2), () => {
        harness.targets.failNext('write', SECRET, 'before');
        harness.targets.put(SECRET, value(world, first));
      });
      return commands.emergency({ reason: 'leaked', requestId: 'r1' });
    },
  },
  {
    name: 'an adoption',
    prepare: (world) => {
      world.harness.targets.put(SECRET, value(world, world.first));
      const answer = world.harness.paddle.make('made in the dashboard');
      world.harness.targets.put(PARAMETER, answer.token);
      return commands.adopt({ tokenId: answer.id, answer }, { requestId: 'r1' });
    },
  },
  {
    name: 'an emergency under a pause',
    prepare: async (world) => {
      await world.harness.reconcile({ command: commands.pause({}) });
      world.harness.targets.put(SECRET, value(world, world.first));
      return commands.emergency({ reason: 'leaked', requestId: 'r1' });
    },
  },
  {
    name: 'an emergency that names the one that stands at one target, and the other stands at the other',
    prepare: (world) => {
      world.harness.targets.put(SECRET, value(world, world.first));
      world.harness.targets.put(PARAMETER, value(world, world.second));
      return commands.emergency({ tokenId: world.second, reason: 'leaked', requestId: 'r1' });
    },
  },
  {
    name: 'the filling of targets that joined',
    prepare: (world) => {
      world.harness.configure({ targets: [PARAMETER, SECRET, OTHER, KEY] });
      world.harness.targets.put(OTHER, value(world, world.first));
      world.harness.targets.put(KEY, JSON.stringify({ PADDLE_CLIENT_TOKEN: value(world, world.second) }));
      return undefined;
    },
  },
  {
    name: 'the filling of a target that had left, and holds one still',
    config: { targets: [PARAMETER, SECRET, OTHER] },
    prepare: async (world) => {
      const { harness } = world;
      harness.targets.put(OTHER, value(world, world.first));
      harness.configure({ targets: [PARAMETER, SECRET] });
      await harness.until(later(harness.clock.iso(), 2 * DAY));
      expect(harness.token(world.first).hold?.reason).toBe('former_target_holds');
      harness.configure({ targets: [PARAMETER, SECRET, OTHER] });
      return undefined;
    },
  },
  {
    name: 'the restoring of others than those that were found changed',
    prepare: async (world) => {
      const { harness } = world;
      harness.targets.put(PARAMETER, harness.paddle.make('made in the dashboard').token);
      harness.targets.failNext('write', PARAMETER, 'before');
      await harness.reconcile({ newEvidence: true });
      harness.targets.put(SECRET, value(world, world.first));
      harness.clock.set(harness.state.repair?.nextAttemptAt ?? '');
      return undefined;
    },
  },
  {
    name: 'grace that begins at the deployment',
    config: { graceFrom: 'deployed', consumers: ['shop'] },
    prepare: (world) => {
      world.harness.targets.put(SECRET, value(world, world.first));
      return rotate();
    },
  },
];
