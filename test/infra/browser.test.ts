/** The function that opens pages: there when sites are, without any permission but its log. */

import { NAMES } from '../../lambdas/contract.ts';
import { fixtureBundles, ofType, type Resources, synthesize, twoAccountsConfiguration } from './synth.ts';

const bundles = fixtureBundles();

function resourcesWith(sites: boolean): Resources {
  const integrations = twoAccountsConfiguration.integrations.map((each) => (sites ? each : { ...each, sites: [] }));
  const configuration = { ...twoAccountsConfiguration, integrations };
  return synthesize({ configuration, bundles: { ...bundles, browser: bundles.usage } }).resources;
}
const named = (resources: Resources, name: string) =>
  ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === name);

test('runs on x86_64, bounded in memory, time and space', () => {
  expect(named(resourcesWith(true), NAMES.browser)?.Properties).toMatchObject({
    ...{ Architectures: ['x86_64'], MemorySize: 2048, Timeout: 120, EphemeralStorage: { Size: 1024 } },
  });
});

test('may write its log and nothing else; rotate alone may invoke it', () => {
  const resources = resourcesWith(true);
  const policies = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::Policy');
  const actions = (id: RegExp) =>
    policies
      .filter(([name]) => id.test(name))
      .flatMap(([, { Properties }]) =>
        Properties.PolicyDocument.Statement.flatMap((each: { Action: string | string[] }) => each.Action),
      );
  expect(actions(/^PaddlewheelBrowser/)).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  const invokers = policies.filter(
    ([, policy]) =>
      JSON.stringify(policy).includes('BrowserFunction') && JSON.stringify(policy).includes('lambda:InvokeFunction'),
  );
  expect(invokers.map(([name]) => name)).toEqual([expect.stringMatching(/^PaddlewheelRotate/)]);
  expect(named(resources, NAMES.rotate)?.Properties.Environment.Variables.BROWSER_FUNCTION).toBe(NAMES.browser);
});

test('is not there without sites', () => {
  expect(named(resourcesWith(false), NAMES.browser)).toBeUndefined();
});
