/** Credentials from Secrets Manager or SSM Parameter Store. Clients are made on first use: most accounts need only one. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CredentialSource } from '../../contract.ts';
import { AlertError, type EffectError, TransientError } from '../../domain/errors.ts';
import type { CredentialStore } from '../../paddle/api-key.ts';

/** Two attempts of 3 s and a short rest between them: a read ends within about 7 s. */
const BOUNDS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/** A person has to change something: the name, the policy, the key's policy, or the secret itself. */
const REMEDIES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'there is nothing under this name: store the credential, or correct the configuration',
  ParameterNotFound: 'there is nothing under this name: store the credential, or correct the configuration',
  InvalidRequestException: 'it is marked for deletion or has no current version: restore it, or store it anew',
  InvalidParameterException: 'the name is not valid: correct the configuration',
  ValidationException: 'the name is not valid: correct the configuration',
  AccessDeniedException: 'access is denied: deploy again, or correct the policy of the secret or of its KMS key',
  DecryptionFailure: 'it cannot be decrypted: correct the policy of its KMS key',
  InvalidKeyId: 'its KMS key is gone or disabled: correct the key, or store the credential anew',
};

export interface CredentialClients {
  /** `region`: that of an ARN. Absent: the function's own. */
  readonly secretsManager: (region?: string) => SecretsManagerClient;
  readonly ssm: (region?: string) => SSMClient;
}

/**
 * Reads `AWSCURRENT` of a secret (text, or binary as UTF-8), or a decrypted SecureString. What it throws names the
 * place and never the content.
 * @throws AlertError when a person must act; TransientError otherwise
 */
export function createCredentialStore(clients: CredentialClients = ownClients()): CredentialStore {
  async function readSecret(id: string): Promise<string> {
    const command = new GetSecretValueCommand({ SecretId: id, VersionStage: 'AWSCURRENT' });
    const { SecretString, SecretBinary } = await clients.secretsManager(regionOf(id)).send(command);
    return SecretString ?? (SecretBinary === undefined ? '' : Buffer.from(SecretBinary).toString('utf8'));
  }

  async function readParameter(name: string): Promise<string> {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true });
    const { Parameter } = await clients.ssm(regionOf(name)).send(command);
    return Parameter?.Value ?? '';
  }

  return {
    async read(source) {
      try {
        return 'secret' in source ? await readSecret(source.secret) : await readParameter(source.ssmParameter);
      } catch (error) {
        throw asEffectError(source, error);
      }
    },
  };
}

/** `arn:<partition>:<service>:<region>:…`: only that region's endpoint knows it. */
const regionOf = (id: string): string | undefined => (id.startsWith('arn:') ? id.split(':')[3] : undefined);

function ownClients(): CredentialClients {
  const secretsManager = new Map<string | undefined, SecretsManagerClient>();
  const ssm = new Map<string | undefined, SSMClient>();
  const settings = (region: string | undefined) => (region ? { ...BOUNDS, region } : BOUNDS);
  return {
    secretsManager(region) {
      const client = secretsManager.get(region) ?? new SecretsManagerClient(settings(region));
      secretsManager.set(region, client);
      return client;
    },
    ssm(region) {
      const client = ssm.get(region) ?? new SSMClient(settings(region));
      ssm.set(region, client);
      return client;
    },
  };
}

function asEffectError(source: CredentialSource, error: unknown): EffectError {
  const name = error instanceof Error ? error.name : 'unknown';
  const place = 'secret' in source ? `the secret ${source.secret}` : `the parameter ${source.ssmParameter}`;
  const remedy = REMEDIES[name];
  if (remedy === undefined) return new TransientError(name, `Could not read ${place} (${name})`, { cause: error });
  return new AlertError(name, `Could not read ${place}: ${remedy} (${name})`, { cause: error });
}
