import { createHash } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AmbiguousError } from '../../domain/errors.ts';
import { toEffectError } from './errors.ts';
import type { TargetStore } from './target-store.ts';

/** Tokens in Secrets Manager secrets: the plain text of the token is the whole value. */
export function createSecretsManagerTarget(client: SecretsManagerClient): TargetStore {
  const current = async (name: string): Promise<GetSecretValueCommandOutput | undefined> => {
    try {
      return await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSCURRENT' }));
    } catch (error) {
      // The same exception for a secret that is missing and for one that has no value yet.
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw toEffectError(error, { write: false, subject: `secret ${name}` });
    }
  };

  const put = async (name: string, version: { SecretString: string; ClientRequestToken: string }): Promise<void> => {
    const update = () => client.send(new PutSecretValueCommand({ SecretId: name, ...version }));
    try {
      await update().catch(async (error) => {
        if (!isNamed(error, 'ResourceNotFoundException')) throw error;
        await client.send(new CreateSecretCommand({ Name: name, ...version })).catch(async (refused) => {
          // Somebody, perhaps our own attempt with a lost answer, made it in between.
          if (!isNamed(refused, 'ResourceExistsException')) throw refused;
          await update();
        });
      });
    } catch (error) {
      throw toEffectError(error, { write: true, subject: `secret ${name}` });
    }
  };

  return {
    async read(name) {
      return (await current(name))?.SecretString;
    },

    /**
     * A put whose version exists already succeeds and does nothing, even if somebody has written another value since:
     * the version would never come back to the front. So the value is read back, and what stands there instead is
     * replaced by one more version, named after the one that it replaces.
     */
    async write(name, value, idempotencyKey) {
      await put(name, { SecretString: value, ClientRequestToken: versionId([idempotencyKey, value]) });
      const stored = await current(name).catch((cause) => {
        throw new AmbiguousError('read_back_failed', `wrote secret ${name}, but could not read it back`, { cause });
      });
      if (stored?.SecretString === value) return;
      const replaces = stored?.VersionId ?? 'nothing';
      await put(name, { SecretString: value, ClientRequestToken: versionId([idempotencyKey, value, replaces]) });
    },
  };
}

/** 64 characters, the most that Secrets Manager takes. The value is part of it: a version can never change its value. */
const versionId = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** The version that publishing a token under this rotation makes; `attempt` counts from 0. */
export const publicationVersion = (rotationId: string, attempt: number, value: string): string =>
  versionId([`${rotationId}-${attempt}`, value]);

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
