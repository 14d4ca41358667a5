/** The calls of Secrets Manager that a write to a secret takes. Errors are those that the callers can tell apart. */
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Target } from '../../domain/model.ts';
import { toEffectError } from './errors.ts';

/** Marks the version that is about to become the current one. `AWSPENDING` belongs to rotations. */
export const STAGE = 'PADDLEWHEEL';

export function createSecretCalls(client: SecretsManagerClient) {
  const current = async (name: string): Promise<GetSecretValueCommandOutput | undefined> => {
    try {
      return await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSCURRENT' }));
    } catch (error) {
      // The same exception for a secret that is missing and for one that has no value yet.
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw toEffectError(error, { write: false, subject: `secret ${name}` });
    }
  };

  const describe = async (name: string): Promise<DescribeSecretCommandOutput | undefined> => {
    try {
      return await client.send(new DescribeSecretCommand({ SecretId: name }));
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw toEffectError(error, { write: false, subject: `the description of secret ${name}` });
    }
  };

  /** @returns false when somebody, perhaps our own attempt with a lost answer, made it in between */
  const create = async (
    { name: Name, kmsKey: KmsKeyId }: Target,
    SecretString: string,
    ClientRequestToken: string,
  ): Promise<boolean> => {
    try {
      await client.send(new CreateSecretCommand({ Name, SecretString, ClientRequestToken, KmsKeyId }));
      return true;
    } catch (error) {
      if (isNamed(error, 'ResourceExistsException')) return false;
      throw toEffectError(error, { write: true, subject: `secret ${Name}` });
    }
  };

  /** Not current yet, unless it is the first. The same version with the same text again changes nothing. */
  const stage = async (SecretId: string, SecretString: string, ClientRequestToken: string): Promise<void> => {
    const version = { SecretId, SecretString, ClientRequestToken, VersionStages: [STAGE] };
    try {
      await client.send(new PutSecretValueCommand(version));
    } catch (error) {
      throw toEffectError(error, { write: true, subject: `secret ${SecretId}` });
    }
  };

  /** Compare and swap. @returns false when another version than `from` is current by now */
  const promote = async (SecretId: string, to: string, from: string | undefined): Promise<boolean> => {
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: to, RemoveFromVersionId: from };
    try {
      await client.send(new UpdateSecretVersionStageCommand(move));
      return true;
    } catch (error) {
      // A refusal says no more than that parameters do not fit; what is current now says whether somebody was faster.
      if (isNamed(error, 'InvalidParameterException', 'InvalidRequestException')) {
        const now = (await current(SecretId))?.VersionId;
        if (now === to) return true;
        if (now !== from) return false;
      }
      throw toEffectError(error, { write: true, subject: `secret ${SecretId}` });
    }
  };

  return { current, describe, create, stage, promote };
}

const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);
