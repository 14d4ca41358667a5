/** The webhook secrets of an account in one secret of Secrets Manager, in the form that the webhook reads. */
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { CredentialSource } from '../../contract.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { WebhookSecretStore } from '../../registrar/destinations/ports.ts';
import { parseWebhookSecrets } from '../../webhook/webhook-secrets.ts';
import { toEffectError } from './errors.ts';

const isMissing = (error: unknown): boolean => error instanceof Error && error.name === 'ResourceNotFoundException';

export function createWebhookSecretStore(client: () => SecretsManagerClient): WebhookSecretStore {
  return {
    async read(source) {
      const SecretId = secretOf(source);
      try {
        const { SecretString } = await client().send(new GetSecretValueCommand({ SecretId }));
        return parseWebhookSecrets(SecretString ?? '');
      } catch (error) {
        // The same exception for a secret that is missing and for one that has no value yet.
        if (isMissing(error)) return [];
        throw toEffectError(error, { write: false, subject: `secret ${SecretId}` });
      }
    },

    async write(source, secrets) {
      const SecretId = secretOf(source);
      const SecretString = JSON.stringify({ endpoint_secret_keys: secrets });
      try {
        await client()
          .send(new PutSecretValueCommand({ SecretId, SecretString }))
          .catch(async (error) => {
            if (!isMissing(error) || SecretId.startsWith('arn:')) throw error;
            await client().send(new CreateSecretCommand({ Name: SecretId, SecretString, KmsKeyId: source.kmsKey }));
          });
      } catch (error) {
        throw toEffectError(error, { write: true, subject: `secret ${SecretId}` });
      }
    },
  };
}

function secretOf(source: CredentialSource): string {
  if ('secret' in source) return source.secret;
  throw new RefusedError('webhook_secret_in_ssm', 'a managed webhook secret is kept in Secrets Manager');
}
