import { publicationVersion } from '../../lambdas/adapters/aws/secrets-manager-target.ts';
import type { Target } from '../../lambdas/contract.ts';
import type { DatedToken } from '../../lambdas/usage/observe-reads.ts';
import { createUsage } from '../../lambdas/usage/usage.ts';
import { FakeReconcileQueue, RecordingLog, StillClock } from '../fakes/runtime.ts';
import {
  assumedRole,
  batchGetSecretValue,
  getParameter,
  getParameters,
  getParametersByPath,
  getSecretValue,
  iamUser,
  PARAMETER,
  PARAMETER_ARN,
  ROTATE_ROLE,
  refused,
  SECRET,
  SECRET_ARN,
} from './cloudtrail-samples.ts';
import { FakeUsageRecords, value } from './fakes.ts';

const TARGETS: readonly Target[] = [
  { kind: 'ssm', name: PARAMETER },
  { kind: 'secret', name: SECRET },
];
const OLD: DatedToken = {
  id: 'ctkn_old',
  value: value('o'),
  status: 'superseded',
  rotationId: 'r1',
  publishedAt: '2026-11-01T03:00:00.000Z',
  supersededAt: '2026-11-22T03:00:00.500Z',
};
const NEW: DatedToken = {
  id: 'ctkn_new',
  value: value('n'),
  status: 'current',
  rotationId: 'r2',
  publishedAt: '2026-11-22T03:00:00.500Z',
};

/** pricing-page publishes to a parameter and a secret; `ctkn_new` took over at 03:00 on the 22nd. */
function observing(
  options: { tokens?: readonly DatedToken[]; targets?: readonly Target[]; on?: boolean; jsonKey?: string } = {},
) {
  const { tokens = [OLD, NEW], targets = TARGETS, on = true, jsonKey } = options;
  const records = new FakeUsageRecords();
  const known = new Map(TARGETS.map(({ kind, name }) => [`${kind} ${name}`, 'pricing-page']));
  const usage = createUsage({
    records,
    queue: new FakeReconcileQueue(),
    clock: new StillClock(),
    log: new RecordingLog(),
    versionOf: publicationVersion,
    ownRoles: on ? [ROTATE_ROLE] : undefined,
    ledger: {
      load: async (name) =>
        name === 'pricing-page'
          ? { config: { environment: 'sandbox' as const, targets }, state: { tokens } }
          : undefined,
    },
    index: {
      publishedAt: async (kind, name) => {
        const integration = known.get(`${kind} ${name}`);
        return integration === undefined
          ? []
          : [{ target: { kind, name, ...(jsonKey && { jsonKey }) } as Target, integration }];
      },
      parametersBelow: async (path) =>
        [...known].flatMap(([key, integration]) => {
          const [kind, name = ''] = key.split(' ');
          return kind === 'ssm' && name.startsWith(path) ? [{ name, integration }] : [];
        }),
    },
  });
  return { usage, records };
}

const seen = async (event: object, options?: Parameters<typeof observing>[0]) => {
  const { usage, records } = observing(options);
  await usage(event);
  return records.reports;
};

describe('a read that CloudTrail saw is a build of the current token', () => {
  test.each<[string, object]>([
    ['a parameter by its name', getParameter()],
    ['a parameter by its ARN', getParameter(PARAMETER_ARN)],
    ['several parameters, one of them ours', getParameters(['/other', PARAMETER])],
    ['the parameters right below a path', getParametersByPath('/paddle/pricing-page')],
    ['all parameters below a path', getParametersByPath('/paddle/', true)],
    ['a secret by its name', getSecretValue()],
    ['a secret by its ARN', getSecretValue(SECRET_ARN)],
    ['a secret by its ARN without the end that AWS adds', getSecretValue(SECRET_ARN.slice(0, -7))],
    ['a secret by its stage', getSecretValue(SECRET, { versionStage: 'AWSCURRENT' })],
    ['secrets in a batch', batchGetSecretValue({ secretIdList: ['other', SECRET_ARN] })],
  ])('%s', async (_, event) => {
    expect(await seen(event)).toEqual([
      {
        integration: 'pricing-page',
        consumer: 'cloudtrail:shop-build',
        tokenId: 'ctkn_new',
        phase: 'build',
        by: { name: 'arn:aws:iam::123456789012:role/shop-build', proof: 'cloudtrail' },
        place: 'production',
        at: '2026-11-22T03:10:00.000Z',
      },
    ]);
  });
});

describe('the consumer is', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['the role behind a session', assumedRole('shop-build'), 'cloudtrail:shop-build'],
    ['a user', iamUser('ada'), 'cloudtrail:ada'],
    ['root', { type: 'Root', accountId: '123456789012', principalId: '123456789012' }, 'cloudtrail:root'],
    [
      'a service',
      { type: 'AWSService', invokedBy: 'codepipeline.amazonaws.com' },
      'cloudtrail:codepipeline.amazonaws.com',
    ],
    [
      'a role of another account, with that account',
      assumedRole('ci', 'arn:aws:iam::999999999999:role/ci', '999999999999'),
      'cloudtrail:999999999999/ci',
    ],
    ['somebody whose name would break a key', iamUser('a#b'), 'cloudtrail:a_b'],
  ])('%s', async (_, who, consumer) => {
    expect(await seen(getParameter(PARAMETER, { who }))).toMatchObject([{ consumer }]);
  });
});

describe('which token it was', () => {
  test.each<[string, object, string]>([
    ['the one that was current then', getParameter(PARAMETER, { at: '2026-11-21T12:00:00Z' }), 'ctkn_old'],
    [
      'the prior one, in the second of the publication',
      getParameter(PARAMETER, { at: '2026-11-22T03:00:00Z' }),
      'ctkn_old',
    ],
    [
      'the prior one, while a target may still answer it',
      getParameter(PARAMETER, { at: '2026-11-22T03:00:02Z' }),
      'ctkn_old',
    ],
    ['the new one after that', getParameter(PARAMETER, { at: '2026-11-22T03:00:03Z' }), 'ctkn_new'],
    ['one on its way out, when an older version is asked for', getParameter(`${PARAMETER}:1`), 'ctkn_old'],
    ['one on its way out, for a label', getParameter(`${PARAMETER_ARN}:stable`), 'ctkn_old'],
    [
      'one on its way out, for the previous secret',
      getSecretValue(SECRET, { versionStage: 'AWSPREVIOUS' }),
      'ctkn_old',
    ],
    ['one on its way out, for an unknown version', getSecretValue(SECRET, { versionId: 'f'.repeat(64) }), 'ctkn_old'],
    ["the version's own", getSecretValue(SECRET, { versionId: publicationVersion('r2', 0, value('n')) }), 'ctkn_new'],
    [
      "the version's own, written at the third attempt",
      getSecretValue(SECRET, { versionId: publicationVersion('r1', 2, value('o')) }),
      'ctkn_old',
    ],
  ])('%s', async (_, event, tokenId) => expect(await seen(event)).toMatchObject([{ tokenId }]));

  test('the first token has no prior one, and is what was read right after its publication', async () => {
    const first = { ...NEW, publishedAt: '2026-11-22T03:09:59.500Z' };
    expect(await seen(getParameter(), { tokens: [first] })).toMatchObject([{ tokenId: 'ctkn_new' }]);
    expect(await seen(getParameter(PARAMETER, { at: '2026-11-22T03:09:59Z' }), { tokens: [first] })).toEqual([]);
  });
});

describe('nothing is recorded for', () => {
  test.each<[string, object]>([
    ['a read that was refused', refused()],
    ['our own reading back', getSecretValue(SECRET, {}, { who: assumedRole('Paddlewheel-Rotate', ROTATE_ROLE) })],
    ['a parameter of somebody else', getParameter('/paddle/pricing-page/client-token-2')],
    ['a path whose folders lie deeper', getParametersByPath('/paddle')],
    ['a secret with a longer name', getSecretValue(`${SECRET_ARN.slice(0, -7)}-extra-Ab3dE6`)],
    ['a batch by filters, whose secrets are told one by one', batchGetSecretValue({ filters: [{ key: 'name' }] })],
  ])('%s', async (_, event) => expect(await seen(event)).toEqual([]));

  test('a target that the integration has given up, whatever the index says', async () => {
    expect(await seen(getParameter(), { targets: [{ kind: 'secret', name: SECRET }] })).toEqual([]);
    const key: Target = { kind: 'secret', name: SECRET, jsonKey: 'TOKEN' };
    expect(await seen(getSecretValue(SECRET), { targets: [key] })).toEqual([]);
    expect(await seen(getSecretValue(SECRET), { targets: [key], jsonKey: 'OTHER' })).toEqual([]);
    expect(await seen(getSecretValue(SECRET), { targets: [key], jsonKey: 'TOKEN' })).toHaveLength(1);
  });
});

describe('an event of another shape fails, so that a person sees it', () => {
  const { detail, ...envelope } = getParameter();
  test.each<[string, object]>([
    ['another call', { ...envelope, detail: { ...detail, eventName: 'DeleteParameter' } }],
    ['no name', { ...envelope, detail: { ...detail, requestParameters: {} } }],
    ['a time of another form', { ...envelope, detail: { ...detail, eventTime: 'yesterday' } }],
    ['another source', { ...envelope, source: 'aws.s3', detail }],
    ['another kind of event', { ...envelope, 'detail-type': 'AWS Service Event via CloudTrail', detail }],
  ])('%s', async (_, event) => {
    const { usage, records } = observing();
    await expect(usage(event)).rejects.toThrow(RangeError);
    expect(records.reports).toEqual([]);
  });
});

test('where it was not asked for, an event is a report with wrong properties', async () => {
  const { usage, records } = observing({ on: false });
  expect(await usage(getParameter())).toMatchObject({ outcome: 'rejected' });
  expect(records.reports).toEqual([]);
});

test('reports of builds go their usual way, but nobody may report under a name of CloudTrail', async () => {
  const { usage, records } = observing();
  const build = { integration: 'pricing-page', consumer: 'site', phase: 'build' };
  expect(await usage(build)).toMatchObject({ outcome: 'recorded' });
  expect(await usage({ ...build, consumer: 'CloudTrail:shop-build' })).toMatchObject({ outcome: 'rejected' });
  expect(records.reports).toHaveLength(1);
});
