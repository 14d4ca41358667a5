/** For every kind of evidence but the pages: disproved, the revocation is held and status says why; proved, the token is revoked. */
import { DeleteItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { HOUR } from '../../lambdas/domain/time.ts';
import { evidenceOf, expectHeld } from './held.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
}, START_MS);

async function dueToken(integration: string) {
  const tokens = await stack.rotate(integration);
  await stack.graceOver(integration, tokens.old.id);
  return tokens;
}

const deployed = (integration: string, tokenId: string) =>
  stack.invoke(NAMES.usage, { integration, consumer: 'shop', phase: 'deploy', tokenId });

test('Paddle does not answer for the current token: held; it answers again: revoked', async () => {
  const { old, fresh } = await stack.rotate('proof-current');
  await stack.paddle().fault({ method: 'GET', path: `/client-tokens/${fresh.id}`, answer: 'html-502', times: null });
  await stack.graceOver('proof-current', old.id);
  await stack.held('proof-current', old.id, 'http_502');
  await expectHeld(stack, 'proof-current', old.id, /could not be gathered/);
  await stack.paddle().clearFaults();
  await stack.revoked('proof-current', old.id);
  expect(await evidenceOf(stack, 'proof-current', old.id)).toEqual([
    'current proved: current_active',
    'targets proved: targets_current',
    'cap proved: within_cap',
  ]);
  await expectSound(stack, 'proof-current');
}, 180_000);

test('the current token is dead: the superseded one stays until a fresh one is everywhere', async () => {
  const { old, fresh } = await stack.rotate('proof-lost');
  await stack.paddle('quiet').revokeInDashboard(fresh.id);
  await stack.graceOver('proof-lost', old.id);
  // No webhook comes from this account: a reconcile is enough to find out.
  await stack.revoked('proof-lost', old.id);
  const trail = await stack.actions('proof-lost');
  expect(trail.indexOf('token.lost')).toBeGreaterThan(0);
  expect(trail.lastIndexOf('token.published')).toBeGreaterThan(trail.indexOf('token.lost'));
  expect(trail.indexOf('token.revoking')).toBeGreaterThan(trail.lastIndexOf('token.published'));
  await expectSound(stack, 'proof-lost');
}, 180_000);

test('a target holds the old token again: held, with its grace anew; it holds the current one again: revoked', async () => {
  const { old, fresh } = await stack.rotate('proof-targets');
  const put = (Value: string) =>
    new SSMClient(stack.clientSettings).send(
      new PutParameterCommand({ Name: '/e2e/proof-targets/client-token', Value, Overwrite: true, Type: 'String' }),
    );
  await put(old.value);
  await stack.graceOver('proof-targets', old.id);
  await stack.held('proof-targets', old.id, 'served_again');
  await expectHeld(stack, 'proof-targets', old.id, /was found at a target/);
  await put(fresh.value);
  await stack.revoked('proof-targets', old.id);
  await expectSound(stack, 'proof-targets');
}, 180_000);

test('a target is overwritten by hand: by a token, it gets the current one back; by anything else, it is left alone', async () => {
  const { fresh } = await stack.rotate('proof-drift');
  const target = { kind: 'ssm', name: '/e2e/proof-drift/client-token' } as const;
  const put = (Value: string) =>
    new SSMClient(stack.clientSettings).send(
      new PutParameterCommand({ Name: target.name, Value, Overwrite: true, Type: 'String' }),
    );
  await put(`test_${'0'.repeat(27)}`);
  await stack.ask('proof-drift', { action: 'reconcile' });
  expect(await stack.read(target)).toBe(fresh.value);
  expect(await stack.actions('proof-drift')).toEqual(expect.arrayContaining(['token.drifted', 'token.restored']));
  await put('by hand');
  await expect(stack.ask('proof-drift', { action: 'reconcile' })).rejects.toThrow(/not a client-side token/);
  expect(await stack.read(target)).toBe('by hand');
}, 180_000);

test('a consumer has not reported, then reports the old token: held; its deployment alone brings the revocation', async () => {
  const { old, fresh } = await dueToken('proof-usage');
  await stack.held('proof-usage', old.id, 'usage_silent');
  await expectHeld(stack, 'proof-usage', old.id, /Consumer shop has not reported since/);
  // A pull request builds and deploys its preview with the fresh token: that proves nothing of production.
  const pull = { integration: 'proof-usage', consumer: 'shop', build: 'pr-7', stage: 'pr-7' };
  await stack.invoke(NAMES.usage, { ...pull, phase: 'build' });
  expect(await stack.invoke(NAMES.usage, { ...pull, phase: 'deploy' })).toMatchObject({ message: /preview/ });
  await stack.held('proof-usage', old.id, 'usage_silent');
  // Nor does a build of production that nobody deploys.
  await stack.invoke(NAMES.usage, { integration: 'proof-usage', consumer: 'shop', build: '8', phase: 'build' });
  await stack.held('proof-usage', old.id, 'usage_undeployed');
  await deployed('proof-usage', old.id);
  await stack.held('proof-usage', old.id, 'usage_outdated');
  await expectHeld(stack, 'proof-usage', old.id, /Consumer shop last reported ctkn_/);
  await deployed('proof-usage', fresh.id);
  await stack.until('the revocation', async () =>
    (await stack.paddle().statusOf(old.id)) === 'revoked' ? true : undefined,
  );
  expect(await evidenceOf(stack, 'proof-usage', old.id)).toContain('usage proved: usage_current');
}, 180_000);

/** Takes away what the ledger has counted against the account's cap. @returns which tokens that were */
async function emptyCap(account: string): Promise<ReadonlySet<string>> {
  const { pk, sk } = ledgerKeys.revocations(account, '');
  const { Items = [] } = await stack.dynamo.send(
    new QueryCommand({
      TableName: stack.ledgerTable,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':sk': sk }),
      ConsistentRead: true,
    }),
  );
  for (const item of Items) {
    const Key = { pk: item.pk ?? { S: '' }, sk: item.sk ?? { S: '' } };
    await stack.dynamo.send(new DeleteItemCommand({ TableName: stack.ledgerTable, Key }));
  }
  return new Set(Items.flatMap(({ tokens }) => tokens?.SS ?? []));
}

/** It counts by the full hour, which may be over before the test is: the next one has the token as well. */
async function countInNextHour(account: string, tokenId: string): Promise<void> {
  const next = new Date((Math.floor(Date.now() / HOUR) + 1) * HOUR).toISOString();
  await stack.dynamo.send(
    new UpdateItemCommand({
      TableName: stack.ledgerTable,
      Key: marshall(ledgerKeys.revocations(account, next)),
      UpdateExpression: 'ADD tokens :token',
      ExpressionAttributeValues: { ':token': { SS: [tokenId] } },
    }),
  );
}

test('the cap of the account is reached: the second token waits, alive; the hour is over: revoked', async () => {
  // One after the other: the schedule does not wait, and would take whichever comes first.
  const one = await dueToken('proof-cap-one');
  await stack.revoked('proof-cap-one', one.old.id);
  await countInNextHour('capped', one.old.id);
  const two = await dueToken('proof-cap-two');
  await stack.held('proof-cap-two', two.old.id, 'cap_reached');
  await expectHeld(stack, 'proof-cap-two', two.old.id, /The cap of 1 revocations for account capped is reached/);
  // The hour is over: what was counted in it counts no more.
  expect(await emptyCap('capped')).toEqual(new Set([one.old.id]));
  await stack.revoked('proof-cap-two', two.old.id);
  expect(await evidenceOf(stack, 'proof-cap-two', two.old.id)).toContain('cap proved: within_cap');
  for (const integration of ['proof-cap-one', 'proof-cap-two']) await expectSound(stack, integration);
}, 180_000);
