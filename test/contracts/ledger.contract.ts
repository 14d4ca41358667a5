import { ulid } from 'ulid';
import { ConflictError } from '../../lambdas/domain/errors.ts';
import type { Account, AuditRecord, Instant, IntegrationConfig, Usage } from '../../lambdas/domain/model.ts';
import { type Ledger, TokenTakenError } from '../../lambdas/rotation/ports.ts';
import { aToken } from '../builders/state.ts';
import { aConfig, anAccount, aRecord, aState, aUsage, unique } from './samples.ts';

export interface LedgerWorld {
  readonly ledger: Ledger;
  findDue(now: Instant): Promise<readonly { integration: string; dueAt: Instant; heals?: true }[]>;
  putAccount(account: Account): Promise<void>;
  putConfig(config: IntegrationConfig): Promise<void>;
  putUsage(integration: string, usage: Usage): Promise<void>;
  /** Everything of ours in the trail that concerns the integration. */
  records(integration: string): Promise<readonly AuditRecord[]>;
  /** The next save happens, and its caller is told that it failed. */
  loseNextAnswer(): void;
}

/** What every ledger must do. `make` may be asked for a world many times; names never repeat. */
export function ledgerContract(make: () => LedgerWorld): void {
  const configured = async () => {
    const world = make();
    const name = unique('integration');
    await world.putConfig(aConfig(name));
    const claim = (tokenId: string) => ({ tokenId, integration: name, rotationId: 'r1' });
    return { ...world, name, claim };
  };
  const version = async (ledger: Ledger, name: string) => (await ledger.load(name))?.state.version;

  describe('reading', () => {
    test('what was never stored is undefined, and nobody has reported its use', async () => {
      const { ledger } = make();
      const name = unique('nowhere');
      expect(await ledger.load(name)).toBeUndefined();
      expect(await ledger.account(name)).toBeUndefined();
      expect(await ledger.owner(name)).toBeUndefined();
      expect(await ledger.usage(name)).toEqual([]);
    });

    test('an account reads back as it was written', async () => {
      const { ledger, putAccount } = make();
      const account = anAccount(unique('account'));
      await putAccount(account);
      expect(await ledger.account(account.name)).toEqual(account);
    });

    test('an integration without a state loads as version 0 with nothing in it', async () => {
      const { ledger, name } = await configured();
      expect(await ledger.load(name)).toEqual({ config: aConfig(name), state: aState(name, 0) });
    });

    test('usage has the latest report of each consumer, and none of another integration', async () => {
      const { ledger, name, putUsage } = await configured();
      const deployed = { tokenId: 'ctkn_01jd8z00000000000000000001', build: '0', at: '2026-11-21T03:00:00.000Z' };
      await putUsage(name, aUsage('shop'));
      await putUsage(name, aUsage('shop', { build: '2', deployed }));
      await putUsage(name, aUsage('blog'));
      await putUsage(`${name}-2`, aUsage('docs'));
      const found = [...(await ledger.usage(name))].sort((a, b) => a.consumer.localeCompare(b.consumer));
      expect(found).toEqual([aUsage('blog'), aUsage('shop', { build: '2', deployed })]);
    });
  });

  describe('saving', () => {
    test('a state reads back as it was saved, without what was undefined', async () => {
      const { ledger, name, records } = await configured();
      const record = aRecord(name);
      const next = aState(name, 1, {
        dueAt: '2026-11-23T03:00:00.000Z',
        requests: [{ requestId: 'q', rotationId: 'r' }],
      });
      await ledger.save(aState(name, 0), { ...next, retry: undefined }, [record], []);
      expect((await ledger.load(name))?.state).toStrictEqual(next);
      expect(await records(name)).toEqual([record]);
    });

    test('a state without what the last one had does not have it any more', async () => {
      const { ledger, name } = await configured();
      const first = aState(name, 1, { pause: { since: '2026-11-22T03:00:00.000Z' } });
      await ledger.save(aState(name, 0), first, [], []);
      await ledger.save(first, aState(name, 2), [], []);
      expect((await ledger.load(name))?.state).toStrictEqual(aState(name, 2));
    });

    test.each([
      ['of an older version', 1],
      ['of version 0 when there is a state', 0],
      ['of a version that was never stored', 7],
    ])('a save %s is a conflict, and leaves nothing behind', async (_, stale) => {
      const { ledger, name, claim, records } = await configured();
      await ledger.save(aState(name, 0), aState(name, 1), [], []);
      await ledger.save(aState(name, 1), aState(name, 2), [], []);
      const token = unique('ctkn');
      const late = ledger.save(aState(name, stale), aState(name, stale + 1), [aRecord(name)], [claim(token)]);
      await expect(late).rejects.toBeInstanceOf(ConflictError);
      expect(await version(ledger, name)).toBe(2);
      expect(await records(name)).toEqual([]);
      expect(await ledger.owner(token)).toBeUndefined();
    });

    test('of 20 saves at once one wins, the others are conflicts, and there is one record', async () => {
      const { ledger, name, records } = await configured();
      await ledger.save(aState(name, 0), aState(name, 1), [], []);
      const rivals = Array.from({ length: 20 }, (_, at) => aRecord(name, { reason: `rival ${at}` }));
      const ends = await Promise.allSettled(
        rivals.map((record) => ledger.save(aState(name, 1), aState(name, 2), [record], [])),
      );
      const winners = rivals.filter((_, at) => ends[at]?.status === 'fulfilled');
      const losses = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      expect(winners).toHaveLength(1);
      expect(losses.map((error) => error.name)).toEqual(Array(19).fill('ConflictError'));
      expect(await records(name)).toEqual(winners);
      expect(await version(ledger, name)).toBe(2);
    });

    test('after a lost answer the save is there, and repeating it is a conflict', async () => {
      const { ledger, name, records, loseNextAnswer } = await configured();
      const save = [aState(name, 0), aState(name, 1), [aRecord(name)], []] as const;
      loseNextAnswer();
      await expect(ledger.save(...save)).rejects.not.toBeInstanceOf(ConflictError);
      await expect(ledger.save(...save)).rejects.toBeInstanceOf(ConflictError);
      expect(await version(ledger, name)).toBe(1);
      expect(await records(name)).toHaveLength(1);
    });

    test('a record that was written before fails the save as a defect, and leaves nothing behind', async () => {
      const { ledger, name, records } = await configured();
      const record = aRecord(name);
      await ledger.save(aState(name, 0), aState(name, 1), [record], []);
      const error = await ledger.save(aState(name, 1), aState(name, 2), [record], []).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(ConflictError);
      expect(error).not.toBeInstanceOf(TokenTakenError);
      expect(await version(ledger, name)).toBe(1);
      expect(await records(name)).toHaveLength(1);
    });

    test('a version that does not follow the previous one is refused', async () => {
      const { ledger, name } = await configured();
      await expect(ledger.save(aState(name, 0), aState(name, 2), [], [])).rejects.toBeInstanceOf(RangeError);
      expect(await version(ledger, name)).toBe(0);
    });
  });

  describe('claiming a token', () => {
    test('a free token becomes ours, and may be claimed again by us', async () => {
      const { ledger, name, claim } = await configured();
      const token = unique('ctkn');
      await ledger.save(aState(name, 0), aState(name, 1), [], [claim(token)]);
      await ledger.save(aState(name, 1), aState(name, 2), [], [claim(token)]);
      expect(await ledger.owner(token)).toBe(name);
      expect(await version(ledger, name)).toBe(2);
    });

    test("another integration's token stays there, and the save leaves nothing behind", async () => {
      const { ledger, name, claim, records } = await configured();
      const [ours, theirs] = [unique('ctkn'), unique('ctkn')];
      const other = unique('other');
      await ledger.save(aState(other, 0), aState(other, 1), [], [{ ...claim(theirs), integration: other }]);
      const greedy = ledger.save(aState(name, 0), aState(name, 1), [aRecord(name)], [claim(ours), claim(theirs)]);
      await expect(greedy).rejects.toBeInstanceOf(TokenTakenError);
      expect(await ledger.owner(theirs)).toBe(other);
      expect(await ledger.owner(ours)).toBeUndefined();
      expect(await version(ledger, name)).toBe(0);
      expect(await records(name)).toEqual([]);
    });

    test('who is overtaken and greedy at once is told of the conflict, and reads again', async () => {
      const { ledger, name, claim } = await configured();
      const [theirs, other] = [unique('ctkn'), unique('other')];
      await ledger.save(aState(other, 0), aState(other, 1), [], [{ ...claim(theirs), integration: other }]);
      await ledger.save(aState(name, 0), aState(name, 1), [], []);
      const late = ledger.save(aState(name, 0), aState(name, 1), [], [claim(theirs)]);
      await expect(late).rejects.toBeInstanceOf(ConflictError);
    });
  });

  describe('where a token comes from that no state knows', () => {
    const at = '2026-11-22T03:00:00.000Z';
    const begun = async () => {
      const world = await configured();
      const rotationId = ulid(Date.parse(at));
      const intent = aRecord(world.name, { rotationId, at });
      await world.ledger.save(aState(world.name, 0), aState(world.name, 1), [intent], []);
      const provenance = (token: string, rotation = rotationId) => world.ledger.provenance(world.name, rotation, token);
      return { ...world, provenance };
    };

    test('the intent of its rotation, or nothing of ours', async () => {
      const { provenance } = await begun();
      expect(await provenance(unique('ctkn'))).toBe('intended');
      expect(await provenance(unique('ctkn'), ulid(Date.parse(at)))).toBe('none');
    });

    test('this integration, which has it or had it, or another one', async () => {
      const { ledger, name, provenance, claim } = await begun();
      const [ours, told, theirs, other] = [unique('ctkn'), unique('ctkn'), unique('ctkn'), unique('other')];
      const record = aRecord(name, { type: 'token.minted', tokenId: told });
      await ledger.save(aState(name, 1), aState(name, 2), [record], [claim(ours)]);
      await ledger.save(aState(other, 0), aState(other, 1), [], [{ ...claim(theirs), integration: other }]);
      expect(await Promise.all([ours, told, theirs].map((id) => provenance(id)))).toEqual(['known', 'known', 'taken']);
    });
  });

  describe('reports about tokens', () => {
    const about = (integration: string, tokenId: string) =>
      ({ integration, tokenId, source: 'webhook', at: '2026-11-22T03:00:00.000Z' }) as const;

    test('are there for every run until they are answered, and only for their integration', async () => {
      const { ledger, name } = await configured();
      const [a, b] = [about(name, 'ctkn_a'), about(name, 'ctkn_b')];
      await ledger.report([a, b, about(`${name}-2`, 'ctkn_c')]);
      const reports = await ledger.reports(name);
      expect(reports).toMatchObject([b, a]);
      expect(await ledger.reports(name)).toEqual(reports);
      for (const report of reports) await ledger.answered(report);
      expect(await ledger.reports(name)).toEqual([]);
      expect(await ledger.reports(`${name}-2`)).toHaveLength(1);
    });

    test('a newer report about the token outlives the answer to the older one; answering twice is harmless', async () => {
      const { ledger, name } = await configured();
      await ledger.report([about(name, 'ctkn_a')]);
      const [older] = await ledger.reports(name);
      if (!older) throw new Error('there must be a report');
      await ledger.report([about(name, 'ctkn_a')]);
      await ledger.answered(older);
      const [newer] = await ledger.reports(name);
      if (!newer) throw new Error('the newer report must stay');
      expect(newer.reportId).not.toBe(older.reportId);
      await ledger.answered(newer);
      await ledger.answered(newer);
      expect(await ledger.reports(name)).toEqual([]);
    });

    test('need no lease and no state, and more than one batch holds arrive, the newest tokens first', async () => {
      const { ledger, name } = await configured();
      const ids = Array.from({ length: 23 }, (_, at) => `ctkn_${String(at).padStart(2, '0')}`);
      await ledger.report(ids.map((id) => about(name, id)));
      expect((await ledger.reports(name)).map(({ tokenId }) => tokenId)).toEqual(ids.toReversed());
      expect(await version(ledger, name)).toBe(0);
    });
  });

  describe('what is due', () => {
    const found = async (world: LedgerWorld, names: string[], now: Instant) =>
      (await world.findDue(now)).filter(({ integration }) => names.includes(integration));

    test('is found from its instant on, the longest overdue first; what waits for nothing is never found', async () => {
      const world = make();
      const [early, late, never] = [unique('early'), unique('late'), unique('never')];
      const save = (name: string, dueAt?: Instant) =>
        world.ledger.save(aState(name, 0), aState(name, 1, { dueAt }), [], []);
      await save(late, '2026-11-22T03:00:00.000Z');
      await save(never);
      await save(early, '2026-11-21T03:00:00.000Z');
      const names = [early, late, never];
      expect(await found(world, names, '2026-11-21T02:59:59.999Z')).toEqual([]);
      expect(await found(world, names, '2026-11-22T03:00:00.000Z')).toEqual([
        { integration: early, dueAt: '2026-11-21T03:00:00.000Z' },
        { integration: late, dueAt: '2026-11-22T03:00:00.000Z' },
      ]);
      expect(await found(world, names, '9999-01-01T00:00:00.000Z')).toHaveLength(2);
    });

    test('is found with the word that it heals, for as long as it does', async () => {
      const world = make();
      const [broken, restored, reported] = [unique('broken'), unique('restored'), unique('reported')];
      const dueAt = '2026-11-22T03:00:00.000Z';
      const waits = { since: dueAt, attempts: 1, nextAttemptAt: dueAt, message: 'x' };
      const repair = { id: 'repair', reason: 'x', ...waits };
      const lost = aToken({ id: unique('ctkn'), status: 'revoked' });
      const states = [
        aState(broken, 1, { dueAt, tokens: [lost] }),
        aState(restored, 1, { dueAt, repair }),
        aState(reported, 1, { dueAt, unanswered: { step: 'inspect', code: 'x', ...waits } }),
      ];
      for (const state of states) await world.ledger.save(aState(state.integration, 0), state, [], []);
      const all = await found(world, [broken, restored, reported], dueAt);
      expect(all.map(({ heals }) => heals)).toEqual([true, true, true]);
      const [, before = aState(restored, 1)] = states;
      await world.ledger.save(before, aState(restored, 2, { dueAt }), [], []);
      expect(await found(world, [restored], dueAt)).toEqual([{ integration: restored, dueAt }]);
    });

    test('is not found any more once a save says that nothing is', async () => {
      const world = make();
      const name = unique('settled');
      const due = aState(name, 1, { dueAt: '2026-11-22T03:00:00.000Z' });
      await world.ledger.save(aState(name, 0), due, [], []);
      await world.ledger.save(due, aState(name, 2), [], []);
      expect(await found(world, [name], '9999-01-01T00:00:00.000Z')).toEqual([]);
    });
  });
}
