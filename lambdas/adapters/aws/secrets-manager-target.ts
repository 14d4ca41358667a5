import { createHash } from 'node:crypto';
import type { DescribeSecretCommandOutput, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RefusedError, TransientError } from '../../domain/errors.ts';
import type { Target } from '../../domain/model.ts';
import { contentWith, misplaced, notAToken, valueAt } from '../../domain/target-content.ts';
import { jsonKeyOf } from '../../domain/targets.ts';
import { createSecretCalls } from './secret-calls.ts';
import type { TargetStore } from './target-store.ts';

/** Somebody who writes more often than that while we try is left alone until the next attempt. */
const MAX_TRIES = 4;

/**
 * Tokens in Secrets Manager secrets: the whole value, or that of one key of a JSON object. A version is made first, without
 * being current; then `AWSCURRENT` is moved to it, from the version that it was made of and from no other. Whoever wrote in
 * between is not overwritten: their version is read, and the change is made to that.
 */
export function createSecretsManagerTarget(client: SecretsManagerClient): TargetStore {
  const { current, describe, create, stage, promote } = createSecretCalls(client);

  return {
    async read(target) {
      const { SecretString, SecretBinary } = (await current(target.name)) ?? {};
      if (SecretBinary !== undefined) return misplaced(Buffer.from(SecretBinary).toString());
      return valueAt(target, SecretString);
    },

    async write(target, value, idempotencyKey) {
      const { name } = target;
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const secret = await describe(name);
        if (!secret) {
          const text = contentWith(target, undefined, value);
          if (await create(target, text, versionId([idempotencyKey, value]))) return;
          continue;
        }
        mustBeOurs(target, secret);
        const before = await current(name);
        if (before?.SecretBinary !== undefined)
          throw notAToken(target, 'holds bytes', 'Replace them by text, or publish elsewhere.');
        const text = contentWith(target, before?.SecretString, value);
        if (text === before?.SecretString) return;
        // A version can never change its text. That of a key depends on the version that it was made of.
        const of = jsonKeyOf(target) === undefined ? [] : [before?.VersionId ?? 'nothing'];
        const version = versionId([idempotencyKey, value, ...of]);
        await stage(name, text, version);
        if (await promote(name, version, before?.VersionId)) return;
      }
      const message = `secret ${name} was changed by others ${MAX_TRIES} times while we tried: their changes are kept.`;
      throw new TransientError('changed_meanwhile', message);
    },
  };
}

/** @throws RefusedError for a secret that somebody else would overwrite, or that is about to go */
function mustBeOurs(
  { name }: Target,
  { DeletedDate, RotationEnabled, OwningService }: DescribeSecretCommandOutput,
): void {
  const refuse = (code: string, what: string) => {
    throw new RefusedError(code, `secret ${name} ${what}`);
  };
  if (DeletedDate)
    refuse(
      'scheduled_for_deletion',
      `is scheduled for deletion: restore it (aws secretsmanager restore-secret --secret-id ${name}), or publish elsewhere.`,
    );
  if (OwningService)
    refuse('managed_by_service', `is managed by ${OwningService}, which would overwrite the token: publish elsewhere.`);
  if (RotationEnabled)
    refuse(
      'rotates_itself',
      `has a rotation of its own, which would bring an earlier token back: end it (aws secretsmanager cancel-rotate-secret --secret-id ${name}), or publish elsewhere.`,
    );
}

/** 64 characters, the most that Secrets Manager takes. */
const versionId = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** The version that publishing a token as a whole secret makes under this rotation; `attempt` counts from 0. */
export const publicationVersion = (rotationId: string, attempt: number, value: string): string =>
  versionId([`${rotationId}-${attempt}`, value]);
