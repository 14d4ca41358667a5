import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createAccountFailures } from '../../lambdas/adapters/dynamodb/account-failures.ts';
import { ok, scriptedAws } from './scripted-aws.ts';

const failure = { code: 'api_key_empty', message: 'no key is stored', since: '2026-11-23T03:00:00.000Z' };
const acme = { name: 'acme', owner: 'api', webhooks: 'managed' };

test.each([
  ['that is managed', acme, { account: 'acme', ...failure }],
  ['that has left', { ...acme, managed: false }, undefined],
  ['that is the file’s by now', { ...acme, owner: undefined }, undefined],
  ['whose webhooks are kept by hand by now', { ...acme, webhooks: 'manual' }, undefined],
])('what went wrong once with the destination of an account %s', async (_, account, told) => {
  const item = (value: object) => ok({ Item: marshall(value, { removeUndefinedValues: true }) });
  const aws = await scriptedAws([item({ account: 'acme', version: 1, generation: 1, failure }), item(account)]);
  const client = new DynamoDBClient(aws.settings);
  const found = await createAccountFailures({ client, ledgerTable: 'ledger' }).failure('acme');
  client.destroy();
  await aws.close();
  expect(found).toEqual(told);
});
