import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createWebhookTrail } from '../../lambdas/adapters/dynamodb/webhook-trail.ts';
import { unreadableItem, webhookItem } from '../../lambdas/paddle/webhook-record.ts';
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

  test('keeps the size of what was too large, and what cannot be read beside the events', async () => {
    const trail = createWebhookTrail({ client, table: 'trail' });
    const body = Buffer.from('[]');
    const about = {
      faults: ['event'],
      account: 'sandbox',
      receivedAt: '2026-11-22T03:00:00.000Z',
      source: 'webhook',
    } as const;
    const apart = unreadableItem(body, about);
    const large = { ...item, data: undefined, size: 71_680, digest: 'd' };
    expect([await trail.append(apart), await trail.append(apart), await trail.append(large)]).toEqual([
      'stored',
      'duplicate',
      'stored',
    ]);
    const { data: _, ...rest } = large;
    expect(aws.items('trail')).toEqual([apart, rest]);
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
