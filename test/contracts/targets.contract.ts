import type { Target } from '../../lambdas/domain/model.ts';
import type { Targets } from '../../lambdas/rotation/ports.ts';
import { unique } from './samples.ts';

export interface TargetsWorld {
  readonly targets: Targets;
  /** How many values the target has had. */
  versions(target: Target): Promise<number>;
  /** Somebody else writes. */
  putOutside(target: Target, value: string): Promise<void>;
}

/** What SSM and Secrets Manager must do behind `Targets`. */
export function targetsContract(make: () => TargetsWorld): void {
  describe.each(['ssm', 'secret'] as const)('a target of kind %s', (kind) => {
    const someTarget = (): Target => ({
      kind,
      name: `/paddle/${unique('target')}/client-token`.slice(kind === 'ssm' ? 0 : 1),
    });

    test('that does not exist reads as undefined', async () => {
      expect(await make().targets.read(someTarget())).toBeUndefined();
    });

    test('is created by the first write and overwritten by the next', async () => {
      const { targets } = make();
      const target = someTarget();
      await targets.write(target, 'test_first', 'rotation-1');
      expect(await targets.read(target)).toBe('test_first');
      await targets.write(target, 'test_second', 'rotation-2');
      expect(await targets.read(target)).toBe('test_second');
    });

    test('has one version however often the same write is repeated', async () => {
      const { targets, versions } = make();
      const target = someTarget();
      await targets.write(target, 'test_first', 'rotation-1');
      await targets.write(target, 'test_first', 'rotation-1');
      await targets.write(target, 'test_first', 'rotation-1');
      expect(await versions(target)).toBe(1);
    });

    test('gets our value back when somebody wrote between two equal writes', async () => {
      const { targets, putOutside } = make();
      const target = someTarget();
      await targets.write(target, 'test_ours', 'rotation-1');
      await putOutside(target, 'test_theirs');
      expect(await targets.read(target)).toBe('test_theirs');
      await targets.write(target, 'test_ours', 'rotation-1');
      expect(await targets.read(target)).toBe('test_ours');
      await putOutside(target, 'test_theirs');
      await targets.write(target, 'test_ours', 'rotation-1');
      expect(await targets.read(target)).toBe('test_ours');
    });

    test('takes a value that it had before, for a later rotation (rollback)', async () => {
      const { targets } = make();
      const target = someTarget();
      await targets.write(target, 'test_old', 'rotation-1');
      await targets.write(target, 'test_new', 'rotation-2');
      await targets.write(target, 'test_old', 'rotation-3');
      expect(await targets.read(target)).toBe('test_old');
    });

    test('survives two writers who both find it missing', async () => {
      const { targets } = make();
      const target = someTarget();
      await Promise.all([
        targets.write(target, 'test_same', 'rotation-1'),
        targets.write(target, 'test_same', 'rotation-1'),
      ]);
      expect(await targets.read(target)).toBe('test_same');
    });

    test.each([
      ['value', '', 'rotation-1'],
      ['key', 'test_first', ''],
    ])('refuses an empty %s, and stays as it was', async (_, value, key) => {
      const { targets } = make();
      const target = someTarget();
      await expect(targets.write(target, value, key)).rejects.toBeInstanceOf(RangeError);
      expect(await targets.read(target)).toBeUndefined();
    });
  });
}
