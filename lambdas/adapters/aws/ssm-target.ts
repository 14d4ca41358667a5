import {
  DescribeParametersCommand,
  GetParameterCommand,
  type Parameter,
  type ParameterMetadata,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { RefusedError, TransientError } from '../../domain/errors.ts';
import { contentWith } from '../../domain/target-content.ts';
import { toEffectError } from './errors.ts';
import type { TargetStore } from './target-store.ts';

/** Somebody who makes the parameter and removes it again and again is not waited for. */
const MAX_TRIES = 3;

const subject = (name: string) => `parameter ${name}`;

/**
 * Tokens in SSM parameters. A missing one is created as `String`: the token is public. One that exists keeps its type, key,
 * tier, data type, description and pattern.
 */
export function createSsmTarget(client: SSMClient): TargetStore {
  const calls = createParameterCalls(client);
  const { get, metadata, put } = calls;

  return {
    async read({ name }) {
      return (await get(name))?.Value;
    },

    async write(target, value) {
      const { name: Name } = target;
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const before = await get(Name);
        // SSM has no idempotency tokens: without this, every repeat would be one more version.
        if (before?.Value === value) return;
        if (before?.Type === 'StringList') throw isAList(Name);
        const Value = contentWith(target, before?.Value, value);
        if (!before) {
          if (await put({ Name, Value, Type: 'String', Overwrite: false })) return;
          continue;
        }
        const kept = keeping(await metadata(Name), before);
        const written = await put({ ...kept, Name, Value, Overwrite: true });
        await undoUnseen(calls, before, value, written?.Version, (text) =>
          put({ ...kept, Name, Value: text, Overwrite: true }),
        );
        return;
      }
      throw new TransientError('changed_meanwhile', `${subject(Name)} was made while we made it, again and again.`);
    },
  };
}

type ParameterCalls = ReturnType<typeof createParameterCalls>;

function createParameterCalls(client: SSMClient) {
  const get = async (name: string): Promise<Parameter | undefined> => {
    try {
      return (await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter;
    } catch (error) {
      if (isNamed(error, 'ParameterNotFound')) return undefined;
      throw toEffectError(error, { write: false, subject: subject(name) });
    }
  };

  /** A put without them would take the account's defaults instead: another key, a lower tier. */
  const metadata = async (name: string): Promise<ParameterMetadata> => {
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [name] }];
    try {
      const { Parameters = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters }));
      const [found] = Parameters;
      if (found) return found;
    } catch (error) {
      throw toEffectError(error, { write: false, subject: `the description of ${subject(name)}` });
    }
    throw new TransientError('not_described', `AWS did not describe ${subject(name)}: nothing was written.`);
  };

  const put = async (input: PutParameterCommandInput) => {
    try {
      return await client.send(new PutParameterCommand(input));
    } catch (error) {
      if (isNamed(error, 'ParameterAlreadyExists')) return undefined;
      throw toEffectError(error, { write: true, subject: subject(input.Name ?? '') });
    }
  };

  return { get, metadata, put };
}

/**
 * SSM writes unconditionally. When somebody else wrote between our read and our write, the version before ours is theirs
 * and nobody has looked at it: if it was no token, it is put back.
 */
async function undoUnseen(
  { get }: ParameterCalls,
  before: Parameter,
  value: string,
  version: number | undefined,
  putBack: (text: string) => Promise<unknown>,
): Promise<void> {
  if (before.Version === undefined || version === undefined || version <= before.Version + 1) return;
  const name = before.Name ?? '';
  const text = (await get(`${name}:${version - 1}`))?.Value;
  if (text === undefined) return;
  try {
    contentWith({ kind: 'ssm', name }, text, value);
  } catch (error) {
    await putBack(text);
    throw error;
  }
}

const keeping = (
  { KeyId, Tier, DataType, Description, AllowedPattern }: ParameterMetadata,
  { Type, DataType: dataType }: Parameter,
) => ({
  Type,
  Tier,
  DataType: DataType ?? dataType,
  Description,
  AllowedPattern,
  ...(Type === 'SecureString' && { KeyId }),
});

const isAList = (name: string) =>
  new RefusedError(
    'not_a_token',
    `ssm:${name} is a StringList, and a token is no list: it was left as it is. Make it a String or a SecureString, or publish elsewhere.`,
  );

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
