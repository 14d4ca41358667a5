/** What the stack does not take with it is taken away here; what is still there afterwards is named, with the command that ends it. */
import { CloudWatchLogsClient, DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DeleteSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Place } from './place.ts';

export class Leftovers {
  readonly #prefix: string;
  readonly #stack: string;
  readonly #settings: Place['settings'];

  constructor(prefix: string, stack: string, settings: Place['settings']) {
    this.#prefix = prefix;
    this.#stack = stack;
    this.#settings = settings;
  }

  /** Secrets, parameters and logs. Each is tried, whatever becomes of the others. */
  async clear(): Promise<void> {
    const [secrets, ssm, logs] = [this.#secrets(), this.#ssm(), this.#logs()];
    const each = async (list: () => Promise<string[]>, end: (name: string) => Promise<unknown>) =>
      Promise.allSettled((await list()).map(end));
    await Promise.allSettled([
      each(
        () => this.#secretNames(),
        (SecretId) => secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })),
      ),
      each(
        () => this.#parameterNames(),
        (Name) => ssm.send(new DeleteParameterCommand({ Name })),
      ),
      each(
        () => this.#logGroups(),
        (logGroupName) => logs.send(new DeleteLogGroupCommand({ logGroupName })),
      ),
    ]);
  }

  /** @returns one command for each thing that is still there, or that could not be looked for */
  async named(): Promise<string[]> {
    const kinds: readonly (readonly [string, string, () => Promise<string[]>])[] = [
      ['secrets', 'aws secretsmanager delete-secret --secret-id', () => this.#secretNames()],
      ['parameters', 'aws ssm delete-parameter --name', () => this.#parameterNames()],
      ['logs', 'aws logs delete-log-group --log-group-name', () => this.#logGroups()],
      ['tables', 'aws dynamodb delete-table --table-name', () => this.#tables()],
      ['functions', 'aws lambda delete-function --function-name', () => this.#functions()],
      ['queues', 'aws sqs delete-queue --queue-url', () => this.#queues()],
    ];
    const found = kinds.map(([kind, command, list]) =>
      list().then(
        (names) => names.map((name) => `${command} ${name}`),
        (error: Error) => [`(${kind} that begin with ${this.#prefix}: could not be looked for: ${error.name})`],
      ),
    );
    return (await Promise.all(found)).flat();
  }

  #isOurs = (name: string) => name.startsWith(this.#prefix) || name.startsWith(`${this.#stack}-`);

  async #tables(): Promise<string[]> {
    const { TableNames = [] } = await new DynamoDBClient(this.#settings).send(new ListTablesCommand({}));
    return TableNames.filter(this.#isOurs);
  }

  async #functions(): Promise<string[]> {
    const { Functions = [] } = await new LambdaClient(this.#settings).send(new ListFunctionsCommand({}));
    return Functions.map(({ FunctionName = '' }) => FunctionName).filter(this.#isOurs);
  }

  async #queues(): Promise<string[]> {
    const asked = new ListQueuesCommand({ QueueNamePrefix: this.#prefix });
    return (await new SQSClient(this.#settings).send(asked)).QueueUrls ?? [];
  }

  #secrets = () => new SecretsManagerClient(this.#settings);
  #ssm = () => new SSMClient(this.#settings);
  #logs = () => new CloudWatchLogsClient(this.#settings);

  async #secretNames(): Promise<string[]> {
    const Filters = [{ Key: 'name' as const, Values: [`${this.#prefix}/`] }];
    const { SecretList = [] } = await this.#secrets().send(new ListSecretsCommand({ Filters, MaxResults: 100 }));
    return SecretList.map(({ Name = '' }) => Name).filter((name) => name.startsWith(`${this.#prefix}/`));
  }

  async #parameterNames(): Promise<string[]> {
    const asked = new GetParametersByPathCommand({ Path: `/${this.#prefix}`, Recursive: true });
    return ((await this.#ssm().send(asked)).Parameters ?? []).map(({ Name = '' }) => Name);
  }

  async #logGroups(): Promise<string[]> {
    const asked = new DescribeLogGroupsCommand({ logGroupNamePrefix: `/aws/lambda/${this.#prefix}-` });
    return ((await this.#logs().send(asked)).logGroups ?? []).map(({ logGroupName = '' }) => logGroupName);
  }
}
