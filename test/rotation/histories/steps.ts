/** What may happen to an installation, as data that fast-check makes up and shrinks. */
import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lambdas/domain/time.ts';

export type What = (typeof WISHES)[number];
const WISHES = [
  ...['reconcile', 'rotate', 'emergency', 'pause', 'resume', 'rollback', 'adopt'],
  ...['hold', 'hold current', 'release', 'force', 'force held', 'leaked'],
] as const;

const FREQUENT = ['reconcile', 'reconcile', 'reconcile', 'rotate', 'rotate', 'rotate', 'resume', 'rollback'] as const;

/** How one integration is configured at first. */
export interface Setting {
  readonly sites: number;
  readonly consumers: number;
  readonly targets: number;
  readonly graceMs: number;
  readonly graceFrom: 'published' | 'deployed';
  readonly schedule: 'days' | 'cron';
  readonly drift: 'restore' | 'report';
  readonly scans: number;
  readonly adopt: boolean;
}

export interface Beginning {
  readonly integrations: readonly Setting[];
  readonly maxRevocations: number;
  /** Paddle's clock is so far ahead of ours. */
  readonly skewMs: number;
  /** So many rotations that nobody deploys come first. */
  readonly rotations: number;
}

const setting: fc.Arbitrary<Setting> = fc.record({
  sites: fc.constantFrom(0, 0, 1, 2, 8),
  consumers: fc.constantFrom(0, 0, 1, 2),
  targets: fc.constantFrom(1, 2, 2, 3),
  graceMs: fc.constantFrom(MINUTE, HOUR, DAY),
  graceFrom: fc.constantFrom('published' as const, 'published' as const, 'deployed' as const),
  // Cron is costly to evaluate, and each decision does.
  schedule: fc.constantFrom(...Array<'days'>(23).fill('days'), 'cron' as const),
  drift: fc.constantFrom('restore' as const, 'restore' as const, 'report' as const),
  scans: fc.constantFrom(1, 2, 3),
  adopt: fc.constantFrom(false, false, false, true),
});

export const beginning: fc.Arbitrary<Beginning> = fc.record({
  integrations: fc.oneof(
    { weight: 6, arbitrary: fc.array(setting, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(setting, { minLength: 2, maxLength: 3 }) },
  ),
  maxRevocations: fc.constantFrom(1, 2, 5),
  skewMs: fc.constantFrom(0, 0, -20 * SECOND, 20 * SECOND),
  rotations: fc.oneof(
    { weight: 300, arbitrary: fc.constant(0) },
    { weight: 20, arbitrary: fc.constant(4) },
    { weight: 1, arbitrary: fc.constant(52) },
  ),
});

const who = fc.nat(2);
const wish = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...FREQUENT) },
  { weight: 3, arbitrary: fc.constantFrom(...WISHES) },
);
const when = fc.constantFrom('before' as const, 'after' as const);
const kind = <K extends string>(value: K) => fc.constant(value);

const STEPS = [
  {
    weight: 7,
    arbitrary: fc.record({
      do: kind('wait'),
      ms: fc.constantFrom(5 * SECOND, 20 * SECOND, MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: kind('standstill'), ms: fc.constantFrom(MINUTE, HOUR, 3 * DAY, 31 * DAY, -2 * MINUTE) }),
  },
  { weight: 6, arbitrary: fc.record({ do: kind('ask'), who, wish }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: kind('race'),
      who,
      other: who,
      first: wish,
      second: wish,
      meanwhile: fc.constantFrom('nothing' as const, 'nothing' as const, 'revoked' as const, 'site' as const),
      choices: fc.array(fc.nat(9), { maxLength: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: kind('outage'),
      method: fc.constantFrom('create' as const, 'create' as const, 'list' as const, 'get' as const, 'revoke' as const),
      when: fc.constantFrom('before' as const, 'after' as const, 'late' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: kind('outage'), method: kind('get'), when: fc.constant('unknown' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: kind('target outage'),
      who,
      index: fc.nat(2),
      method: fc.constantFrom('read' as const, 'write' as const),
      when: fc.constantFrom('before' as const, 'after' as const, 'ignored' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: kind('paddle'), down: fc.constantFrom(undefined, 'all' as const, 'revoke' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: kind('lag'), ms: fc.constantFrom(0, 10 * SECOND, 90 * SECOND, 10 * MINUTE) }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind('slow'), factor: fc.constantFrom(1, 40, 150) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: kind('revoked outside'),
      who,
      current: fc.boolean(),
      pick: fc.nat(5),
      told: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: kind('webhooks'), picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: kind('deploy'),
      who,
      page: fc.nat(7),
      all: fc.boolean(),
      half: fc.boolean(),
      old: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: kind('report'),
      who,
      consumer: fc.nat(1),
      phase: fc.constantFrom('build' as const, 'deploy' as const, 'deploy' as const),
      old: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind('page down'), who, page: fc.nat(7), down: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: kind('overwrite'),
      who,
      index: fc.nat(2),
      by: fc.constantFrom('text' as const, 'superseded' as const, 'nothing' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: kind('killed'),
      who,
      at: fc.nat(14),
      when,
      wish,
      effect: fc.constantFrom(undefined, undefined, 'paddle.create', 'paddle.revoke', 'targets.write'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: kind('configure'),
      who,
      graceMs: fc.constantFrom(MINUTE, HOUR, DAY),
      managed: fc.constantFrom(true, true, true, false),
      drift: fc.constantFrom('restore' as const, 'report' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind('retarget'), who, joins: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: kind('move target'), who, other: who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: kind('paused emergency'),
      who,
      doubt: fc.boolean(),
      ms: fc.constantFrom(MINUTE, 20 * MINUTE, 2 * DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: kind('revoked unpublished'), who, ms: fc.constantFrom(0, 20 * SECOND, 2 * MINUTE) }),
  },
] as const;

export const step = fc.oneof(...STEPS);
export type Step = (typeof STEPS)[number]['arbitrary'] extends fc.Arbitrary<infer S> ? S : never;
export type StepOf<K extends Step['do']> = Extract<Step, { do: K }>;
export const steps = fc.array(step, { minLength: 4, maxLength: 24 });
