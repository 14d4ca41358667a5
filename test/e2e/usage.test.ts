/** What a frontend pipeline asks and reports. */
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { NAMES } from '../../lambdas/contract.ts';
import type { UsageAnswer } from '../../lambdas/usage/report-usage.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
  await stack.firstToken('used');
}, START_MS);

const report = (payload: object) => stack.invoke<UsageAnswer>(NAMES.usage, payload);
const shop = { integration: 'used', consumer: 'shop' };

async function recorded(integration: string): Promise<unknown[]> {
  const { Items = [] } = await stack.dynamo.send(
    new QueryCommand({
      TableName: stack.ledgerTable,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :us)',
      ExpressionAttributeValues: marshall({ ':pk': ledgerKeys.config(integration).pk, ':us': 'US' }),
    }),
  );
  return Items.map((item) => unmarshall(item));
}

test.each([
  ['nothing at all', {}, ['integration', 'consumer', 'phase']],
  ['an unknown phase', { ...shop, phase: 'test' }, ['phase']],
  ['a misspelt property', { ...shop, phase: 'build', tokenid: 'ctkn_1' }, ['tokenid']],
  ['a consumer with #', { ...shop, consumer: 'a#b', phase: 'build' }, ['consumer']],
  ['no id of a token', { ...shop, phase: 'deploy', tokenId: 'test_1234' }, ['tokenId']],
  ['a token of another integration', { ...shop, phase: 'deploy', tokenId: `ctkn_${'0'.repeat(26)}` }, ['tokenId']],
  ['a deployment of an unknown build', { ...shop, phase: 'deploy', build: 'never-built' }, ['tokenId']],
  ['a deployment without build and token', { ...shop, phase: 'deploy' }, ['tokenId']],
  ['an unknown integration', { ...shop, integration: 'nowhere', phase: 'build' }, ['integration']],
])('%s is rejected with every fault named, and nothing is recorded', async (_, payload, faulty) => {
  const before = await recorded('used');
  const answer = await report(payload);
  if (answer.outcome !== 'rejected') throw new Error(`the outcome is ${answer.outcome}`);
  expect(answer.faults.map((fault) => fault.split(':')[0])).toEqual(faulty);
  expect(await recorded('used')).toEqual(before);
});

test('an integration without a token is not ready, which is no error', async () => {
  const answer = await report({ integration: 'never-ready', consumer: 'shop', phase: 'build' });
  expect(answer).toMatchObject({ outcome: 'not-ready', message: expect.stringContaining('has no token yet') });
  expect(await recorded('never-ready')).toEqual([]);
});

test('a build gets the current token; its deployment needs no more than its number; after a rotation both are stale', async () => {
  const first = await stack.current('used');
  const built = await report({ ...shop, build: '41', phase: 'build' });
  expect(built).toMatchObject({
    outcome: 'recorded',
    token: { id: first.id, value: first.value, environment: 'sandbox' },
    build: '41',
  });
  const { fresh } = await stack.rotate('used');
  const deployed = await report({ ...shop, build: '41', phase: 'deploy' });
  expect(deployed).toMatchObject({ outcome: 'recorded', token: { id: first.id }, stale: true });
  expect(deployed.message).toContain(`The current one is ${fresh.id}: build and deploy again`);

  const { consumers } = await stack.ask('used', { action: 'status' });
  expect(consumers).toMatchObject([{ consumer: 'shop', tokenId: first.id, build: '41' }]);

  await report({ ...shop, build: '42', phase: 'build' });
  const again = await report({ ...shop, build: '42', phase: 'deploy' });
  expect(again).toMatchObject({ outcome: 'recorded', token: { id: fresh.id } });
  expect(again).not.toHaveProperty('stale');
  expect((await stack.ask('used', { action: 'status' })).consumers).toMatchObject([{ tokenId: fresh.id, build: '42' }]);
});

test('a consumer that is bound to a role reports through its own alias, and no other way', async () => {
  const { id } = await stack.firstToken('bound');
  const wish = { integration: 'bound', consumer: 'shop', build: '1', phase: 'build', reportedBy: 'anybody' };
  const through = (alias: string) => stack.invoke<UsageAnswer>(`${NAMES.usage}${alias}`, wish);
  expect(await through('')).toMatchObject({ outcome: 'rejected' });
  expect(await recorded('bound')).toEqual([]);
  expect(await through(':consumer-shop')).toMatchObject({ outcome: 'recorded', token: { id } });
  const { consumers } = await stack.ask('bound', { action: 'status' });
  const by = { name: 'arn:aws:iam::000000000000:role/shop-build', proof: 'role' };
  expect(consumers).toMatchObject([{ consumer: 'shop', tokenId: id, by }]);
});
