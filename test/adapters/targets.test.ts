import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { toEffectError } from '../../lambdas/adapters/aws/errors.ts';
import { publicationVersion } from '../../lambdas/adapters/aws/secrets-manager-target.ts';
import { createTargets } from '../../lambdas/adapters/aws/targets.ts';
import { EffectError } from '../../lambdas/domain/errors.ts';
import type { Target } from '../../lambdas/domain/model.ts';
import { targetsContract, tokenLike } from '../contracts/targets.contract.ts';
import { loopbackPlaces } from '../fakes/loopback-places.ts';
import { ok, refusal, scriptedAws } from './scripted-aws.ts';

const ssm: Target = { kind: 'ssm', name: '/paddle/pricing' };
const secret: Target = { kind: 'secret', name: 'paddle/pricing' };
const [OLD, NEW] = [tokenLike('old'), tokenLike('new')];
const parameter = (Value: string, Type = 'String') => ok({ Parameter: { Value, Type } });
const described = ok({ Parameters: [{ Name: ssm.name, Type: 'String' }] });
const secretHolding = (SecretString: string) => [ok({ Name: secret.name }), ok({ SecretString, VersionId: 'v1' })];

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
  const done = act === 'read' ? targets.read(target) : targets.write(target, NEW, 'rotation-1');
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
    ['looking at a secret first, connection lost', 'write', secret, ['hang up'], 'TransientError'],
    ['writing, server error', 'write', secret, [...secretHolding(OLD), broken], 'AmbiguousError'],
    ['writing, connection lost', 'write', secret, [...secretHolding(OLD), 'hang up'], 'AmbiguousError'],
    ['making it current, connection lost', 'write', secret, [...secretHolding(OLD), ok(), 'hang up'], 'AmbiguousError'],
    ['writing a parameter, connection lost', 'write', ssm, [parameter(OLD), described, 'hang up'], 'AmbiguousError'],
    [
      'writing, concurrent update',
      'write',
      ssm,
      [parameter(OLD), described, refusal('TooManyUpdates')],
      'TransientError',
    ],
    ['a parameter that is not described', 'write', ssm, [parameter(OLD), ok({ Parameters: [] })], 'TransientError'],
    ['describing, access denied', 'write', ssm, [parameter(OLD), refusal('AccessDeniedException')], 'RefusedError'],
    [
      'writing, access denied',
      'write',
      ssm,
      [parameter(OLD), described, refusal('AccessDeniedException')],
      'RefusedError',
    ],
    [
      'writing, a pattern forbids it',
      'write',
      ssm,
      [parameter(OLD), described, refusal('ParameterPatternMismatchException')],
      'RefusedError',
    ],
    [
      'writing, too many versions',
      'write',
      secret,
      [...secretHolding(OLD), refusal('LimitExceededException')],
      'RefusedError',
    ],
    [
      'making it current, refused',
      'write',
      secret,
      [...secretHolding(OLD), ok(), refusal('AccessDeniedException')],
      'RefusedError',
    ],
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
    expect((error as Error).message).not.toContain(NEW);
  });

  test('a write that was throttled after an attempt of unknown end is ambiguous', async () => {
    const { error } = await attempt('write', secret, [...secretHolding(OLD), 'hang up', throttled], 2);
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

test('a missing secret is made under the key that was named, and under the default key otherwise', async () => {
  const kmsKey = 'arn:aws:kms:eu-west-1:123456789012:key/mine';
  for (const target of [secret, { ...secret, kmsKey }]) {
    const { error, calls } = await attempt('write', target, [refusal('ResourceNotFoundException'), ok()]);
    expect(error).toBeUndefined();
    expect(JSON.stringify(calls.at(-1))).toContain('CreateSecret');
    expect(JSON.stringify(calls.at(-1)).includes(kmsKey)).toBe('kmsKey' in target);
  }
});

describe('against Secrets Manager and SSM as they are documented', () => {
  let places: Awaited<ReturnType<typeof loopbackPlaces>>;
  beforeEach(async () => {
    places = await loopbackPlaces();
  });
  afterEach(() => places.close());

  const targets = () =>
    createTargets({
      ssm: () => new SSMClient(places.settings),
      secretsManager: () => new SecretsManagerClient(places.settings),
    });
  const config: Target = { kind: 'secret', name: 'prod/web/config', jsonKey: 'PADDLE_CLIENT_TOKEN' };
  const createSecret = (name: string, SecretString: string) =>
    places.outside('CreateSecret', { Name: name, SecretString, ClientRequestToken: 'theirs-0' });
  const putSecret = (name: string, SecretString: string, id: string) =>
    places.outside('PutSecretValue', { SecretId: name, SecretString, ClientRequestToken: id });
  const currentOf = (name: string) =>
    [...(places.secrets.get(name)?.versions ?? [])].find(([, { stages }]) => stages.has('AWSCURRENT'));
  const textOf = (name: string) => currentOf(name)?.[1].text;
  const operations = () => places.calls.map(({ operation }) => operation);

  targetsContract(() => ({
    targets: targets(),
    versions: async ({ kind, name }) =>
      (kind === 'ssm' ? places.parameters.get(name)?.values.length : places.secrets.get(name)?.versions.size) ?? 0,
    putOutside: async ({ kind, name }, text) => {
      if (kind === 'ssm') places.outside('PutParameter', { Name: name, Value: text, Type: 'String', Overwrite: true });
      else if (places.secrets.has(name)) putSecret(name, text, `theirs-${places.calls.length}`);
      else createSecret(name, text);
    },
    content: async ({ kind, name }) => (kind === 'ssm' ? places.parameters.get(name)?.values.at(-1) : textOf(name)),
  }));

  test('a parameter that holds the value is left alone', async () => {
    places.outside('PutParameter', { Name: ssm.name, Value: NEW, Type: 'String' });
    await targets().write(ssm, NEW, 'rotation-1');
    expect(operations()).toEqual(['GetParameter']);
  });

  test('a SecureString keeps its key, its tier, its data type and what people wrote about it', async () => {
    const about = {
      Type: 'SecureString',
      KeyId: 'alias/shop',
      Tier: 'Advanced',
      DataType: 'text',
      Description: 'shop',
    };
    places.outside('PutParameter', { Name: ssm.name, Value: OLD, AllowedPattern: '^test_', ...about });
    await targets().write(ssm, NEW, 'rotation-1');
    expect(places.parameters.get(ssm.name)?.values).toEqual([OLD, NEW]);
    expect(places.parameters.get(ssm.name)?.about).toMatchObject({ ...about, AllowedPattern: '^test_' });
  });

  test('a parameter at its 100 versions, the oldest with a label, is named as such', async () => {
    const about = { Type: 'String', labelled: true };
    places.parameters.set(ssm.name, { values: Array(100).fill(OLD), about });
    const written = targets().write(ssm, NEW, 'rotation-1');
    await expect(written).rejects.toMatchObject({ name: 'RefusedError', code: 'ParameterMaxVersionLimitExceeded' });
    await expect(written).rejects.toThrow(/100 versions.*label/);
  });

  test('what somebody wrote into a parameter between our look and our write is put back, unless it was a token', async () => {
    places.outside('PutParameter', { Name: ssm.name, Value: OLD, Type: 'String' });
    let text = 'their connection string';
    const theirs = () => {
      places.before.clear();
      places.outside('PutParameter', { Name: ssm.name, Value: text, Overwrite: true });
    };
    places.before.set('PutParameter', theirs);
    await expect(targets().write(ssm, NEW, 'rotation-1')).rejects.toMatchObject({ code: 'not_a_token' });
    expect(places.parameters.get(ssm.name)?.values.at(-1)).toBe(text);
    places.outside('PutParameter', { Name: ssm.name, Value: OLD, Overwrite: true });
    text = tokenLike('theirs');
    places.before.set('PutParameter', theirs);
    await targets().write(ssm, NEW, 'rotation-1');
    expect(places.parameters.get(ssm.name)?.values.at(-1)).toBe(NEW);
  });

  test('a change of another key, made between our look and our write, is kept', async () => {
    createSecret(config.name, `{"A":1.0,"PADDLE_CLIENT_TOKEN":"${OLD}"}`);
    let edits = 0;
    places.before.set('UpdateSecretVersionStage', () => {
      edits += 1;
      if (edits <= 3) putSecret(config.name, `{"A":${edits}.50,"PADDLE_CLIENT_TOKEN":"${OLD}"}`, `theirs-${edits}`);
    });
    await targets().write(config, NEW, 'rotation-1');
    expect(textOf(config.name)).toBe(`{"A":3.50,"PADDLE_CLIENT_TOKEN":"${NEW}"}`);
  });

  test.each([
    ['a whole secret', secret, 'a password by now'],
    ['a key', config, '{"PADDLE_CLIENT_TOKEN":"a password by now"}'],
  ])('%s that becomes something else between our look and our write is not overwritten', async (_, target, text) => {
    createSecret(target.name, target === config ? `{"PADDLE_CLIENT_TOKEN":"${OLD}"}` : OLD);
    places.before.set('UpdateSecretVersionStage', () => {
      places.before.clear();
      putSecret(target.name, text, 'theirs-1');
    });
    await expect(targets().write(target, NEW, 'rotation-1')).rejects.toMatchObject({ code: 'not_a_token' });
    expect(textOf(target.name)).toBe(text);
  });

  test('somebody who writes all the time is not overwritten, and not waited for for ever', async () => {
    createSecret(config.name, '{"A":0}');
    let edits = 0;
    places.before.set('UpdateSecretVersionStage', () => {
      edits += 1;
      putSecret(config.name, `{"A":${edits}}`, `theirs-${edits}`);
    });
    const written = targets().write(config, NEW, 'rotation-1');
    await expect(written).rejects.toMatchObject({ name: 'TransientError', code: 'changed_meanwhile' });
    expect(textOf(config.name)).toBe(`{"A":${edits}}`);
    expect(edits).toBeLessThan(10);
  });

  test('the version before ours is what people can go back to', async () => {
    createSecret(secret.name, OLD);
    await targets().write(secret, NEW, 'rotation-1');
    expect(places.secrets.get(secret.name)?.versions.get('theirs-0')?.stages).toEqual(new Set(['AWSPREVIOUS']));
    expect(currentOf(secret.name)?.[0]).toBe(publicationVersion('rotation', 1, NEW));
  });

  test.each([
    ['rotates_itself', { RotationEnabled: true }, /cancel-rotate-secret/],
    ['scheduled_for_deletion', { DeletedDate: 1_700_000_000 }, /restore-secret/],
    ['managed_by_service', { OwningService: 'rds' }, /rds.*publish elsewhere/],
  ])('a secret is refused as %s, with the remedy, and nothing is written', async (code, about, remedy) => {
    createSecret(secret.name, OLD);
    Object.assign(places.secrets.get(secret.name)?.about ?? {}, about);
    const written = targets().write(secret, NEW, 'rotation-1');
    await expect(written).rejects.toMatchObject({ name: 'RefusedError', code });
    await expect(written).rejects.toThrow(remedy);
    expect(operations()).toEqual(['DescribeSecret']);
    expect(textOf(secret.name)).toBe(OLD);
  });

  test('reading a secret that is scheduled for deletion says so', async () => {
    createSecret(secret.name, OLD);
    Object.assign(places.secrets.get(secret.name)?.about ?? {}, { DeletedDate: 1_700_000_000 });
    await expect(targets().read(secret)).rejects.toThrow(/scheduled for deletion: restore it/);
  });

  test('a missing parameter that somebody makes in between is looked at before it is overwritten', async () => {
    let text = 'their connection string';
    const theirs = () => {
      places.before.clear();
      places.outside('PutParameter', { Name: ssm.name, Value: text, Type: 'SecureString', KeyId: 'alias/shop' });
    };
    places.before.set('PutParameter', theirs);
    await expect(targets().write(ssm, NEW, 'rotation-1')).rejects.toMatchObject({ code: 'not_a_token' });
    places.parameters.delete(ssm.name);
    text = OLD;
    places.before.set('PutParameter', theirs);
    await targets().write(ssm, NEW, 'rotation-1');
    expect(places.parameters.get(ssm.name)).toMatchObject({ values: [OLD, NEW], about: { KeyId: 'alias/shop' } });
  });
});
