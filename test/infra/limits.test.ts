/** From ten integrations to ten thousand, in three ways to name targets, bare and with every option: a template that AWS takes, or a fault in words. */
import { ConfigError, parseConfig } from '../../infra/config.ts';
import { COUNTS, configured, judged, NAMING, type Naming } from './installations.ts';
import { beyondLimits } from './limits.ts';
import type { Json, Template } from './resolved-template.ts';
import { synthesize } from './synth.ts';

const all = COUNTS.flatMap((count) =>
  (Object.keys(NAMING) as Naming[]).flatMap((naming) =>
    [false, true].map((everything) => ({ count, naming, everything })),
  ),
);
let verdicts: ReturnType<typeof judged>;
beforeAll(async () => {
  verdicts = judged(all);
}, 600_000);

test.each(all.map((each, index) => ({ ...each, index })))(
  '$count integrations, $naming, every option: $everything',
  ({ index }) => {
    const { beyond, refused } = verdicts[index] ?? {};
    if (refused === undefined) expect(beyond).toEqual([]);
    else expect(refused).toContain('put them into common folders');
  },
);

test('only what has no folder at all is ever refused, and not before there are hundreds', () => {
  const refused = all.filter((_, index) => verdicts[index]?.refused !== undefined);
  expect(refused.filter(({ naming }) => naming !== 'no folder')).toEqual([]);
  expect(refused.map(({ count }) => count)).not.toContain(41);
});

/** What is named besides targets and deploy hooks, each without a folder. */
const NAMED: Readonly<Record<string, (index: number) => object>> = {
  'former targets': (index) => ({ formerTargets: [{ secret: `former-client-token-of-${index}` }] }),
  'headers of sites': (index) => {
    const headers = { authorization: { secret: `preview-of-shop-${index}` } };
    return { sites: [{ url: `https://${index}.example.com/`, headers }] };
  },
};

test.each(Object.entries(NAMED))('%s without a folder fit, or are a fault in words', (what, of) => {
  const withSome = (count: number) => {
    const accounts = { main: { environment: 'live', apiKey: { secret: 'paddlewheel/main/api-key' } } };
    const integrations = Array.from({ length: count }, (_, index) => ({
      ...{ name: `shop-${index}`, account: 'main', rotate: { every: '30 days' } },
      ...{ publishTo: [{ ssmParameter: `/paddle/${index}/client-token` }], ...of(index) },
    }));
    return parseConfig({ accounts, integrations }, {});
  };
  expect(beyondLimits(synthesize({ configuration: withSome(60) }).template.toJSON() as Template)).toEqual([]);
  expect(() => withSome(800)).toThrow(ConfigError);
  expect(() => withSome(800)).toThrow(`${what} of the kind "secret"`);
});

test('whatever one role is allowed by name fits together, and not only each kind of it', () => {
  const accounts = { main: { environment: 'live', apiKey: { secret: 'paddlewheel/main/api-key' } } };
  const integrations = Array.from({ length: 90 }, (_, index) => {
    const [parameter, secret] = [
      (what: string) => `/paddle/${what}/of-shop-${index}/token`,
      (what: string) => `paddle/${what}/of-shop-${index}/token`,
    ];
    const headers = {
      authorization: { secret: secret('preview') },
      'x-preview': { ssmParameter: parameter('preview') },
    };
    return {
      ...{ name: `shop-${index}`, account: 'main', rotate: { every: '30 days' } },
      publishTo: [{ ssmParameter: parameter('current') }, { secret: secret('current') }],
      formerTargets: [{ ssmParameter: parameter('former') }, { secret: secret('former') }],
      sites: [{ url: `https://${index}.example.com/`, headers }],
    };
  });
  const configuration = parseConfig({ accounts, integrations }, {});
  expect(beyondLimits(synthesize({ configuration }).template.toJSON() as Template)).toEqual([]);
});

describe('the limits are noticed:', () => {
  const template = synthesize({
    configuration: configured(10, 'a folder for each', true),
  }).template.toJSON() as Template;
  const idOf = (type: string) =>
    Object.keys(template.Resources).find((id) => template.Resources[id].Type === type) ?? '';
  const mutated = (type: string, change: (properties: Json) => void): Template => {
    const copy = structuredClone(template) as { Resources: Record<string, Json> };
    change(copy.Resources[idOf(type)].Properties);
    return copy;
  };
  const statement = (index: number) => ({
    Sid: `Rule${index}`,
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Resource: 'x'.repeat(300),
  });

  test.each<[string, Template, string[]]>([
    [
      'a queue policy of a statement for each of 41 rules',
      mutated('AWS::SQS::QueuePolicy', ({ PolicyDocument }) => {
        PolicyDocument.Statement.push(...Array.from({ length: 41 }, (_, index) => statement(index)));
      }),
      ['queuePolicyBytes', 'queuePolicyStatements'],
    ],
    [
      'a role with eleven managed policies',
      mutated('AWS::IAM::Role', (properties) => {
        properties.ManagedPolicyArns = Array.from({ length: 11 }, (_, index) => `arn:aws:iam::aws:policy/p${index}`);
      }),
      ['managedPoliciesPerRole'],
    ],
    [
      'an inline policy that is too long',
      mutated('AWS::IAM::Policy', ({ PolicyDocument }) => {
        PolicyDocument.Statement.push(...Array.from({ length: 40 }, (_, index) => statement(index)));
      }),
      ['inlinePolicy'],
    ],
    [
      'a pattern that is too long',
      mutated('AWS::Events::Rule', (properties) => {
        properties.EventPattern.detail = { name: Array.from({ length: 300 }, (_, index) => `shop-${index}`) };
      }),
      ['patternChars'],
    ],
    [
      'an environment that is too large',
      mutated('AWS::Lambda::Function', (properties) => {
        properties.Environment.Variables.MORE = 'x'.repeat(4_096);
      }),
      ['environmentBytes'],
    ],
  ])('%s', (_, broken, limits) => {
    const found = beyondLimits(broken).map((fault) => /: (\w+) /.exec(fault)?.[1]);
    expect(found.sort()).toEqual(limits);
  });
});
