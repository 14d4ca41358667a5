import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoLedger } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { aRecord, aState } from '../contracts/samples.ts';
import { ok, refusal, scriptedAws } from './scripted-aws.ts';

// What the local AWS does not do: transactions that collide, are still running, or find no capacity.

const cancelled = (...codes: string[]) =>
  refusal('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });

async function save(answers: Parameters<typeof scriptedAws>[0]) {
  const aws = await scriptedAws(answers);
  const client = new DynamoDBClient(aws.settings);
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  const ledger = createDynamoLedger({ client, ledgerTable: 'ledger', auditTable: 'audit', pause });
  const record = aRecord('pricing');
  const claim = { tokenId: 'ctkn_1', integration: 'pricing', rotationId: 'r' };
  const outcome = await ledger.save(aState('pricing', 1), aState('pricing', 2), [record], [claim]).then(
    () => 'saved',
    (error: Error) => error.name,
  );
  await aws.close();
  return { outcome, pauses, tokens: aws.requests.map(({ body }) => body.ClientRequestToken) };
}

const collision = cancelled('TransactionConflict', 'None', 'None');

test.each([
  ['a collision that passes', [collision, collision, ok()], 'saved', 3],
  ['a transaction of ours that is still running', [refusal('TransactionInProgressException'), ok()], 'saved', 2],
  ['want of capacity that passes', [cancelled('None', 'ThrottlingError', 'None'), ok()], 'saved', 2],
  ['collisions over the state without end', [collision], 'ConflictError', 4],
  [
    'collisions over the token without end',
    [cancelled('None', 'None', 'TransactionConflict')],
    'TransactionCanceledException',
    4,
  ],
  [
    'a state that moved on, beside a collision',
    [cancelled('ConditionalCheckFailed', 'None', 'TransactionConflict')],
    'ConflictError',
    1,
  ],
  ['a token that is taken', [cancelled('None', 'None', 'ConditionalCheckFailed')], 'TokenTakenError', 1],
  ['an item that is too large', [cancelled('ValidationError', 'None', 'None')], 'TransactionCanceledException', 1],
  ['a missing permission', [refusal('AccessDeniedException')], 'AccessDeniedException', 1],
  ['a cancellation without reasons', [refusal('TransactionCanceledException')], 'TransactionCanceledException', 1],
] as const)('a save that meets %s ends as it should', async (_, answers, outcome, calls) => {
  const saved = await save(answers);
  expect(saved.outcome).toBe(outcome);
  expect(saved.tokens).toHaveLength(calls);
  expect(saved.pauses).toHaveLength(calls - 1);
  // One and the same transaction, whichever attempt gets through.
  expect(new Set(saved.tokens).size).toBe(1);
});

test('two saves are two transactions', async () => {
  const [first, second] = [await save([ok()]), await save([ok()])];
  expect(first.tokens[0]).toEqual(expect.any(String));
  expect(first.tokens[0]).not.toBe(second.tokens[0]);
});

test('a save whose fate is unknown is neither a conflict nor done', async () => {
  expect((await save(['hang up'])).outcome).not.toMatch(/saved|ConflictError|TokenTakenError/);
});

test('more than one transaction can hold is refused before anything is sent', async () => {
  const aws = await scriptedAws([ok()]);
  const ledger = createDynamoLedger({
    client: new DynamoDBClient(aws.settings),
    ledgerTable: 'ledger',
    auditTable: 'audit',
  });
  const records = Array.from({ length: 100 }, () => aRecord('pricing'));
  await expect(ledger.save(aState('pricing', 1), aState('pricing', 2), records, [])).rejects.toBeInstanceOf(RangeError);
  expect(aws.requests).toEqual([]);
  await aws.close();
});
