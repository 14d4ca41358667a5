import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
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
import { LOCAL_ACCOUNT, type LocalAws, startLocalAws } from '../../local/aws.ts';
import { deployPaddlewheel } from '../../local/deploy.ts';
import { installPythonTool, PROJECT } from '../../local/python.ts';
import { settingsFor } from './aws-world.ts';
import { bootstrap, bootstrapped } from './bootstrapped.ts';
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

  test('is bootstrapped by CDK to the very resources that other suites make without it', async () => {
    const other = '111122223333';
    await bootstrap(aws, other);
    const made = (await bootstrapped(aws)).map((line) => line.replace(LOCAL_ACCOUNT, other));
    expect(made).toEqual(await bootstrapped(aws, other));
    expect(made).toContain('StagingBucket AWS::S3::Bucket');
    await expect(bootstrap(aws)).resolves.toBeUndefined();
  });

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

  const invoke = async (event: object) => {
    const command = new InvokeCommand({ FunctionName: 'tiny-function', Payload: JSON.stringify(event) });
    const { Payload, FunctionError } = await new LambdaClient(settingsFor(aws)).send(command);
    return { error: FunctionError, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) };
  };

  test('runs the functions on the Node of this project, and leads their clients back to itself', async () => {
    const { error, answer } = await invoke({ a: 1 });
    expect(error).toBeUndefined();
    const node = expect.stringMatching(/^v24\./);
    expect(answer).toEqual({ event: { a: 1 }, pid: expect.any(Number), node, endpoint: aws.url });
  });

  test('keeps a function’s process when the handler throws, as Lambda does, with what was thrown', async () => {
    const { pid } = (await invoke({})).answer;
    for (let times = 0; times < 2; times += 1) {
      const { error, answer } = await invoke({ ending: 'throw' });
      expect(error).toBeDefined();
      expect(answer.errorMessage).toBe(`thrown by ${pid}`);
    }
    expect(await invoke({})).toMatchObject({ error: undefined, answer: { pid } });
  });

  test.each(['exit', 'crash', 'hang'])(
    'starts another process when a function’s has ended with: %s',
    async (ending) => {
      const { pid } = (await invoke({})).answer;
      expect((await invoke({ ending })).error).toBeDefined();
      const { error, answer } = await invoke({});
      expect(error).toBeUndefined();
      expect(answer.pid).not.toBe(pid);
    },
  );

  test('tells the last lines of a failed deploy', async () => {
    const missing = deployPaddlewheel({ aws, project: path.join(tiny, '..'), bootstrapped: true });
    await expect(missing).rejects.toThrow(/cdk \w+ ended with/);
  }, 180_000);
});

describe('a Python tool', () => {
  test('keeps what it compiled, in the project, even where Python is told to keep nothing', async () => {
    const { PYTHONDONTWRITEBYTECODE: told } = process.env;
    process.env.PYTHONDONTWRITEBYTECODE = '1';
    try {
      const { commandLine, env } = await installPythonTool('ministack');
      const [python, ...args] = commandLine('-c', 'import ministack.app; print(ministack.app.__cached__)');
      const { stdout } = await promisify(execFile)(python, args, { env });
      expect(path.relative(path.join(PROJECT, '.local'), stdout)).not.toMatch(/^\.\./);
      expect(existsSync(stdout.trim())).toBe(true);
    } finally {
      if (told === undefined) delete process.env.PYTHONDONTWRITEBYTECODE;
      else process.env.PYTHONDONTWRITEBYTECODE = told;
    }
  }, 600_000);
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
