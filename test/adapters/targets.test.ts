import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { toEffectError } from '../../lambdas/adapters/aws/errors.ts';
import { createTargets } from '../../lambdas/adapters/aws/targets.ts';
import { EffectError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { ok, refusal, scriptedAws } from './scripted-aws.ts';

const ssm: Target = { kind: 'ssm', name: '/paddle/pricing' };
const secret: Target = { kind: 'secret', name: 'paddle/pricing' };
const parameter = (Value: string, Type = 'String') => ok({ Parameter: { Value, Type } });

async function attempt(
  act: 'read' | 'write',
  target: Target,
  answers: Parameters<typeof scriptedAws>[0],
  maxAttempts = 1,
) {
  const aws = await scriptedAws(answers);
  const settings = { ...aws.settings, maxAttempts };
  const targets = createTargets({
    ssm: () => new SSMClient(settings),
    secretsManager: () => new SecretsManagerClient(settings),
  });
  const done = act === 'read' ? targets.read(target) : targets.write(target, 'test_new', 'rotation-1');
  const error = await done.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await aws.close();
  return { error, calls: aws.requests };
}

describe('what AWS says becomes what the caller can decide', () => {
  const throttled = refusal('ThrottlingException');
  const broken = refusal('InternalServerError', {}, 500);
  test.each([
    ['reading, throttled', 'read', ssm, [throttled], 'TransientError'],
    ['reading, server error', 'read', secret, [broken], 'TransientError'],
    ['reading, connection lost', 'read', secret, ['hang up'], 'TransientError'],
    ['reading, access denied', 'read', ssm, [refusal('AccessDeniedException')], 'RefusedError'],
    ['reading, key unusable', 'read', secret, [refusal('DecryptionFailure')], 'RefusedError'],
    ['writing, throttled at once', 'write', secret, [throttled], 'TransientError'],
    ['writing, server error', 'write', secret, [broken], 'AmbiguousError'],
    ['writing, connection lost', 'write', secret, ['hang up'], 'AmbiguousError'],
    ['writing a parameter, connection lost', 'write', ssm, [parameter('test_old'), 'hang up'], 'AmbiguousError'],
    ['writing, done but not read back', 'write', secret, [ok(), throttled], 'AmbiguousError'],
    ['writing, concurrent update', 'write', ssm, [parameter('test_old'), refusal('TooManyUpdates')], 'TransientError'],
    ['writing, access denied', 'write', ssm, [parameter('test_old'), refusal('AccessDeniedException')], 'RefusedError'],
    [
      'writing, a pattern forbids it',
      'write',
      ssm,
      [parameter('a'), refusal('ParameterPatternMismatchException')],
      'RefusedError',
    ],
    ['writing, scheduled for deletion', 'write', secret, [refusal('InvalidRequestException')], 'RefusedError'],
    ['writing, too many versions', 'write', secret, [refusal('LimitExceededException')], 'RefusedError'],
    [
      'creating, access denied',
      'write',
      secret,
      [refusal('ResourceNotFoundException'), refusal('AccessDeniedException')],
      'RefusedError',
    ],
  ] as const)('%s', async (_, act, target, answers, name) => {
    const { error } = await attempt(act, target, answers);
    expect(error).toBeInstanceOf(EffectError);
    expect(error).toMatchObject({ name, message: expect.stringContaining(target.name) });
    expect((error as Error).message).not.toContain('test_new');
  });

  test('a write that was throttled after an attempt of unknown end is ambiguous', async () => {
    const { error } = await attempt('write', secret, ['hang up', throttled], 2);
    expect(error).toMatchObject({ name: 'AmbiguousError' });
  });

  test('what is not the fault of AWS or the network is a defect, and is thrown as it is', () => {
    const defect = new TypeError('undefined is not a function');
    expect(() => toEffectError(defect, { write: true, subject: 'secret a' })).toThrow(defect);
  });

  test('credentials that are not there are for a person', () => {
    const missing = Object.assign(new Error('none'), { name: 'CredentialsProviderError', $metadata: { attempts: 1 } });
    expect(toEffectError(missing, { write: true, subject: 'secret a' })).toMatchObject({ name: 'RefusedError' });
  });
});

describe('the calls that a write makes', () => {
  const operations = (calls: readonly { operation: string }[]) => calls.map(({ operation }) => operation);

  test('a parameter that holds the value is left alone', async () => {
    const { calls } = await attempt('write', ssm, [parameter('test_new')]);
    expect(operations(calls)).toEqual(['GetParameter']);
  });

  test('a missing parameter that somebody makes in between is overwritten, and keeps the type that they chose', async () => {
    const { error, calls } = await attempt('write', ssm, [
      refusal('ParameterNotFound'),
      refusal('ParameterAlreadyExists'),
      ok(),
    ]);
    expect(error).toBeUndefined();
    expect(calls.slice(1).map(({ body }) => [body.Overwrite, body.Type])).toEqual([
      [false, 'String'],
      [true, undefined],
    ]);
  });

  test('a put that does nothing because its version exists already is followed by one that does', async () => {
    const theirs = ok({ SecretString: 'test_theirs', VersionId: 'v-theirs' });
    const { error, calls } = await attempt('write', secret, [ok(), theirs, ok()]);
    expect(error).toBeUndefined();
    expect(operations(calls)).toEqual(['PutSecretValue', 'GetSecretValue', 'PutSecretValue']);
    const [first, second] = [calls[0]?.body.ClientRequestToken, calls[2]?.body.ClientRequestToken];
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toMatch(/^[0-9a-f]{64}$/);
    expect(second).not.toBe(first);
  });

  test('a repeated write names the same version, so that it is one', async () => {
    const ours = [ok(), ok({ SecretString: 'test_new', VersionId: 'v' })];
    const [first, again] = [await attempt('write', secret, ours), await attempt('write', secret, ours)];
    expect(operations(first.calls)).toEqual(['PutSecretValue', 'GetSecretValue']);
    expect(first.calls[0]?.body).toEqual(again.calls[0]?.body);
  });

  test('a missing secret that somebody makes in between gets our value as its next version', async () => {
    const exists = refusal('ResourceExistsException');
    const { error, calls } = await attempt('write', secret, [
      refusal('ResourceNotFoundException'),
      exists,
      ok(),
      ok({ SecretString: 'test_new' }),
    ]);
    expect(error).toBeUndefined();
    expect(operations(calls)).toEqual(['PutSecretValue', 'CreateSecret', 'PutSecretValue', 'GetSecretValue']);
  });
});
