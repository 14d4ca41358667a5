/** What a person is told who mistypes, is not signed in, or looks in the wrong place. */
import { globalsOf } from '../../cli/globals.ts';
import { hintFor } from '../../cli/nearest.ts';
import { remedyFor } from '../../cli/remedy.ts';
import { namesFor } from '../../lambdas/contract.ts';
import { installation } from './world.ts';

const given = (line: string, env = {}) => globalsOf(line.split(' '), env);

describe('--prefix, --region and --profile', () => {
  test.each([
    'status shop --region eu-west-1 --profile work --prefix eu',
    '--region=eu-west-1 --profile=work --prefix=eu status shop',
    '--prefix eu status --profile work shop --region eu-west-1',
  ])('stand anywhere: %s', (line) => {
    expect(given(line)).toEqual({
      prefix: 'eu',
      env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1', AWS_PROFILE: 'work' },
      rest: ['status', 'shop'],
    });
  });

  test('belong to the other command behind --', () => {
    const line = 'exec shop --consumer web -- aws s3 sync . s3://shop --region us-east-1';
    expect(given(line)).toEqual({ prefix: 'paddlewheel', env: {}, rest: line.split(' ') });
  });

  test.each(['status --region', 'status --region --json', 'exec shop --region -- true', 'status --region='])(
    'without a value are complained about: %s',
    async (line) => {
      const { env, rest } = given(line);
      expect(env).toEqual({});
      const { command } = await installation();
      const { exit, err } = await command(rest.join(' '));
      expect([exit, err]).toEqual([2, "error: option '--region <region>' argument missing\n"]);
    },
  );

  test('are what the environment says, unless they are said', () => {
    const env = { PADDLEWHEEL_PREFIX: 'us' };
    expect(given('status', env).prefix).toBe('us');
    expect(given('status --prefix eu', env).prefix).toBe('eu');
    expect(given('status', { PADDLEWHEEL_PREFIX: '' }).prefix).toBe('paddlewheel');
  });

  test('are in the help of the program and of every command', async () => {
    const { command } = await installation();
    for (const line of ['--help', 'status --help', 'exec --help'])
      expect((await command(line)).out).toMatch(/--prefix[\s\S]*--region[\s\S]*--profile/);
  });
});

describe('an integration that is mistyped', () => {
  test.each(['status', 'plan', 'rotate', 'usage', 'env --consumer web', 'deployed --consumer web --build 1'])(
    '%s: the nearest is named',
    async (line) => {
      const { command, harness } = await installation();
      const before = harness.state.version;
      const { exit, out, err } = await command(`${line} --integration pricing-paeg`);
      expect([exit, out]).toEqual([1, '']);
      expect(err).toContain('Did you mean "pricing-page"?');
      expect(harness.state.version).toBe(before);
    },
  );

  test('is told with --json, too', async () => {
    const { command } = await installation();
    const { out } = await command('status pricing --json');
    expect(JSON.parse(out).faults).toEqual([expect.any(String), 'There are: pricing-page.']);
  });

  test('and a list that may not be read changes nothing of the refusal', async () => {
    const { command, aws } = await installation();
    const ask = aws.invoke;
    aws.invoke = (name, payload) =>
      'action' in payload && payload.action === 'list' ? Promise.reject(new Error('denied')) : ask(name, payload);
    const { exit, err } = await command('status nowhere');
    expect([exit, err]).toEqual([1, expect.stringMatching(/fault .*configured\.\n/)]);
  });

  test.each([
    ['shop', [], 'None is registered: is this the right region, profile and prefix?'],
    ['shpo-eu', ['shop-us', 'shop-eu'], 'Did you mean "shop-eu"?'],
    ['x', ['pricing-page', 'checkout'], 'There are: pricing-page, checkout.'],
    ['x', [...'abcdefghij'].map((letter) => letter.repeat(9)), expect.stringMatching(/hhhhhhhhh and 2 more\.$/)],
  ])('%s among %j', (typed, names, hint) => {
    expect(hintFor(typed, names)).toEqual(hint);
  });
});

describe('what is given and empty, as a variable that is not set leaves it, never means "all" or "none"', () => {
  test.each([
    "status ''",
    "status --integration ''",
    "env pricing-page --consumer site --expect ''",
    "deployed pricing-page --consumer site --build 1 --artifact ''",
    "trigger --account ''",
    "audit --actor ''",
    "doctor --integration ''",
    "inspect build . --integration ''",
    "unregister --account ''",
    "scan https://shop.example --find test_0123456789abcdef0123456789a --current ''",
  ])('%s', async (line) => {
    const { command, payloads } = await installation();
    payloads.length = 0;
    const { exit, out, err } = await command(line);
    expect([exit, out, err]).toEqual([2, '', expect.stringMatching(/is empty: is a variable not set\?\n/)]);
    expect(payloads).toEqual([]);
  });
  test("but another command's own arguments are its own", async () => {
    const { command } = await installation();
    const node = `'${process.execPath}' -e 'process.exit(process.argv[1]===""?7:8)'`;
    expect((await command(`exec pricing-page --consumer site -- ${node} ''`)).exit).toBe(7);
  });
});

describe('an error of AWS is followed by what to do', () => {
  const error = (name: string, message = 'no', code?: string) => Object.assign(new Error(message), { name, code });
  test.each<[string, Error, Record<string, string>, RegExp]>([
    ['no region', error('Error', 'Region is missing'), {}, /--region eu-west-1, or AWS_REGION/],
    ['no credentials', error('CredentialsProviderError'), {}, /^Sign in to AWS first/],
    ['no such profile', error('CredentialsProviderError'), { AWS_PROFILE: 'wrok' }, /Is there a profile "wrok"/],
    ['an ended session', error('ExpiredTokenException'), {}, /sign in again/],
    [
      'nothing deployed',
      error('ResourceNotFoundException'),
      { AWS_REGION: 'eu-west-3' },
      /"eu" is deployed in eu-west-3/,
    ],
    ['no permission', error('AccessDeniedException'), {}, /docs\/security\.md/],
    ['a region that is none', error('Error', 'no', 'ENOTFOUND'), { AWS_REGION: 'nowhere' }, /right \(nowhere\)/],
    [
      'a stand-in that is not there',
      error('Error', 'no', 'ECONNREFUSED'),
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      /Nobody answers at AWS_ENDPOINT_URL/,
    ],
  ])('%s', (_, met, env, remedy) => {
    expect(remedyFor(met, env, namesFor('eu'))).toMatch(remedy);
  });

  test('and what says itself what to do is left alone', () => {
    expect(remedyFor(error('UsageError', 'Name the integration'), {}, undefined)).toBeUndefined();
    expect(remedyFor('thrown', {}, undefined)).toBeUndefined();
  });

  test('on the terminal', async () => {
    const { command, aws } = await installation();
    aws.invoke = () => Promise.reject(error('Error', 'Region is missing'));
    expect(await command('status')).toMatchObject({
      exit: 1,
      out: '',
      err: expect.stringMatching(/^Region is missing\n {2}-> Say which region/),
    });
  });
});

test('status of all asks several at once, and answers in their order', async () => {
  const { command, aws } = await installation();
  const integrations = Array.from({ length: 30 }, (_, index) => `shop-${String(index).padStart(2, '0')}`);
  let [asking, most] = [0, 0];
  aws.invoke = async (_, payload) => {
    const { action, integration } = payload as { action: string; integration?: string };
    if (action === 'list') return { outcome: 'list', integrations };
    asking += 1;
    most = Math.max(most, asking);
    // The later ones answer first.
    for (let turns = 0; turns < 40 - Number(integration?.slice(5)); turns += 1) await Promise.resolve();
    asking -= 1;
    return { integration, outcome: 'status', message: 'Nothing is due.' };
  };
  const { out } = await command('status --json');
  expect(JSON.parse(out).map((answer: { integration: string }) => answer.integration)).toEqual(integrations);
  expect(most).toBe(8);
});
