/** The steps of a smoke test. Each checks what it says, and throws when it is not so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createDynamoAuditTrail } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { namesFor, pascalCase } from '../../lambdas/contract.ts';
import type { Answer } from '../../lambdas/rotation/answer.ts';
import type { Progress } from '../python.ts';
import type { Place } from './place.ts';
import { CONSUMER, INTEGRATION, placesOf } from './smoke.config.ts';

/** For whatever takes its way through a schedule, a queue, a stream or a webhook. */
const PATIENCE_MS = 5 * 60_000;
const ASK_AGAIN_MS = 1_000;

export class Smoke {
  readonly #place: Place;
  readonly #prefix: string;
  readonly #tokens: string[] = [];
  #outputs: Readonly<Record<string, string>> = {};

  constructor(place: Place, prefix: string) {
    this.#place = place;
    this.#prefix = prefix;
  }

  get names() {
    return namesFor(this.#prefix);
  }
  get #places() {
    return placesOf(this.#prefix);
  }
  /** Outputs of the installation begin with its prefix. */
  #output = (name: string) => this.#outputs[`${pascalCase(this.#prefix)}${name}`];

  /** A sentence that is true once its step has ended. */
  readonly steps: readonly (readonly [string, (say: Progress) => Promise<string>])[] = [
    ['The sandbox key works, and is kept in Secrets Manager', () => this.#storeKey()],
    ['The stack deploys, and the webhooks are registered at Paddle', (say) => this.#deploy(say)],
    ['The schedule mints and publishes the first token', () => this.#firstToken()],
    ['A rotation: a fresh token everywhere, and the old one revoked after its grace', () => this.#rotation()],
    ['A second rotation', () => this.#rotation()],
    ['Paddle’s signed webhooks of every token are in the audit trail', () => this.#webhooks()],
    ['Every alarm reaches a subscriber', () => this.#alarms()],
  ];

  async #storeKey(): Promise<string> {
    const before = await this.#place.paddle.tokens();
    const SecretString = JSON.stringify({ api_key: this.#place.paddle.apiKey });
    const secrets = new SecretsManagerClient(this.#place.settings);
    await secrets.send(new CreateSecretCommand({ Name: this.#places.apiKey, SecretString }));
    return `${before.length} active tokens at Paddle before; ${this.#places.apiKey}`;
  }

  async #deploy(say: Progress): Promise<string> {
    this.#outputs = await this.#place.deploy(this.names.stack, this.#prefix, say);
    const webhooks = this.#output('Webhooks') ?? 'no output says so';
    if (!/^sandbox: (?!pending|failed)/.test(webhooks)) throw new Error(`the webhooks are not registered: ${webhooks}`);
    return webhooks;
  }

  async #firstToken(): Promise<string> {
    const id = await this.#until('the first token', async () => (await this.#ask({ action: 'status' })).token?.id);
    await this.#isPublished(id);
    return id;
  }

  async #rotation(): Promise<string> {
    const [old = ''] = this.#tokens.slice(-1);
    const answer = await this.#ask({ reason: 'smoke test' });
    const fresh = answer.token?.id;
    if (answer.outcome !== 'rotated' || !fresh) throw new Error(answer.message);
    await this.#isPublished(fresh);
    // What a pipeline says: this consumer was built with the fresh token, and is live.
    const report = { integration: INTEGRATION, consumer: CONSUMER, build: fresh };
    for (const phase of ['build', 'deploy']) {
      const { outcome, message } = await this.#invoke<Answer>(this.names.usage, { ...report, phase });
      if (outcome !== 'recorded') throw new Error(`the report of a ${phase}: ${message}`);
    }
    await this.#until(`the revocation of ${old}`, async () => {
      await this.#ask({ action: 'reconcile' }).catch(() => undefined);
      return (await this.#place.paddle.token(old)).status === 'revoked' || undefined;
    });
    return `${fresh} is current, ${old} revoked`;
  }

  /** Parameter, secret and Paddle agree. */
  async #isPublished(id: string): Promise<void> {
    this.#tokens.push(id);
    const { settings, paddle } = this.#place;
    const { status, token } = await paddle.token(id);
    const { Parameter } = await new SSMClient(settings).send(new GetParameterCommand({ Name: this.#places.parameter }));
    const asked = new GetSecretValueCommand({ SecretId: this.#places.secret });
    const { SecretString } = await new SecretsManagerClient(settings).send(asked);
    if (status !== 'active') throw new Error(`${id} is ${status} at Paddle`);
    if (Parameter?.Value !== token || SecretString !== token) throw new Error(`${id} is not what the targets hold`);
  }

  async #webhooks(): Promise<string> {
    const client = new DynamoDBClient(this.#place.settings);
    const trail = createDynamoAuditTrail({ client, auditTable: String(this.#output('AuditTable')) });
    const current = this.#tokens.at(-1);
    let events = 0;
    for (const id of this.#tokens) {
      const expected = ['client_token.created', ...(id === current ? [] : ['client_token.revoked'])];
      events += await this.#until(`the webhooks of ${id}`, async () => {
        const { entries } = await trail.byToken(id, { limit: 100 });
        const types = entries.filter(({ kind }) => kind === 'webhook').map(({ type }) => String(type));
        return expected.every((type) => types.includes(type)) ? types.length : undefined;
      });
    }
    return `${events} webhooks of ${this.#tokens.length} tokens`;
  }

  async #alarms(): Promise<string> {
    const [cloudwatch, sqs] = [new CloudWatchClient(this.#place.settings), new SQSClient(this.#place.settings)];
    const asked = new DescribeAlarmsCommand({ AlarmNamePrefix: this.names.stack, AlarmTypes: ['MetricAlarm'] });
    const { MetricAlarms = [] } = await cloudwatch.send(asked);
    const silent = new Set(MetricAlarms.map(({ AlarmName = '' }) => AlarmName));
    if (silent.size === 0) throw new Error(`there is no alarm that begins with ${this.names.stack}`);
    const states = ['OK', 'ALARM'] as const;
    for (const AlarmName of silent)
      for (const StateValue of states)
        await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'smoke test' }));
    const QueueUrl = this.#outputs.HeardQueueUrl;
    const many = silent.size;
    await this.#until('the alarms in the queue', async () => {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      for (const { Body = '', ReceiptHandle } of (await sqs.send(receive)).Messages ?? []) {
        silent.delete(alarmIn(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return silent.size === 0 || undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message} (nothing of ${[...silent].join(', ')})`, { cause: error });
    });
    return `${many} alarms`;
  }

  /** At Paddle, too, nothing is left. */
  async clearPaddle(): Promise<void> {
    const known = await this.#ask({ action: 'status' }).catch(() => undefined);
    const superseded = known?.superseded?.map(({ id }) => id) ?? [];
    const ids = [...new Set([...this.#tokens, ...superseded, ...(known?.token ? [known.token.id] : [])])];
    const webhooks = this.#output('WebhookBaseUrl');
    await Promise.allSettled([
      ...ids.map((id) => this.#place.paddle.revoke(id)),
      ...(webhooks ? [this.#place.paddle.removeDestinations(`${webhooks}/`)] : []),
    ]);
  }

  /** Reading is a function of its own. */
  #ask = (request: { readonly action?: string; readonly reason?: string }) =>
    this.#invoke<Answer>(request.action === 'status' ? this.names.status : this.names.rotate, {
      ...{ integration: INTEGRATION, requestedBy: 'aws:smoke' },
      ...request,
    });

  async #invoke<T>(FunctionName: string, payload: object): Promise<T> {
    const Payload = Buffer.from(JSON.stringify(payload));
    const client = new LambdaClient(this.#place.settings);
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload }));
    const value = JSON.parse(Buffer.from(answer.Payload ?? []).toString() || 'null');
    if (answer.FunctionError) throw new Error(`${FunctionName}: ${value?.errorMessage ?? answer.FunctionError}`);
    return value;
  }

  async #until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await ask();
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`${what} did not come within ${PATIENCE_MS / 60_000} minutes`);
      await sleep(ASK_AGAIN_MS);
    }
  }
}

/** The topic's message, raw or in SNS's envelope. */
function alarmIn(body: string): string {
  const message = JSON.parse(body) as { AlarmName?: string; Message?: string };
  return message.AlarmName ?? (message.Message === undefined ? '' : alarmIn(message.Message));
}
