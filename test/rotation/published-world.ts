/** Installations that have published once, or rotated once. */
import { RefusedError } from '../../lambdas/domain/errors.ts';
import type { IntegrationConfig, Target } from '../../lambdas/domain/model.ts';
import { DAY, later, MINUTE } from '../../lambdas/domain/time.ts';
import * as commands from '../../lambdas/rotation/commands.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';

export const PARAMETER: Target = { kind: 'ssm', name: '/paddle/pricing-page/client-token' };
export const SECRET: Target = { kind: 'secret', name: 'paddle/pricing-page/client-token' };
export const OTHER: Target = { kind: 'ssm', name: '/paddle/other' };

/** `first` is current. */
export async function published(config: Partial<IntegrationConfig> = {}) {
  const harness = new Harness({ config: { schedule: { every: 300 * DAY }, ...config } });
  await harness.until(later(START, MINUTE));
  const wait = (ms: number) => harness.until(later(harness.clock.iso(), ms));
  return { harness, first: harness.current?.id ?? '', wait };
}

/** Rotated once: `first` is superseded, and valid for two days. */
export async function rotated(config: Partial<IntegrationConfig> = {}) {
  const { harness, first, wait } = await published(config);
  await harness.reconcile({ command: commands.rotate({}) });
  const types = () => harness.recordTypes();
  const breakTarget = (broken: Target) => {
    const write = harness.targets.write.bind(harness.targets);
    const state = { broken: true };
    harness.targets.write = async (target, value, key) => {
      if (state.broken && target.name === broken.name) throw new RefusedError('AccessDenied', 'no');
      return write(target, value, key);
    };
    return () => {
      state.broken = false;
    };
  };
  return { harness, first, types, wait, breakTarget };
}
