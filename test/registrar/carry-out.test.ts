/** What a call of many entries answers, however long each of them takes. */
import { ConflictError } from '../../lambdas/domain/errors.ts';
import { carryOut, type Step } from '../../lambdas/registrar/entries/carry-out.ts';

/** Those that are named last are through first. */
function steps(names: readonly string[], end: (name: string) => void = () => {}): Step[] {
  return names.map((name, index) => ({
    ...{ kind: 'account', name, what: 'created' },
    write: async () => {
      for (let turns = names.length - index; turns > 0; turns -= 1) await Promise.resolve();
      end(name);
    },
  }));
}

test('names what was written in the order of the call', async () => {
  const { accounts } = await carryOut([steps(['c', 'a', 'b'])], new AbortController().signal);
  expect(accounts).toEqual({ created: ['c', 'a', 'b'], changed: [], unregistered: [] });
});

test('names what was left in the order of the call', async () => {
  const overtaken = () => {
    throw new ConflictError('overtaken');
  };
  const { accounts, left } = await carryOut([steps(['c', 'a', 'b'], overtaken)], new AbortController().signal);
  expect([accounts.created, left.map(({ name }) => name)]).toEqual([[], ['c', 'a', 'b']]);
});
