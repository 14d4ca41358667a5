import { Template } from 'aws-cdk-lib/assertions';
import { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodePipeline, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parseConfig } from '../../infra/config.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { permissionsOf, statementsOf } from './policies.ts';
import { buildStack, ofType, synthesize } from './synth.ts';

const integration = (name: string, deployHooks?: readonly object[]) => ({
  name,
  account: 'main',
  rotate: { every: '30 days' },
  publishTo: [{ ssmParameter: `/paddle/${name}` }],
  deployHooks,
});
const accounts = { main: { environment: 'live', apiKey: { secret: 'api-key' } } };
const hooked = (...integrations: readonly object[]) => parseConfig({ accounts, integrations }, {});
const netlify = { kind: 'webhook', url: { secret: 'hooks/netlify' } };
const github = { kind: 'github', repository: 'acme/shop', token: { ssmParameter: '/hooks/github' } };
const configuration = hooked(
  integration('pricing-page', [netlify, github]),
  integration('checkout', [netlify]),
  integration('status-page'),
);
const PUBLICATIONS = ['Client Token Published', 'Client Token Restored', 'Client Token Build Requested'];

test('without deploy hooks, there is no part of them in the template', () => {
  const { resources } = synthesize({ configuration: hooked(integration('status-page')) });
  expect(ofType(resources, 'AWS::Events::Rule')).toEqual([]);
  expect(JSON.stringify(resources)).not.toContain(NAMES.hooks);
});

describe('with deploy hooks', () => {
  const { template, resources } = synthesize({ configuration });
  const logicalId = (type: string, key: string, name: string) =>
    Object.entries(resources).find(([, { Type, Properties: p }]) => Type === type && p[key] === name)?.[0];
  const queueId = logicalId('AWS::SQS::Queue', 'QueueName', NAMES.hookQueue);
  const failuresId = logicalId('AWS::SQS::Queue', 'QueueName', NAMES.failures);

  test('publications of integrations that have some go from the bus to their queue', () => {
    template.resourceCountIs('AWS::Events::Rule', 1);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['paddlewheel'],
        'detail-type': PUBLICATIONS,
        detail: { integration: ['pricing-page', 'checkout'] },
      },
      Targets: [{ Arn: { 'Fn::GetAtt': [queueId, 'Arn'] } }],
    });
  });

  test('what failed comes again for two hours, and then lies where an alarm sees it', () => {
    const { Properties: queue } = resources[String(queueId)] ?? {};
    expect(queue).toMatchObject({
      VisibilityTimeout: 360,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [failuresId, 'Arn'] }, maxReceiveCount: 20 },
    });
    expect(queue.MessageRetentionPeriod).toBeGreaterThan(360 * 20);
    const fn = logicalId('AWS::Lambda::Function', 'FunctionName', NAMES.hooks);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: fn },
      EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(resources[String(fn)]?.Properties.Timeout).toBeLessThan(360);
  });

  test('their function may read its configuration and its credentials, and only add to the trail', () => {
    expect(permissionsOf(resources, NAMES.hooks)).toEqual(
      [
        `logs:CreateLogStream on /aws/lambda/${NAMES.hooks}`,
        `logs:PutLogEvents on /aws/lambda/${NAMES.hooks}`,
        'dynamodb:GetItem on Ledger',
        'dynamodb:PutItem on Ledger',
        'dynamodb:ConditionCheckItem on AuditTrail',
        'dynamodb:PutItem on AuditTrail',
        'secretsmanager:GetSecretValue on secretsmanager:secret:hooks/netlify',
        'secretsmanager:GetSecretValue on secretsmanager:secret:hooks/netlify-??????',
        'ssm:GetParameter on ssm:parameter/hooks/github',
        ...['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map(
          (action) => `sqs:${action} on paddlewheel-hooks`,
        ),
      ].sort(),
    );
    const write = statementsOf(resources, NAMES.hooks).filter(({ actions }) => actions.includes('dynamodb:PutItem'));
    expect(write.map(({ condition }) => JSON.stringify(condition))).toContain(
      JSON.stringify({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['HOOKS#*'] } }),
    );
    const read = statementsOf(resources, NAMES.hooks).find(({ actions }) => actions.includes('dynamodb:GetItem'));
    expect(read?.condition).toEqual({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTEGRATION#*'] },
    });
  });

  test('cdk-nag finds nothing', () => {
    const { app } = buildStack({ configuration });
    expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

test('more integrations than a pattern has room for are told apart by the function', () => {
  const many = hooked(...Array.from({ length: 200 }, (_, index) => integration(`shop-${index}`, [netlify])));
  const [rule] = ofType(synthesize({ configuration: many }).resources, 'AWS::Events::Rule');
  expect(rule?.Properties.EventPattern).toEqual({ source: ['paddlewheel'], 'detail-type': PUBLICATIONS });
});

describe('onTokenPublished', () => {
  const rulesOf = (stack: ReturnType<typeof buildStack>['stack']) =>
    ofType(Template.fromStack(stack).toJSON().Resources, 'AWS::Events::Rule').map(({ Properties }) => Properties);
  const onTheBus = { EventBusName: { Ref: expect.stringMatching(/^PaddlewheelObservationBus/) } };

  test('sends the publications of one integration to any target', () => {
    const { stack, paddlewheel } = buildStack();
    const queue = new Queue(stack, 'Builds');
    paddlewheel.onTokenPublished('Build', { integration: 'checkout', target: new SqsQueue(queue) });
    expect(rulesOf(stack)).toEqual([
      {
        ...onTheBus,
        State: 'ENABLED',
        EventPattern: {
          source: ['paddlewheel'],
          'detail-type': PUBLICATIONS,
          detail: { integration: ['checkout'] },
        },
        Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Builds/), 'Arn'] } }],
      },
    ]);
  });

  test('lets the rule start a pipeline', () => {
    const { stack, paddlewheel } = buildStack();
    const pipeline = Pipeline.fromPipelineArn(stack, 'Site', 'arn:aws:codepipeline:eu-west-1:123456789012:site');
    paddlewheel.onTokenPublished('Deploy', { integration: 'pricing-page', target: new CodePipeline(pipeline) });
    const [rule] = rulesOf(stack);
    expect(rule.Targets).toMatchObject([{ Arn: pipeline.pipelineArn, RoleArn: expect.anything() }]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Action: 'codepipeline:StartPipelineExecution', Resource: pipeline.pipelineArn }],
      },
    });
  });

  test('without an integration hears of all, and without a target waits for one', () => {
    const { stack, paddlewheel } = buildStack();
    const rule = paddlewheel.onTokenPublished('All', { ruleName: 'all', description: 'Every publication' });
    rule.addTarget(new SqsQueue(new Queue(stack, 'Builds')));
    expect(rulesOf(stack)).toMatchObject([
      {
        ...onTheBus,
        Name: 'all',
        Description: 'Every publication',
        EventPattern: { source: ['paddlewheel'], 'detail-type': PUBLICATIONS },
        Targets: [{ Id: 'Target0' }],
      },
    ]);
  });

  test('refuses an integration that is not configured', () => {
    const { paddlewheel } = buildStack();
    expect(() => paddlewheel.onTokenPublished('Typo', { integration: 'pricing-pgae' })).toThrow(
      /there is no integration "pricing-pgae" \(integrations: pricing-page, demo,/,
    );
  });
});
