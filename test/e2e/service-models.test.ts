/** The check of requests and answers against the service models would notice: each kind of fault once, and none in what is right. */
import { type Spoken, startServiceModels, type Verdict } from './service-models.ts';

const put = 'AmazonSSM.PutParameter';
const item = 'DynamoDB_20120810.PutItem';
const send = 'AmazonSQS.SendMessageBatch';
const right: Spoken = {
  target: put,
  status: 200,
  request: { Name: '/a', Value: 'v', Type: 'String' },
  answer: { Version: 1 },
};
const entries = (count: number) => Array.from({ length: count }, (_, at) => ({ Id: `${at}`, MessageBody: 'b' }));

const WRONG: readonly (readonly [string, Partial<Spoken>, string])[] = [
  ['a required member that is missing', { request: { Name: '/a' } }, 'Value is missing'],
  [
    'a member that the model does not have',
    { request: { ...right.request, Values: 'v' } },
    'Values: is not in the model',
  ],
  [
    'a text that is too long',
    { request: { ...right.request, Name: 'n'.repeat(2_049) } },
    'Name: 2049 is outside 1..2048',
  ],
  ['a text that is too short', { request: { ...right.request, Name: '' } }, 'Name: 0 is outside 1..2048'],
  ['a text that does not match', { request: { ...right.request, KeyId: 'a key' } }, 'KeyId: does not match'],
  [
    'what is not in the enumeration',
    { request: { ...right.request, Type: 'Text' } },
    'Type: is not in the enumeration',
  ],
  ['another type', { request: { ...right.request, Overwrite: 'true' } }, 'Overwrite: is no boolean'],
  ['null', { request: { ...right.request, Description: null } }, 'Description: is null'],
  [
    'a union with two members',
    { target: item, request: { TableName: 'table', Item: { pk: { S: 'a', N: '1' } } }, answer: {} },
    '2 members where one belongs',
  ],
  [
    'a batch of eleven',
    {
      target: send,
      request: { QueueUrl: 'https://queue', Entries: entries(11) },
      answer: { Successful: [], Failed: [] },
    },
    'Entries: more than 10',
  ],
  [
    'a message that is too large',
    {
      target: send,
      request: { QueueUrl: 'https://queue', Entries: [{ Id: 'a', MessageBody: 'b'.repeat(2 ** 20 + 1) }] },
      answer: { Successful: [], Failed: [] },
    },
    'MessageBody: more than',
  ],
  [
    'an answer without what it must have',
    { target: send, request: { QueueUrl: 'https://queue', Entries: entries(1) }, answer: { Successful: [] } },
    'answer: Failed is missing',
  ],
  ['an answer of another type', { answer: { Version: '1' } }, 'answer.Version: is no long'],
  [
    'an error that the operation does not have',
    { status: 400, answer: { __type: 'SecretNotFound' } },
    'SecretNotFound is no error of this operation',
  ],
  ['an operation that is not there', { target: 'AmazonSSM.PutSecret' }, 'is in none of the models'],
];

let verdict: Verdict;
beforeAll(async () => {
  const models = await startServiceModels();
  models.note(right);
  models.note({ ...right, status: 400, answer: { __type: 'com.amazonaws.ssm#ParameterAlreadyExists', message: 'm' } });
  for (const [, wrong] of WRONG) models.note({ ...right, ...wrong });
  verdict = await models.verdict();
}, 600_000);

test.each(WRONG)('%s is noticed', (_, __, expected) => {
  expect(Object.keys(verdict.faults)).toContainEqual(expect.stringContaining(expected));
});

test('what is right is not, and every request is counted', () => {
  expect(Object.values(verdict.faults)).toEqual(WRONG.map(() => 1));
  const requests = WRONG.filter(([, { target = put }]) => target === put).length + 2;
  expect(verdict.seen[`${put} request`]).toBe(requests);
});
