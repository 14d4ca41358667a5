import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createCredentialStore } from '../../lambdas/adapters/aws/credentials.ts';
import { type Reply, ScriptedHttp } from '../fakes/scripted-http.ts';
import { ending } from './setup.ts';

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body,
});
const failure = (name: string, status = 400) => json(status, { __type: name, message: 'no' });

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openStore() {
  const server = await new ScriptedHttp().open();
  const config = {
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  };
  const made: string[] = [];
  const store = createCredentialStore({
    secretsManager: (region) => {
      made.push(['secretsManager', region].filter(Boolean).join(' '));
      return new SecretsManagerClient(config);
    },
    ssm: (region) => {
      made.push(['ssm', region].filter(Boolean).join(' '));
      return new SSMClient(config);
    },
  });
  closing.push(() => server.close());
  return { server, store, made };
}

const SECRET = { secret: 'paddlewheel/sandbox/api-key' };
const PARAMETER = { ssmParameter: '/paddlewheel/sandbox/api-key' };

describe('a credential', () => {
  test('is the current version of a secret', async () => {
    const { server, store, made } = await openStore();
    server.replies(json(200, { SecretString: '{"api_key":"k"}' }));
    expect(await store.read(SECRET)).toBe('{"api_key":"k"}');
    expect(server.asked[0]?.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ SecretId: SECRET.secret, VersionStage: 'AWSCURRENT' });
    expect(made).toEqual(['secretsManager']);
  });

  test.each([
    [{ secret: 'arn:aws:secretsmanager:us-east-1:210987654321:secret:x-a1B2c3' }, 'secretsManager us-east-1'],
    [{ ssmParameter: 'arn:aws-us-gov:ssm:us-gov-west-1:210987654321:parameter/x' }, 'ssm us-gov-west-1'],
    [{ secret: 'paddle/arn' }, 'secretsManager'],
    [{ ssmParameter: '/x' }, 'ssm'],
  ])('%j is asked of the region that it lies in', async (source, client) => {
    const { server, store, made } = await openStore();
    server.replies(json(200, { SecretString: 'k', Parameter: { Value: 'k' } }));
    expect(await store.read(source)).toBe('k');
    expect(made).toEqual([client]);
  });

  test('is a secret in bytes', async () => {
    const { server, store } = await openStore();
    server.replies(json(200, { SecretBinary: Buffer.from('k').toString('base64') }));
    expect(await store.read(SECRET)).toBe('k');
  });

  test('is a parameter, decrypted', async () => {
    const { server, store, made } = await openStore();
    server.replies(json(200, { Parameter: { Value: 'k' } }));
    expect(await store.read(PARAMETER)).toBe('k');
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ Name: PARAMETER.ssmParameter, WithDecryption: true });
    expect(made).toEqual(['ssm']);
  });

  test('is empty when there is nothing in it', async () => {
    const { server, store } = await openStore();
    server.replies(json(200, {}), json(200, {}));
    expect([await store.read(SECRET), await store.read(PARAMETER)]).toEqual(['', '']);
  });
});

describe('a credential that cannot be read', () => {
  const FAILURES: Record<string, [typeof SECRET | typeof PARAMETER, Reply, string]> = {
    'for want of the secret': [SECRET, failure('ResourceNotFoundException'), 'AlertError ResourceNotFoundException'],
    'for want of the parameter': [PARAMETER, failure('ParameterNotFound'), 'AlertError ParameterNotFound'],
    'for want of permission': [SECRET, failure('AccessDeniedException'), 'AlertError AccessDeniedException'],
    'for its key': [SECRET, failure('DecryptionFailure'), 'AlertError DecryptionFailure'],
    'because it is being deleted': [SECRET, failure('InvalidRequestException'), 'AlertError InvalidRequestException'],
    'for too many calls': [PARAMETER, failure('ThrottlingException'), 'TransientError ThrottlingException'],
    'for a fault of AWS': [SECRET, failure('InternalServiceError', 500), 'TransientError InternalServiceError'],
  };
  test.each(Object.entries(FAILURES))('%s', async (_, [source, reply, expected]) => {
    const { server, store } = await openStore();
    server.replies(reply);
    expect(await ending(store.read(source))).toBe(expected);
  });

  test('names the place', async () => {
    const { server, store } = await openStore();
    server.replies(failure('ParameterNotFound'));
    await expect(store.read(PARAMETER)).rejects.toThrow('the parameter /paddlewheel/sandbox/api-key: there is nothing');
  });
});
