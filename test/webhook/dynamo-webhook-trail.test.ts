import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createWebhookTrail } from '../../lambdas/adapters/dynamodb/webhook-trail.ts';
import { webhookItem } from '../../lambdas/domain/webhook-record.ts';
import { loopbackAws } from '../fakes/loopback-aws.ts';
import { revoked } from './fakes.ts';

describe('the trail in DynamoDB, as a webhook writes it', () => {
  let aws: Awaited<ReturnType<typeof loopbackAws>>;
  let client: DynamoDBClient;
  beforeEach(async () => {
    aws = await loopbackAws();
    client = new DynamoDBClient(aws.settings);
  });
  afterEach(async () => {
    client.destroy();
    await aws.close();
  });
  const item = webhookItem(revoked, 'sandbox', '2026-11-22T03:00:00.000Z');

  test('takes an event in one call, and knows it again', async () => {
    const trail = createWebhookTrail({ client, table: 'trail' });
    expect(await trail.append(item)).toBe('stored');
    expect(await trail.append({ ...item, receivedAt: 'later' })).toBe('duplicate');
    expect(aws.calls).toEqual(['PutItem', 'PutItem']);
    expect(aws.items('trail')).toEqual([item]);
  });

  test('leaves out what an event does not have', async () => {
    const trail = createWebhookTrail({ client, table: 'trail' });
    await trail.append({ ...item, tokenId: undefined, day: undefined });
    const { tokenId, day, ...rest } = item;
    expect(aws.items('trail')).toEqual([rest]);
  });

  test('opens the connection without leaving anything behind', async () => {
    const trail = createWebhookTrail({ client, table: 'trail' });
    await trail.warm();
    expect(aws.calls).toEqual(['PutItem']);
    expect(aws.items('trail')).toEqual([]);
  });

  test('does not stop the function from starting when it is down, but does not claim to have stored anything', async () => {
    const trail = createWebhookTrail({ client, table: 'trail' });
    aws.down.add('PutItem');
    await expect(trail.warm()).resolves.toBeUndefined();
    await expect(trail.append(item)).rejects.toThrow('down');
  });
});
