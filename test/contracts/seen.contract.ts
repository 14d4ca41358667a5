import type { IntegrationConfig, IntegrationState, Watch } from '../../lambdas/domain/model.ts';
import type { SeenReports } from '../../lambdas/evidence/ports.ts';
import type { SeenLedger } from '../../lambdas/seen/ports.ts';
import { aConfig, aState, unique } from './samples.ts';

export interface SeenWorld {
  readonly ledger: SeenLedger & SeenReports;
  put(config: IntegrationConfig, state: IntegrationState): Promise<void>;
}

const TOKEN = 'ctkn_01jd8z00000000000000000000';
const OTHER = 'ctkn_01jd8z00000000000000000001';
const seen = { silentForMs: 86_400_000 };

/** What every ledger must do with what beacons say. */
export function seenContract(make: () => SeenWorld): void {
  const recorded = () => {
    const { ledger } = make();
    const integration = unique('seen');
    const record = (tokenId: string, at: string, count = 1) => ledger.record({ integration, tokenId, at, count });
    return { integration, record, days: () => ledger.seen(integration), ledger };
  };

  test('a day has its first and its last instant, and a count', async () => {
    const { record, days } = recorded();
    expect(await days()).toEqual([]);
    expect(await record(TOKEN, '2026-11-26T08:00:00.000Z')).toBe(true);
    expect(await record(TOKEN, '2026-11-26T09:00:00.000Z', 41)).toBe(true);
    expect(await days()).toEqual([
      {
        ...{ tokenId: TOKEN, day: '2026-11-26', count: 42 },
        ...{ first: '2026-11-26T08:00:00.000Z', last: '2026-11-26T09:00:00.000Z' },
      },
    ]);
  });

  test('the last instant never goes back, and what comes too late writes nothing', async () => {
    const { record, days } = recorded();
    await record(TOKEN, '2026-11-26T09:00:00.000Z');
    expect(await record(TOKEN, '2026-11-26T08:59:59.999Z')).toBe(false);
    expect(await record(TOKEN, '2026-11-26T09:00:00.000Z')).toBe(false);
    expect(await days()).toMatchObject([{ last: '2026-11-26T09:00:00.000Z', count: 1 }]);
  });

  test('tokens, days and integrations are kept apart', async () => {
    const { record, days, ledger } = recorded();
    await record(TOKEN, '2026-11-26T23:59:59.999Z');
    await record(TOKEN, '2026-11-27T00:00:00.000Z');
    await record(OTHER, '2026-11-27T00:00:00.000Z');
    const found = (await days()).map(({ tokenId, day, count }) => `${tokenId} ${day} ${count}`).sort();
    expect(found).toEqual([`${TOKEN} 2026-11-26 1`, `${TOKEN} 2026-11-27 1`, `${OTHER} 2026-11-27 1`]);
    expect(await ledger.seen(unique('elsewhere'))).toEqual([]);
  });

  describe('whose beacons are taken:', () => {
    const token = { id: TOKEN, value: `test_${'a'.repeat(27)}` };
    const watched = { id: OTHER, value: `test_${'b'.repeat(27)}`, since: '2026-11-01T00:00:00.000Z' };
    const NOW = '2026-11-26T08:00:00.000Z';
    const configured = async (changes: Partial<IntegrationConfig>, watch: Partial<Watch> = {}) => {
      const { ledger, put } = make();
      const name = unique('listened');
      const tokens = [{ ...token, status: 'current' }] as unknown as IntegrationState['tokens'];
      await put({ ...aConfig(name), ...changes }, aState(name, 1, { tokens, watch: { tokens: [watched], ...watch } }));
      return (await ledger.listened(name, NOW)) as Awaited<ReturnType<SeenLedger['listened']>>;
    };

    test('of an integration that asks for them, with its tokens and those that are watched after their end', async () => {
      const found = await configured({ seen });
      expect(found?.seen).toEqual(seen);
      expect(found?.tokens.map(({ id, value }) => [id, value])).toEqual([
        [token.id, token.value],
        [watched.id, watched.value],
      ]);
    });

    test('of revoked ones it is news, unless somebody has been told within the day', async () => {
      const told = (toldAt: string) => ({ seen: { tokenIds: [OTHER], last: toldAt, toldAt } });
      expect((await configured({ seen }))?.untold).toEqual([watched.id]);
      expect((await configured({ seen }, told('2026-11-25T08:00:00.001Z')))?.untold).toEqual([]);
      expect((await configured({ seen }, told('2026-11-25T08:00:00.000Z')))?.untold).toEqual([watched.id]);
    });

    test('of none that does not ask, has left the configuration, or was never there', async () => {
      expect(await configured({})).toBeUndefined();
      expect(await configured({ seen, managed: false })).toBeUndefined();
      expect(await make().ledger.listened(unique('nowhere'), NOW)).toBeUndefined();
    });
  });
}
