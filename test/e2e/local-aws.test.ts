import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type LocalAws, startLocalAws } from '../../local/aws.ts';
import { deployPaddlewheel } from '../../local/deploy.ts';
import { PROJECT } from '../../local/python.ts';
import { settingsFor } from './aws-world.ts';
import { eventually } from './eventually.ts';

// Always its own: the tiny stack has the name of the real one.
delete process.env.PADDLEWHEEL_AWS_URL;

const tiny = path.join(PROJECT, 'test', 'resources', 'tiny-stack');
const answers = (url: string) =>
  fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Polls, because nobody tells when a process that is not our child has ended. */
const untilSilent = (url: string) => eventually(`the end of ${url}`, async () => !(await answers(url)));

describe('a deployment to the local AWS', () => {
  let aws: LocalAws;
  let deployed: Awaited<ReturnType<typeof deployPaddlewheel>>;
  const lines: string[] = [];

  beforeAll(async () => {
    aws = await startLocalAws();
    const onLine = (line: string) => void lines.push(line);
    deployed = await deployPaddlewheel({ aws, project: tiny, paddleUrl: 'http://127.0.0.1:1', onLine });
  }, 600_000);
  afterAll(() => aws?.stop());

  test('answers the outputs of the stack, which was told where it is and where Paddle is', () => {
    expect(deployed.outputs).toMatchObject({ Emulator: aws.url, PaddleUrl: 'http://127.0.0.1:1' });
    expect(lines).toContainEqual(expect.stringContaining('CREATE_COMPLETE'));
  });

  test('has what CloudFormation dropped there', async () => {
    const FunctionName = 'tiny-function';
    const lambda = new LambdaClient(settingsFor(aws));
    const ttl = await new DynamoDBClient(settingsFor(aws)).send(
      new DescribeTimeToLiveCommand({ TableName: 'tiny-table' }),
    );
    const concurrency = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    const configuration = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(ttl.TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
    expect(concurrency.ReservedConcurrentExecutions).toBe(2);
    expect(configuration.DeadLetterConfig?.TargetArn).toMatch(/:tiny-dead-letters$/);
  });

  test('keeps a message back as long as the template says, and sets it aside when it came too often', async () => {
    const sqs = new SQSClient(settingsFor(aws));
    const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
    const [QueueUrl, deadLetters] = [await urlOf('tiny-queue'), await urlOf('tiny-dead-letters')];
    const AttributeNames = ['VisibilityTimeout' as const, 'RedrivePolicy' as const];
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    expect(Attributes?.VisibilityTimeout).toBe('2');
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '{}')).toMatchObject({ maxReceiveCount: 2 });

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'once more' }));
    const receive = async (url = QueueUrl) => {
      const MessageSystemAttributeNames = ['ApproximateReceiveCount' as const];
      const asked = new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames });
      const { Messages = [] } = await sqs.send(asked);
      return Messages[0];
    };
    await eventually('the message', receive);
    expect((await eventually('its return', receive)).Attributes?.ApproximateReceiveCount).toBe('2');
    const aside = await eventually('its way to the dead letters', async () => {
      expect(await receive()).toBeUndefined();
      return receive(deadLetters);
    });
    expect(aside.Body).toBe('once more');
  }, 180_000);

  test('runs the functions on the Node of this project, and leads their clients back to itself', async () => {
    const invoke = new InvokeCommand({ FunctionName: 'tiny-function', Payload: '{"a":1}' });
    const { Payload, FunctionError } = await new LambdaClient(settingsFor(aws)).send(invoke);
    expect(FunctionError).toBeUndefined();
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({
      event: { a: 1 },
      node: expect.stringMatching(/^v24\./),
      endpoint: aws.url,
    });
  });

  test('tells the last lines of a failed deploy', async () => {
    const missing = deployPaddlewheel({ aws, project: path.join(tiny, '..') });
    await expect(missing).rejects.toThrow(/cdk \w+ ended with/);
  }, 180_000);
});

describe('the local AWS', () => {
  let parent: ChildProcess | undefined;
  afterEach(() => void parent?.kill('SIGKILL'));

  test('that PADDLEWHEEL_AWS_URL names is used, and is not stopped', async () => {
    const aws = await startLocalAws();
    process.env.PADDLEWHEEL_AWS_URL = `${aws.url}/`;
    try {
      const given = await startLocalAws();
      expect(given).toMatchObject({ kind: 'given', url: aws.url });
      await given.stop();
      expect(await answers(aws.url)).toBe(true);
    } finally {
      delete process.env.PADDLEWHEEL_AWS_URL;
      await aws.stop();
    }
    expect(await answers(aws.url)).toBe(false);
  }, 180_000);

  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'ends when the process that started it gets %s',
    async (signal) => {
      parent = spawn(process.execPath, [path.join(PROJECT, 'local', 'aws.ts')], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let url = '';
      for await (const line of createInterface({ input: parent.stdout as NodeJS.ReadableStream })) {
        url = /AWS_ENDPOINT_URL=(\S+)/.exec(line)?.[1] ?? '';
        if (url) break;
      }
      expect(await answers(url)).toBe(true);
      const gone = once(parent, 'exit');
      parent.kill(signal);
      await gone;
      expect(await untilSilent(url)).toBe(true);
    },
    180_000,
  );
});
