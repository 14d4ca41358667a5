import type { IntegrationState } from '../../lambdas/domain/model.ts';
import { failing } from '../../lambdas/rotation/failing.ts';
import { aConfig } from '../contracts/samples.ts';

const SINCE = '2026-11-23T03:00:00.000Z';
const waits = { step: 'mint', code: 'invalid_token', message: 'The key is dead.', since: SINCE, attempts: 3 };
const { attempts: _, ...told } = { ...waits, nextAttemptAt: '2026-11-23T04:00:00.000Z' };
const retry = { ...waits, nextAttemptAt: '2026-11-23T04:00:00.000Z' };

function world(states: Readonly<Record<string, Partial<IntegrationState> & { managed?: boolean; owner?: 'api' }>>) {
  const ledger = {
    async load(name: string) {
      const { managed = true, owner, ...state } = states[name] ?? {};
      const config = { ...aConfig(name), account: 'acme', managed, ...(owner && { owner }) };
      return { config, state: { integration: name, version: 1, tokens: [], sweeps: [], requests: [], ...state } };
    },
  };
  const registry = { integrations: async () => Object.keys(states).map((integration) => ({ integration })) };
  return { ledger, registry };
}

test('tells what waits, for what, and whose it is, and nothing of what is well or not managed', async () => {
  const parts = world({
    well: {},
    dead: { retry, owner: 'api' },
    unheard: { unanswered: { ...retry, step: 'inspect', code: 'timeout' } },
    left: { retry, managed: false },
  });
  const answer = await failing('', parts);
  expect(answer).toMatchObject({ outcome: 'failing', message: '2 of 4 are not getting on.' });
  expect(answer.failing).toEqual([
    { integration: 'dead', account: 'acme', owner: 'api', ...told },
    expect.objectContaining({ integration: 'unheard', owner: 'file', step: 'inspect', code: 'timeout' }),
  ]);
});

test('accounts whose webhooks are not in order are among them', async () => {
  const accounts = {
    names: async () => ['acme', 'beta'],
    failure: async (account: string) =>
      account === 'beta'
        ? { account, code: 'forbidden', message: 'lacks notification_setting.write', since: SINCE }
        : undefined,
  };
  expect((await failing('', { ...world({}), accounts })).failing).toEqual([
    { account: 'beta', owner: 'api', step: 'webhooks', code: 'forbidden', message: expect.any(String), since: SINCE },
  ]);
});

test('comes in pages of a thousand, none of which leaves anybody out', async () => {
  const states = Object.fromEntries(Array.from({ length: 2_300 }, (_, index) => [`shop-${index}`, { retry }]));
  const found: string[] = [];
  let pages = 0;
  for (let after: string | undefined = ''; after !== undefined; pages += 1) {
    const answer: Awaited<ReturnType<typeof failing>> = await failing(after, world(states));
    found.push(...answer.failing.map(({ integration }) => String(integration)));
    after = answer.after;
  }
  expect([pages, found.length, new Set(found).size]).toEqual([3, 2_300, 2_300]);
});
