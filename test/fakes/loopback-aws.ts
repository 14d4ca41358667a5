/**
 * As much of AWS as the handlers call, on the loopback interface over real HTTP: tables with the conditions that our adapters state
 * (any other is an error), secrets, a queue and a bus that remember. What it cannot do, the end-to-end tests do.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

type Item = Record<string, AttributeValue>;
interface Call {
  readonly TableName: string;
  readonly Item: Item;
  readonly Key: Item;
  readonly ConditionExpression?: string;
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
  readonly SecretId: string;
  readonly TransactItems: readonly { readonly Put: Call }[];
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly Entries: readonly Record<string, string>[];
}

interface Stored {
  readonly at?: string;
  readonly deployed?: { readonly at: string };
  readonly last?: string;
}

const CONDITIONS: Readonly<Record<string, (item: Stored | undefined, at: string) => boolean>> = {
  'attribute_not_exists(pk)': (item) => item === undefined,
  'attribute_exists(pk) AND attribute_not_exists(pk)': () => false,
  'attribute_not_exists(#at) OR #at <= :at': (item, at) => item?.at === undefined || item.at <= at,
  'attribute_not_exists(#deployed) OR #deployed.#at <= :at': (item, at) =>
    item?.deployed === undefined || item.deployed.at <= at,
  'attribute_not_exists(#last) OR #last < :at': (item, at) => item?.last === undefined || item.last < at,
};

/** The client checks that the queue has taken what it sent. */
const taken = ({ Id, MessageBody = '' }: Record<string, string>) => ({
  Id,
  MessageId: Id,
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});

class Refusal extends Error {}
class Cancellation extends Error {
  readonly reasons: readonly { Code: string }[];
  constructor(reasons: readonly { Code: string }[]) {
    super('TransactionCanceledException');
    this.reasons = reasons;
  }
}

/** Call `settings` for a client, or `environment` for a handler; `close` it at the end. */
export async function loopbackAws() {
  const tables = new Map<string, Map<string, Item>>();
  const secrets = new Map<string, string>();
  const sent: object[] = [];
  const announced: object[] = [];
  /** Payloads of what was invoked and is not waited for, with the function's name. */
  const begun: object[] = [];
  const calls: string[] = [];
  /** Operations that answer with a server error. */
  const down = new Set<string>();

  const table = (name: string) => tables.get(name) ?? tables.set(name, new Map()).get(name) ?? new Map<string, Item>();
  const keyOf = ({ pk, sk }: Item) => `${pk?.S}|${sk?.S}`;
  const found = (call: Call) => table(call.TableName).get(keyOf(call.Key ?? call.Item));
  const checked = (call: Call) => {
    const condition = CONDITIONS[call.ConditionExpression ?? ''];
    if (!condition) throw new Error(`the loopback table does not know the condition ${call.ConditionExpression}`);
    const item = found(call);
    const at = call.ExpressionAttributeValues?.[':at']?.S ?? '';
    if (!condition(item && (unmarshall(item) as Stored), at)) throw new Refusal('ConditionalCheckFailedException');
  };

  const between = ({ TableName, ExpressionAttributeValues, ScanIndexForward, Limit }: Call) => {
    const { ':pk': pk, ':first': first = '', ':last': last = '\uffff' } = unmarshall(ExpressionAttributeValues ?? {});
    const found = [...table(TableName).values()]
      .filter((item) => item.pk?.S === pk && String(item.sk?.S) >= first && String(item.sk?.S) <= last)
      .sort((a, b) => (String(a.sk?.S) < String(b.sk?.S) ? -1 : 1));
    if (ScanIndexForward === false) found.reverse();
    return { Items: found.slice(0, Limit ?? found.length) };
  };

  const operations: Record<string, (call: Call) => object> = {
    PutItem(call) {
      // A report and a call are new facts; anything else is written under a condition.
      if (!/^(?:REPORTS|HOOKS)#/.test(call.Item.pk?.S ?? '')) checked(call);
      table(call.TableName).set(keyOf(call.Item), call.Item);
      return {};
    },
    GetItem(call) {
      return { Item: found(call) };
    },
    UpdateItem(call) {
      checked(call);
      const next: Item = { ...call.Key, ...found(call) };
      const name = (alias: string) => call.ExpressionAttributeNames?.[alias.trim()] ?? '';
      const [, sets = '', removes, adds] =
        /^SET (.+?)(?: REMOVE (.+?))?(?: ADD (.+))?$/.exec(call.UpdateExpression) ?? [];
      // Commas within `if_not_exists(…)` part no two settings.
      for (const [alias = '', text = ''] of sets.split(/, (?=#)/).map((part) => part.split(' = '))) {
        const [, once, value = text] = /^if_not_exists\((#\w+), (:\w+)\)$/.exec(text) ?? [];
        const before = once && next[name(once)];
        next[name(alias)] = before || (call.ExpressionAttributeValues?.[value] as AttributeValue);
      }
      for (const [alias = '', value = ''] of (adds?.split(', ') ?? []).map((part) => part.split(' '))) {
        const sum = Number(next[name(alias)]?.N ?? 0) + Number(call.ExpressionAttributeValues?.[value]?.N);
        next[name(alias)] = { N: String(sum) };
      }
      for (const alias of removes?.split(', ') ?? []) delete next[name(alias)];
      table(call.TableName).set(keyOf(call.Key), next);
      return {};
    },
    TransactWriteItems({ TransactItems }) {
      const puts = TransactItems.map(({ Put }) => Put);
      const reasons = puts.map((put) => {
        try {
          checked(put);
          return { Code: 'None' };
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return { Code: 'ConditionalCheckFailed' };
        }
      });
      if (reasons.some(({ Code }) => Code !== 'None')) throw new Cancellation(reasons);
      for (const { TableName, Item } of puts) table(TableName).set(keyOf(Item), Item);
      return {};
    },
    Query(call) {
      if (call.ExpressionAttributeValues?.[':pk']) return between(call);
      const { ':shard': shard, ':now': now } = unmarshall(call.ExpressionAttributeValues ?? {});
      const due = [...table(call.TableName).values()].filter(
        (item) => item.dueShard?.S === shard && String(item.dueAt?.S) <= now,
      );
      return { Items: due, Count: due.length };
    },
    GetSecretValue({ SecretId }) {
      const SecretString = secrets.get(SecretId);
      if (SecretString === undefined) throw new Refusal('ResourceNotFoundException');
      return { SecretString };
    },
    SendMessageBatch({ Entries }) {
      sent.push(...Entries.map(({ MessageBody = '' }) => JSON.parse(MessageBody)));
      return { Successful: Entries.map(taken), Failed: [] };
    },
    PutEvents({ Entries }) {
      announced.push(...Entries);
      return { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: '1' })) };
    },
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    // Lambda's API names its operations by their paths.
    const [, invoked] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const operation = invoked ? 'Invoke' : (String(request.headers['x-amz-target']).split('.').at(-1) ?? '');
    calls.push(operation);
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    try {
      if (down.has(operation)) return void answer(500, { __type: 'InternalServerError', message: 'down' });
      if (invoked && request.headers['x-amz-invocation-type'] === 'Event') {
        begun.push({ [decodeURIComponent(invoked)]: JSON.parse(Buffer.concat(chunks).toString()) });
        return void response.writeHead(202).end();
      }
      const run = operations[operation];
      if (!run) throw new Error(`the loopback AWS does not know ${operation}`);
      answer(200, run(JSON.parse(Buffer.concat(chunks).toString())));
    } catch (error) {
      if (error instanceof Cancellation) {
        const body = { __type: `com.amazonaws#${error.message}`, message: error.message };
        return void answer(400, { ...body, CancellationReasons: error.reasons });
      }
      const type = error instanceof Refusal ? error.message : 'ValidationException';
      answer(400, { __type: `com.amazonaws#${type}`, message: String(error) });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

  return {
    secrets,
    sent,
    announced,
    begun,
    calls,
    down,
    put: (name: string, item: object) =>
      table(name).set(keyOf(marshall(item)), marshall(item, { removeUndefinedValues: true })),
    items: (name: string) => [...table(name).values()].map((item) => unmarshall(item)),
    settings: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
