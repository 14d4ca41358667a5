/**
 * CDK's own validation, which ends `cdk synth` when CloudFormation would refuse the template: for every kind of configuration.
 * @cdk-validation on
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { parseConfig } from '../../infra/config.ts';
import sample from '../../paddlewheel.config.ts';
import hooks from '../resources/hooks.config.ts';
import twoAccounts from '../resources/two-accounts.config.ts';
import { buildStack, type SynthOptions } from './synth.ts';

/** @returns who validated, and what they found @throws Error with the report, when something is wrong */
function validate({ app }: ReturnType<typeof buildStack>) {
  const { directory } = app.synth();
  return JSON.parse(readFileSync(path.join(directory, 'validation-report.json'), 'utf8'));
}

const many = (count: number, account: string) =>
  Array.from({ length: count }, (_, index) => ({
    name: `shop-${index}`,
    account,
    rotate: { every: '30 days' },
    publishTo: [{ ssmParameter: `/paddle/eu/shop-${index}/client-token` }, { secret: `paddle/eu/shop-${index}` }],
  }));
const fortyAccounts = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [
    `account-${index}`,
    { environment: 'live', apiKey: { secret: `paddlewheel/account-${index}/api-key` } },
  ]),
);
const of = (config: object, more: SynthOptions = {}) => ({ configuration: parseConfig(config, {}), ...more });

test.each<[string, SynthOptions]>([
  ['two accounts', of(twoAccounts)],
  ['the sample', of(sample)],
  ['a local AWS', of(twoAccounts, { emulator: true })],
  ['reads by CloudTrail', of({ ...twoAccounts, usageFromCloudTrail: true })],
  ['hundreds of targets', of({ ...twoAccounts, integrations: many(300, 'sandbox'), usageFromCloudTrail: true })],
  ['many accounts', of({ accounts: fortyAccounts, integrations: many(40, 'account-0') })],
  ['an archive', of({ ...twoAccounts, archive: { keepFor: '2555 days' } })],
  ['an archive that nobody can open', of({ ...twoAccounts, archive: { keepFor: '30 days', lock: 'compliance' } })],
  ['deploy hooks', of(hooks)],
  ['beacons', of({ ...hooks, accounts: { sandbox: { ...hooks.accounts.sandbox, seen: true } } })],
])('accepts the template of %s', (_, options) => {
  expect(validate(buildStack(options))).toMatchObject({ pluginReports: [] });
});

test('refuses a template that CloudFormation would refuse', () => {
  const built = buildStack();
  new CfnQueue(built.stack, 'Broken').addPropertyOverride('VisibilityTimeOut', 180);
  expect(() => validate(built)).toThrow(/VisibilityTimeOut/);
});
