import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createEntryLedger, createSellerRegistry } from '../../lambdas/adapters/dynamodb/entries.ts';
import { ConflictError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { anIntegration } from '../builders/integration.ts';
import { ok, refusal, scriptedAws } from './scripted-aws.ts';

const NOW = '2026-11-23T03:00:00.000Z';
const targets: readonly Target[] = [
  { kind: 'ssm', name: '/sellers/acme/token' },
  { kind: 'secret', name: 'sellers/acme/web', jsonKey: 'TOKEN' },
];
const config = {
  ...anIntegration({ name: 'acme-shop', account: 'acme', targets }),
  owner: 'api' as const,
  revision: 1,
};
const record = {
  id: 'act_1',
  type: 'integration.registered',
  at: NOW,
  account: 'acme',
  message: 'Registered.',
} as const;
const claims = targets.map((target) => ({ integration: 'acme-old', revision: 4, target })).slice(0, 1);

/** A transaction that fails at these places. */
const cancelled = (...places: number[]) =>
  refusal('TransactionCanceledException', {
    CancellationReasons: Array.from({ length: 7 }, (_, at) => ({
      Code: places.includes(at) ? 'ConditionalCheckFailed' : 'None',
    })),
  });

async function put(...answers: Parameters<typeof scriptedAws>[0]) {
  const aws = await scriptedAws(answers);
  const client = new DynamoDBClient(aws.settings);
  const ledger = createEntryLedger({ client, ledgerTable: 'ledger', auditTable: 'audit' });
  const outcome = await ledger.putIntegration(config, undefined, record, NOW, claims).then(
    () => 'written',
    (error) => (error instanceof ConflictError ? 'overtaken' : error.name),
  );
  client.destroy();
  await aws.close();
  return { outcome, transactions: aws.requests.map(({ body }) => body.TransactItems as readonly Write[]) };
}

interface Write {
  readonly Put?: {
    readonly TableName: string;
    readonly Item: Record<string, { S?: string }>;
    readonly ConditionExpression?: string;
    readonly ExpressionAttributeValues?: object;
  };
  readonly ConditionCheck?: object;
}

test('an integration takes targets that are claimed by nobody, or as it has read', async () => {
  const { outcome, transactions } = await put(ok());
  expect(outcome).toBe('written');
  const [writes = []] = transactions;
  const ofTargets = writes.flatMap(({ Put }) => (Put?.Item.pk?.S?.startsWith('TARGET#') ? [Put] : []));
  expect(ofTargets).toMatchObject([
    {
      Item: { sk: { S: '/sellers/acme/token' }, integration: { S: 'acme-shop' }, revision: { N: '1' } },
      ConditionExpression: 'integration = :integration AND revision = :revision',
      ExpressionAttributeValues: { ':integration': { S: 'acme-old' }, ':revision': { N: '4' } },
    },
    { Item: { sk: { S: 'sellers/acme/web#TOKEN' } }, ConditionExpression: 'attribute_not_exists(pk)' },
  ]);
});

test('whoever is overtaken at a target, an account or the entry is told so, and tries no further', async () => {
  for (const place of [0, 1, 2, 3]) {
    const { outcome, transactions } = await put(cancelled(place));
    expect([outcome, transactions.length]).toEqual(['overtaken', 1]);
  }
});

test('a state of an earlier life stays as it is: all the rest is written without', async () => {
  const { outcome, transactions } = await put(cancelled(4), ok());
  expect([outcome, transactions.map((writes) => writes.length)]).toEqual(['written', [7, 6]]);
  const names = transactions.map((writes) => writes.flatMap(({ Put }) => Put?.Item.sk?.S ?? []));
  expect(names[0]).toContain('STATE');
  expect(names[1]).not.toContain('STATE');
});

test('webhooks are settled for the account as it was read: who has changed it meanwhile is owed them still', async () => {
  const found = marshall({ account: 'acme', owner: 'api', webhooksOwed: true, revision: 3 });
  const aws = await scriptedAws([ok({ Items: [found] }), refusal('ConditionalCheckFailedException'), ok()]);
  const client = new DynamoDBClient(aws.settings);
  const registry = createSellerRegistry({ client, ledgerTable: 'ledger' });
  const [acme] = await registry.sellers();
  const failed = await Promise.resolve(acme && registry.webhooksSettled(acme)).catch((error) => error);
  client.destroy();
  await aws.close();
  expect([acme, failed]).toEqual([{ account: 'acme', webhooksOwed: true, revision: 3 }, undefined]);
  expect(aws.requests[1]?.body).toMatchObject({
    Item: { account: { S: 'acme' }, owner: { S: 'api' }, revision: { N: '3' } },
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeValues: { ':revision': { N: '3' } },
  });
});

test('another failure is told as it is', async () => {
  expect((await put(cancelled(6))).outcome).toBe('TransactionCanceledException');
});
