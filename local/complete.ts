/**
 * What the local AWS's CloudFormation accepts and drops, done by its API after the deploy. Reads the template that was
 * deployed, so that nothing is written down twice. May be run again at any time. See docs/local-aws.md.
 */
import { DescribeTimeToLiveCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import {
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { LOCAL_ACCOUNT, type LocalAws } from './aws.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** A template, and what CloudFormation has made of its outputs. */
export interface Stack {
  readonly template: Template;
  readonly outputs: Readonly<Record<string, string>>;
}

/** What CloudFormation has called a resource: its fixed name, or what an output says. @throws Error when nothing says it */
export function physicalName(id: string, { template, outputs }: Stack): string {
  const fixed = template.Resources[id]?.Properties?.TableName;
  if (typeof fixed === 'string') return fixed;
  const output = Object.entries(template.Outputs ?? {}).find(
    ([, { Value }]) => (Value as { Ref?: string })?.Ref === id,
  );
  const name = output && outputs[output[0]];
  if (!name) throw new Error(`no output says what ${id} is called`);
  return name;
}

/** @returns one sentence per thing done */
export async function completeDeployment(aws: LocalAws, stack: Stack): Promise<readonly string[]> {
  const { template } = stack;
  const region = aws.env.AWS_REGION;
  const settings = { endpoint: aws.url, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const [dynamo, lambda] = [new DynamoDBClient(settings), new LambdaClient(settings)];
  const done: string[] = [];
  try {
    for (const [id, resource] of Object.entries(template.Resources)) {
      if (/^AWS::DynamoDB::(Global)?Table$/.test(resource.Type))
        done.push(...(await timeToLive(dynamo, physicalName(id, stack), resource)));
      if (resource.Type === 'AWS::Lambda::Function') {
        done.push(...(await reservedConcurrency(lambda, id, resource)));
        done.push(...(await deadLetters(lambda, id, resource, template, region)));
      }
    }
    return done;
  } finally {
    dynamo.destroy();
    lambda.destroy();
  }
}

async function timeToLive(client: DynamoDBClient, TableName: string, { Properties }: Resource): Promise<string[]> {
  const wanted = Properties?.TimeToLiveSpecification as { Enabled?: boolean; AttributeName?: string } | undefined;
  if (!wanted?.Enabled) return [];
  const { TimeToLiveDescription: now } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (now?.TimeToLiveStatus === 'ENABLED') return [];
  const TimeToLiveSpecification = { Enabled: true, AttributeName: wanted.AttributeName };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return [`items of ${TableName} expire by ${wanted.AttributeName}`];
}

async function reservedConcurrency(client: LambdaClient, id: string, { Properties }: Resource): Promise<string[]> {
  const reserved = Properties?.ReservedConcurrentExecutions;
  if (typeof reserved !== 'number') return [];
  const FunctionName = literal(id, 'FunctionName', Properties);
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }));
  return [`${FunctionName} runs at most ${reserved} times at once`];
}

async function deadLetters(
  client: LambdaClient,
  id: string,
  { Properties }: Resource,
  template: Template,
  region: string | undefined,
): Promise<string[]> {
  const target = (Properties?.DeadLetterConfig as { TargetArn?: { 'Fn::GetAtt'?: [string, string] } })?.TargetArn;
  if (!target) return [];
  const [queueId = ''] = target['Fn::GetAtt'] ?? [];
  const queue = template.Resources[queueId];
  if (queue?.Type !== 'AWS::SQS::Queue')
    throw new Error(`${id}: dead letters go to something other than a queue of ours`);
  const FunctionName = literal(id, 'FunctionName', Properties);
  const queueName = literal(queueId, 'QueueName', queue.Properties);
  const TargetArn = `arn:aws:sqs:${region}:${LOCAL_ACCOUNT}:${queueName}`;
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, DeadLetterConfig: { TargetArn } }));
  return [`dead letters of ${FunctionName} go to ${queueName}`];
}

/** Fixed names only: without them a resource of the template cannot be found again. */
function literal(id: string, property: string, properties: Resource['Properties']): string {
  const value = properties?.[property];
  if (typeof value !== 'string') throw new Error(`${id} has no fixed ${property} in the template`);
  return value;
}
