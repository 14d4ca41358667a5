import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createSecretDirectory } from '../../lambdas/adapters/dynamodb/seller-secrets.ts';

const webhookSecret = { secret: 'sellers/acme/webhook-secret' };

test.each([
  ['the API has', { owner: 'api', webhookSecret }, webhookSecret],
  ['the API has again', { owner: 'api', managed: true, webhookSecret }, webhookSecret],
  ['has left', { owner: 'api', managed: false, webhookSecret }, undefined],
  ['the file has', { webhookSecret }, undefined],
  ['nobody has', undefined, undefined],
])('an account that %s', async (_, stored, place) => {
  let projection: string | undefined;
  const client = {
    async send({ input }: { input: { ProjectionExpression?: string } }) {
      projection = input.ProjectionExpression;
      return { Item: stored && marshall(stored) };
    },
  } as unknown as DynamoDBClient;
  expect(await createSecretDirectory({ client, ledgerTable: 'ledger' }).placeOf('acme')).toEqual(place);
  expect(projection).toBe('#owner, managed, webhookSecret');
});
