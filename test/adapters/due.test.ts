import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { createDueFinder } from '../../lambdas/adapters/dynamodb/due.ts';
import { stateItem } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { aState } from '../contracts/samples.ts';
import { loopbackAws } from '../fakes/loopback-aws.ts';

test('what heals is found as such in the index, at the cost of no further query', async () => {
  const aws = await loopbackAws();
  const client = new DynamoDBClient(aws.settings);
  try {
    const dueAt = '2026-11-22T03:00:00.000Z';
    const names = Array.from({ length: 40 }, (_, n) => `shop-${n}`);
    for (const name of names) aws.put('ledger', unmarshall(stateItem(aState(name, 1, { dueAt }))));
    const unanswered = { step: 'inspect', code: 'x', message: 'x', since: dueAt, attempts: 1, nextAttemptAt: dueAt };
    aws.put('ledger', unmarshall(stateItem(aState('broken', 1, { dueAt, unanswered }))));
    const due = await createDueFinder({ client, ledgerTable: 'ledger' }).findDue(dueAt);
    expect(due.filter(({ heals }) => heals)).toEqual([{ integration: 'broken', dueAt, heals: true }]);
    expect(due.map(({ integration }) => integration).sort()).toEqual([...names, 'broken'].sort());
    expect(aws.calls).toHaveLength(4);
  } finally {
    client.destroy();
    await aws.close();
  }
});
