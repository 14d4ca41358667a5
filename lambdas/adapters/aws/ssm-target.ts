import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { toEffectError } from './errors.ts';
import type { TargetStore } from './target-store.ts';

/**
 * Tokens in SSM parameters. A missing one is created as `String`: the token is public. One that exists keeps its type;
 * a `SecureString` is encrypted with the account's default key, as SSM does when no key is named.
 */
export function createSsmTarget(client: SSMClient): TargetStore {
  const get = async (name: string) => {
    try {
      return (await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter;
    } catch (error) {
      if (isNamed(error, 'ParameterNotFound')) return undefined;
      throw toEffectError(error, { write: false, subject: `parameter ${name}` });
    }
  };

  return {
    async read(name) {
      return (await get(name))?.Value;
    },

    async write(name, value) {
      const before = await get(name);
      // SSM has no idempotency tokens: without this, every repeat would be one more version.
      if (before?.Value === value) return;
      const create = { Name: name, Value: value, Type: 'String', Overwrite: false } as const;
      const overwrite = { Name: name, Value: value, Type: before?.Type, Overwrite: true };
      try {
        await client.send(new PutParameterCommand(before ? overwrite : create));
      } catch (error) {
        // Somebody made it in between, with a type that we have not seen: without one, SSM keeps it.
        const retry = !before && isNamed(error, 'ParameterAlreadyExists');
        if (!retry) throw toEffectError(error, { write: true, subject: `parameter ${name}` });
        await client.send(new PutParameterCommand({ Name: name, Value: value, Overwrite: true })).catch((again) => {
          throw toEffectError(again, { write: true, subject: `parameter ${name}` });
        });
      }
    },
  };
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
