/** A whole Paddlewheel on one machine: local AWS, Paddle (simulated or given), deployed stack. For the tour and the tests. */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { NAMES } from '../lambdas/contract.ts';
import type { LocalAws } from './aws.ts';

/** Paddle as the installation sees it: the simulator's address, or the one that was given. */
export interface PaddleAccess {
  readonly url: string;
  readonly apiKey: string;
}

/** What a function answered, or why it failed. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError';
}

export class Installation {
  readonly aws: LocalAws;
  readonly outputs: Readonly<Record<string, string>>;
  readonly #lambda: LambdaClient;
  readonly #secrets: SecretsManagerClient;

  constructor(aws: LocalAws, outputs: Readonly<Record<string, string>>) {
    this.aws = aws;
    this.outputs = outputs;
    this.#lambda = new LambdaClient(this.clientSettings);
    this.#secrets = new SecretsManagerClient(this.clientSettings);
  }

  /** For further SDK clients. */
  get clientSettings() {
    const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = this.aws.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    return { region, endpoint: this.aws.url, credentials, maxAttempts: 3 };
  }

  get ledgerTable(): string {
    return String(this.outputs.PaddlewheelLedgerTable);
  }

  get auditTable(): string {
    return String(this.outputs.PaddlewheelAuditTable);
  }

  /** Where Paddle sends its webhooks: the API's address on the local AWS. */
  webhookUrl(account: string): string {
    return `${this.outputs.PaddlewheelWebhookBaseUrl}${NAMES.webhookPath(account)}`;
  }

  /** Where the beacon of an integration's pages reports to. */
  seenUrl(integration: string): string {
    return `${this.outputs.PaddlewheelSeenBaseUrl}${integration}`;
  }

  /**
   * `aws lambda invoke`.
   * @throws FunctionFailedError with the function's own message
   */
  async invoke<T = Record<string, unknown>>(name: string, payload: object): Promise<T> {
    const answer = await this.#lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(payload)) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    const value = text ? JSON.parse(text) : undefined;
    if (answer.FunctionError) throw new FunctionFailedError(value?.errorMessage ?? answer.FunctionError);
    return value;
  }

  /** Fire and forget, as an event source does. */
  async invokeAsync(name: string, payload: object): Promise<void> {
    const Payload = Buffer.from(JSON.stringify(payload));
    await this.#lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload }));
  }

  /** @returns the text; `undefined` when there is no such secret */
  async secret(name: string): Promise<string | undefined> {
    try {
      return (await this.#secrets.send(new GetSecretValueCommand({ SecretId: name }))).SecretString;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async putSecret(name: string, text: string): Promise<void> {
    try {
      await this.#secrets.send(new CreateSecretCommand({ Name: name, SecretString: text }));
    } catch (error) {
      if (!(error instanceof ResourceExistsException)) throw error;
      await this.#secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
    }
  }
}
