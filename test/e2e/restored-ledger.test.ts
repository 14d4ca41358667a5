/**
 * The runbook's procedure for a ledger that is restored from a backup, for one integration at a time: its items are put back as
 * they were. Since the backup, the token that it names as current was revoked for good.
 */
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { GetParameterHistoryCommand, SSMClient } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import type { Token } from '../../lambdas/domain/model.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

type Item = Record<string, AttributeValue>;

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
}, START_MS);

const keysOf = (integration: string, tokens: readonly Token[]) => [
  ledgerKeys.state(integration),
  ...tokens.map(({ id }) => ledgerKeys.owner(id)),
];

async function backUp(integration: string): Promise<readonly Item[]> {
  const { state } = await stack.state(integration);
  const items = await Promise.all(
    keysOf(integration, state.tokens).map((key) =>
      stack.dynamo.send(new GetItemCommand({ TableName: stack.ledgerTable, Key: marshall(key), ConsistentRead: true })),
    ),
  );
  return items.flatMap(({ Item }) => (Item ? [Item] : []));
}

/** What came after the backup is gone, and what was there comes back. */
async function restore(integration: string, backup: readonly Item[]): Promise<void> {
  const { state } = await stack.state(integration);
  for (const key of keysOf(integration, state.tokens))
    await stack.dynamo.send(new DeleteItemCommand({ TableName: stack.ledgerTable, Key: marshall(key) }));
  for (const Item of backup) await stack.dynamo.send(new PutItemCommand({ TableName: stack.ledgerTable, Item }));
}

/** Told after the restore, the revocation would be news, and healed: that is right, and not what is asked here. */
async function isFollowedUp(integration: string, tokenId: string): Promise<true | undefined> {
  const entries = await stack.trail(integration);
  const heard = entries.filter((entry) => entry.kind === 'attribution' && entry.tokenId === tokenId);
  const told = ['client_token.updated', 'client_token.revoked'].every((type) => heard.some((one) => one.type === type));
  const query = new QueryCommand({
    TableName: stack.ledgerTable,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: marshall({ ':pk': ledgerKeys.report(integration, tokenId).pk }),
  });
  const { Items = [] } = await stack.dynamo.send(query);
  return told && Items.length === 0 ? true : undefined;
}

/** @returns the token of the backup, which is revoked by now, and the one that pages get */
async function outlived(integration: string): Promise<{ revoked: Token; published: Token }> {
  const revoked = await stack.firstToken(integration);
  const backup = await backUp(integration);
  const { fresh } = await stack.rotate(integration);
  const answer = await stack.ask(integration, { action: 'revoke', tokenId: revoked.id, reason: 'leaked' });
  expect(answer.outcome).toBe('revoked');
  await stack.until('what Paddle says of the revocation, followed up', () => isFollowedUp(integration, revoked.id));
  await restore(integration, backup);
  expect((await stack.current(integration)).id).toBe(revoked.id);
  return { revoked, published: fresh };
}

/** Everything that the parameter ever held, oldest first. */
async function history(integration: string): Promise<readonly (string | undefined)[]> {
  const ssm = new SSMClient(stack.clientSettings);
  const Name = `/e2e/${integration}/client-token`;
  const { Parameters = [] } = await ssm.send(new GetParameterHistoryCommand({ Name, WithDecryption: true }));
  return Parameters.map(({ Value }) => Value);
}

const atPaddle = (id: string) => stack.paddle().statusOf(id);

test('the token that pages get is adopted: nothing is written to the targets, and nothing is minted', async () => {
  const integration = 'restored-adopted';
  const { revoked, published } = await outlived(integration);
  const before = {
    history: await history(integration),
    tokens: (await stack.paddle().tokensNamedFor(integration)).length,
  };

  const status = await stack.status(integration);
  expect(status.token?.id).toBe(revoked.id);
  const answer = await stack.ask(integration, { action: 'adopt', tokenId: published.id, reason: 'ledger restored' });
  expect(answer).toMatchObject({ outcome: 'adopted', token: { id: published.id } });
  await stack.ask(integration, { action: 'reconcile' });

  expect(await history(integration)).toEqual(before.history);
  expect(await stack.paddle().tokensNamedFor(integration)).toHaveLength(before.tokens);
  const { state } = await stack.state(integration);
  expect(state.tokens.map(({ id, status }) => [id, status])).toEqual([
    [revoked.id, 'revoked'],
    [published.id, 'current'],
  ]);
  expect(await atPaddle(published.id)).toBe('active');
}, 120_000);

test('without that, the revoked token is never published: a fresh one is, and what the ledger forgot stays alive', async () => {
  const integration = 'restored-alone';
  const { revoked, published } = await outlived(integration);
  const before = await history(integration);

  await stack.ask(integration, { action: 'reconcile' });

  const current = await stack.current(integration);
  expect([revoked.id, published.id]).not.toContain(current.id);
  expect((await history(integration)).slice(before.length)).toEqual([current.value]);
  expect(await atPaddle(current.id)).toBe('active');
  expect(await atPaddle(published.id)).toBe('active');
  expect(
    (await stack.trail(integration)).filter(
      ({ type, tokenId }) => type === 'token.published' && tokenId === revoked.id,
    ),
  ).toHaveLength(1);
}, 120_000);
