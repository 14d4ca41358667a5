import type { RevocationCap } from '../../lambdas/evidence/ports.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { unique } from './samples.ts';

/** What every revocation cap must do. `make` gets the clock that the windows follow. */
export function revocationCapContract(make: () => { cap: RevocationCap; clock: FakeClock }): void {
  const world = () => ({ ...make(), account: unique('account') });

  test('it gives as many places as the cap says, and then none', async () => {
    const { cap, account } = world();
    expect(await cap.reserve(account, 2, 'ctkn_1')).toBe(true);
    expect(await cap.reserve(account, 2, 'ctkn_2')).toBe(true);
    expect(await cap.reserve(account, 2, 'ctkn_3')).toBe(false);
  });

  test('a token that asks again has its place already, even when all are taken', async () => {
    const { cap, account } = world();
    await cap.reserve(account, 2, 'ctkn_1');
    expect(await cap.reserve(account, 2, 'ctkn_1')).toBe(true);
    expect(await cap.reserve(account, 2, 'ctkn_2')).toBe(true);
    expect(await cap.reserve(account, 2, 'ctkn_1')).toBe(true);
  });

  test('accounts do not share places', async () => {
    const { cap, account } = world();
    expect(await cap.reserve(account, 1, 'ctkn_1')).toBe(true);
    expect(await cap.reserve(unique('account'), 1, 'ctkn_2')).toBe(true);
  });

  test('the places are free again in the next hour, not before', async () => {
    const { cap, clock, account } = world();
    clock.set('2026-11-22T03:00:00.000Z');
    await cap.reserve(account, 1, 'ctkn_1');
    clock.set('2026-11-22T03:59:59.999Z');
    expect(await cap.reserve(account, 1, 'ctkn_2')).toBe(false);
    clock.set('2026-11-22T04:00:00.000Z');
    expect(await cap.reserve(account, 1, 'ctkn_2')).toBe(true);
  });

  test.each([0, -1, Number.NaN])('a cap of %p allows nothing', async (max) => {
    const { cap, account } = world();
    expect(await cap.reserve(account, max, 'ctkn_1')).toBe(false);
  });

  test('of 20 tokens at once exactly as many as the cap get a place', async () => {
    const { cap, account } = world();
    const asked = await Promise.all(Array.from({ length: 20 }, (_, at) => cap.reserve(account, 5, `ctkn_${at}`)));
    expect(asked.filter(Boolean)).toHaveLength(5);
  });
}
