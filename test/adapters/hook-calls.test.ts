import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHookLedger } from '../../lambdas/adapters/dynamodb/hooks.ts';
import { createDynamoLedger } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { loopbackAws } from '../fakes/loopback-aws.ts';

let aws: Awaited<ReturnType<typeof loopbackAws>>;
beforeAll(async () => {
  aws = await loopbackAws();
});
afterAll(() => aws.close());

test('of each deploy hook the latest call is kept, for its integration alone', async () => {
  const client = new DynamoDBClient(aws.settings);
  const hooks = createHookLedger({ client, ledgerTable: 'ledger' });
  const ledger = createDynamoLedger({ client, ledgerTable: 'ledger', auditTable: 'audit' });
  const call = (integration: string, hook: string, minute: number) => ({
    ...{ integration, hook, label: hook, publication: `p${minute}`, tokenId: 'ctkn_a' },
    at: `2026-11-22T03:0${minute}:00.000Z`,
  });
  for (const each of [call('shop', 'a', 0), call('shop', 'b', 1), call('shop', 'a', 2), call('blog', 'a', 3)])
    await hooks.accepted(each);
  expect((await ledger.hookCalls('shop')).toSorted((a, b) => (a.hook < b.hook ? -1 : 1))).toEqual([
    call('shop', 'a', 2),
    call('shop', 'b', 1),
  ]);
  expect(await ledger.hookCalls('nobody')).toEqual([]);
  client.destroy();
});
