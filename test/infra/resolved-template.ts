/** A template with every intrinsic function replaced by what CloudFormation would make of it in one account. */

// biome-ignore lint/suspicious/noExplicitAny: a template is foreign data of many shapes
export type Json = any;
export interface Template {
  readonly Resources: Readonly<Record<string, Json>>;
}

export const PLACE = { partition: 'aws', region: 'eu-west-1', account: '123456789012' } as const;

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': PLACE.partition,
  'AWS::Region': PLACE.region,
  'AWS::AccountId': PLACE.account,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Paddlewheel',
  'AWS::StackId': 'arn:aws:cloudformation:eu-west-1:123456789012:stack/Paddlewheel/id',
};

const arn = (service: string, rest: string) =>
  `arn:${PLACE.partition}:${service}:${PLACE.region}:${PLACE.account}:${rest}`;

/** ARNs of the types that send, receive or hold something; names that CloudFormation makes up stand as the logical id. */
const ARNS: Readonly<Record<string, (p: Json, id: string) => string>> = {
  'AWS::SQS::Queue': (p, id) => arn('sqs', p.QueueName ?? id),
  'AWS::SNS::Topic': (p, id) => arn('sns', p.TopicName ?? id),
  'AWS::Lambda::Function': (p, id) => arn('lambda', `function:${p.FunctionName ?? id}`),
  'AWS::CloudWatch::Alarm': (p, id) => arn('cloudwatch', `alarm:${p.AlarmName ?? id}`),
  'AWS::DynamoDB::GlobalTable': (p, id) => arn('dynamodb', `table/${p.TableName ?? id}`),
  'AWS::Events::EventBus': (p, id) => arn('events', `event-bus/${p.Name ?? id}`),
  'AWS::Events::Rule': (p, id) => arn('events', `rule/${p.EventBusName ? `${p.EventBusName}/` : ''}${p.Name ?? id}`),
  'AWS::Scheduler::Schedule': (p, id) => arn('scheduler', `schedule/default/${p.Name ?? id}`),
  'AWS::Logs::LogGroup': (p, id) => arn('logs', `log-group:${p.LogGroupName ?? id}:*`),
  'AWS::S3::Bucket': (p, id) => `arn:${PLACE.partition}:s3:::${(p.BucketName ?? id).toLowerCase()}`,
  'AWS::KMS::Key': (_, id) => arn('kms', `key/${id}`),
  'AWS::IAM::Role': (p, id) => `arn:${PLACE.partition}:iam::${PLACE.account}:role/${p.RoleName ?? id}`,
};
/** `Ref` gives the ARN of these, a queue's address, and a name otherwise. */
const REF_IS_ARN = new Set(['AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy']);

/** @throws RangeError for an intrinsic function or a resource that is not known here */
export function resolvedTemplate(template: Template): Template {
  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolve).filter((each) => each !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    if ('Ref' in value) return ref(value.Ref);
    if ('Fn::GetAtt' in value) return attribute(value['Fn::GetAtt']);
    if ('Fn::Join' in value) return value['Fn::Join'][1].map(resolve).join(value['Fn::Join'][0]);
    if ('Fn::Select' in value) return resolve(value['Fn::Select'][1])[value['Fn::Select'][0]];
    if ('Fn::Split' in value) return resolve(value['Fn::Split'][1]).split(value['Fn::Split'][0]);
    if ('Fn::Sub' in value && typeof value['Fn::Sub'] === 'string')
      return value['Fn::Sub'].replace(/\$\{([\w:]+)\}/g, (_: string, name: string) => ref(name));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  };
  const resourceNamed = (id: string) => {
    const found = template.Resources[id];
    if (!found) throw new RangeError(`the template has no ${id}`);
    return { type: found.Type as string, properties: resolve(nameProperties(found.Properties ?? {})) };
  };
  const arnOf = (id: string): string => {
    const { type, properties } = resourceNamed(id);
    return ARNS[type]?.(properties, id) ?? arn(String(type.split('::')[1]).toLowerCase(), id);
  };
  const ref = (id: string): string => {
    if (PSEUDO[id] !== undefined) return PSEUDO[id];
    const { type, properties: p } = resourceNamed(id);
    if (REF_IS_ARN.has(type)) return arnOf(id);
    return p.FunctionName ?? p.QueueName ?? p.TableName ?? p.AlarmName ?? p.Name ?? p.LogGroupName ?? id;
  };
  const attribute = ([id, name]: [string, string]): string => {
    if (name === 'Arn') return arnOf(id);
    // Its last part is the moment in which it was made.
    if (name === 'StreamArn') return `${arnOf(id)}/stream/latest`;
    return name.endsWith('Name') ? ref(id) : `${id}.${name}`;
  };
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).map(([id, { Properties = {}, ...rest }]) => [
      id,
      { ...rest, Properties: resolve(Properties) },
    ]),
  );
  return { ...template, Resources };
}

/** What a resource is called, without what it refers to: two resources may name each other. */
const nameProperties = (properties: Json): Json =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => /^(?:\w*Name)$/.test(key)));

/** The physical identity of a resource of a resolved template. */
export const arnIn = ({ Resources }: Template, id: string): string => {
  const { Type, Properties } = Resources[id];
  return ARNS[Type]?.(Properties, id) ?? arn(String(Type.split('::')[1]).toLowerCase(), id);
};
