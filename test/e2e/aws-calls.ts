/**
 * What a request to AWS needs of IAM: the actions, the resources and the condition keys that it is judged by. Written
 * after the service authorization reference, https://docs.aws.amazon.com/service-authorization/latest/reference/.
 */

/** One permission that a request needed. Holds names and keys, never a value. */
export interface AwsCall {
  /** `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys, as far as they follow from the request. */
  readonly context: Readonly<Record<string, string | string[]>>;
}

export interface Exchange {
  /** `X-Amz-Target`, such as `DynamoDB_20120810.PutItem`; of Lambda, which has none, method and path. */
  readonly target: string;
  readonly request: Json;
  readonly answer: Json;
  readonly region: string;
  readonly account: string;
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of many services
export type Json = any;

/** @throws RangeError for an operation that is not known here: what it needs would go unnoticed */
export function callsOf(exchange: Exchange): AwsCall[] {
  const [, invoked] = INVOCATION.exec(exchange.target) ?? [];
  if (invoked) return [invocation(decodeURIComponent(invoked), exchange)];
  const [service = '', operation = ''] = exchange.target.split('.');
  const read = SERVICES[service.replace(/_\d+$/, '')];
  if (!read) throw new RangeError(`${exchange.target} is of a service that is not known here`);
  return read(operation, exchange);
}

const INVOCATION = /^POST \/2015-03-31\/functions\/([^/]+)\/invocations$/;

type Reader = (operation: string, exchange: Exchange) => AwsCall[];

const SERVICES: Readonly<Record<string, Reader>> = {
  DynamoDB: dynamodb,
  AmazonSQS: sqs,
  AmazonSSM: ssm,
  secretsmanager: secretsManager,
  AWSEvents: events,
};

const arn = ({ region, account }: Exchange, service: string, rest: string) =>
  rest.startsWith('arn:') ? rest : `arn:aws:${service}:${region}:${account}:${rest}`;

const invocation = (name: string, exchange: Exchange): AwsCall => ({
  action: 'lambda:InvokeFunction',
  resource: arn(exchange, 'lambda', name.startsWith('arn:') ? name : `function:${name}`),
  context: {},
});

function dynamodb(operation: string, exchange: Exchange): AwsCall[] {
  const { request } = exchange;
  const call = (action: string, part: Json, keys: string[]): AwsCall => ({
    action: `dynamodb:${action}`,
    resource: arn(exchange, 'dynamodb', `table/${part.TableName}${part.IndexName ? `/index/${part.IndexName}` : ''}`),
    context: { 'dynamodb:LeadingKeys': keys },
  });
  switch (operation) {
    case 'GetItem':
    case 'DeleteItem':
    case 'UpdateItem':
      return [call(operation, request, [request.Key.pk.S])];
    case 'PutItem':
      return [call(operation, request, [request.Item.pk.S])];
    case 'BatchGetItem':
      return Object.entries<Json>(request.RequestItems).map(([TableName, { Keys }]) =>
        call(
          operation,
          { TableName },
          Keys.map(({ pk }: Json) => pk.S),
        ),
      );
    case 'Query':
      return [call(operation, request, [partitionOf(request)])];
    // A transaction is no action of its own: each part is judged as the operation that it is.
    case 'TransactWriteItems':
      return request.TransactItems.map(({ Put, ConditionCheck, ...others }: Json) => {
        if (ConditionCheck) return call('ConditionCheckItem', ConditionCheck, [ConditionCheck.Key.pk.S]);
        if (!Put) throw new RangeError(`a transaction with ${Object.keys(others)} is not known here`);
        return call('PutItem', Put, [Put.Item.pk.S]);
      });
    default:
      throw new RangeError(`dynamodb:${operation} is not known here`);
  }
}

/** `pk = :pk AND …`: a query names its partition first. */
function partitionOf({ KeyConditionExpression, ExpressionAttributeValues }: Json): string {
  const [, placeholder = ''] = /^\s*\S+\s*=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  const value = ExpressionAttributeValues[placeholder]?.S;
  if (typeof value !== 'string') throw new RangeError(`no partition in ${KeyConditionExpression}`);
  return value;
}

function sqs(operation: string, exchange: Exchange): AwsCall[] {
  // Sending many at once is the same permission.
  const action = operation === 'SendMessageBatch' ? 'SendMessage' : operation;
  if (!['SendMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].includes(action))
    throw new RangeError(`sqs:${operation} is not known here`);
  const name = new URL(exchange.request.QueueUrl).pathname.split('/').at(-1);
  return [{ action: `sqs:${action}`, resource: arn(exchange, 'sqs', String(name)), context: {} }];
}

function ssm(operation: string, exchange: Exchange): AwsCall[] {
  // IAM knows no resource for it.
  if (operation === 'DescribeParameters') return [{ action: `ssm:${operation}`, resource: '*', context: {} }];
  if (operation !== 'GetParameter' && operation !== 'PutParameter')
    throw new RangeError(`ssm:${operation} is not known here`);
  const name = String(exchange.request.Name).replace(/^\//, '');
  return [{ action: `ssm:${operation}`, resource: arn(exchange, 'ssm', `parameter/${name}`), context: {} }];
}

function secretsManager(operation: string, exchange: Exchange): AwsCall[] {
  const { request, answer } = exchange;
  const stage: Record<string, string> = request.VersionStage
    ? { 'secretsmanager:VersionStage': request.VersionStage }
    : {};
  const call = (resource: string, context: Record<string, string> = {}): AwsCall => ({
    action: `secretsmanager:${operation}`,
    resource: arn(exchange, 'secretsmanager', resource),
    context,
  });
  switch (operation) {
    case 'DescribeSecret':
    case 'GetSecretValue':
    case 'PutSecretValue':
    case 'UpdateSecretVersionStage':
      // A secret that is there has six characters after its name; one that is not is judged by the name alone.
      return [call(answer?.ARN ?? `secret:${request.SecretId}`, operation === 'GetSecretValue' ? stage : {})];
    case 'CreateSecret': {
      // AWS does not say whether the characters of the future secret count yet, so both must be allowed.
      const named = call(`secret:${request.Name}`, { 'secretsmanager:Name': request.Name });
      return answer?.ARN ? [named, { ...named, resource: answer.ARN }] : [named];
    }
    default:
      throw new RangeError(`secretsmanager:${operation} is not known here`);
  }
}

function events(operation: string, exchange: Exchange): AwsCall[] {
  if (operation !== 'PutEvents') throw new RangeError(`events:${operation} is not known here`);
  return exchange.request.Entries.map((entry: Json) => ({
    action: 'events:PutEvents',
    resource: arn(
      exchange,
      'events',
      entry.EventBusName?.startsWith('arn:') ? entry.EventBusName : `event-bus/${entry.EventBusName ?? 'default'}`,
    ),
    context: { 'events:source': [entry.Source], 'events:detail-type': [entry.DetailType] },
  }));
}
