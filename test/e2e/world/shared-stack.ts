/**
 * One deployment for all end-to-end suites: local AWS, a Paddle for every account, the ordinary `cdk deploy`. Lives in jest's own process; the suites reach all of it over HTTP.
 */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parseConfig } from '../../../infra/config.ts';
import { EVENT_SOURCE, NAMES } from '../../../lambdas/contract.ts';
import { LOCAL_ACCOUNT, type LocalAws, REGION } from '../../../local/aws.ts';
import type { Template } from '../../../local/complete.ts';
import { deployPaddlewheel } from '../../../local/deploy.ts';
import { Installation } from '../../../local/installation.ts';
import { type PaddleSimulator, startPaddleSimulator } from '../../../local/paddle/simulator.ts';
import { bootstrap } from '../bootstrapped.ts';
import { type PageHost, startPageHost } from './page-host.ts';
import { type LastWord, startWatchedAws, type WatchedAws } from './watched-aws.ts';

const CONFIG = 'test/resources/e2e.config.ts';
/** Receives everything that is announced on the bus. */
export const EVENTS_QUEUE = 'e2e-events';
const SUBSCRIBED = ['client_token.created', 'client_token.updated', 'client_token.revoked'];

/** Accounts with a Paddle of their own; the others share one, which serves both environments by key. */
const ALONE = ['dying', 'rough', 'quiet', 'busy', 'keyless', 'racing', 'capped', 'listening', 'sellers'] as const;

/** What a suite must know to use the deployment. */
export interface Coordinates {
  readonly aws: Pick<LocalAws, 'url' | 'kind' | 'env'>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Account -> address of its Paddle. */
  readonly paddles: Readonly<Record<string, string>>;
  readonly pages: string;
  readonly adopt: string;
  readonly eventsQueueUrl: string;
  /** Where the deploy left the code of rotate. */
  readonly rotateCode: { readonly S3Bucket: string; readonly S3Key: string };
  /** JSON, as the deploy handed it to the registrar. */
  readonly configuration: string;
}

export interface SharedStack {
  readonly coordinates: Coordinates;
  /** Once all suites have ended. */
  lastWord(): Promise<LastWord>;
  stop(): Promise<void>;
}

interface Parts {
  readonly watched: WatchedAws;
  readonly pages: PageHost;
  readonly simulators: Readonly<Record<string, PaddleSimulator>>;
}

/** @throws whatever keeps it from starting; nothing is left running then */
export async function startSharedStack(): Promise<SharedStack> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => void (await Promise.allSettled(stops.splice(0).map((each) => each())));
  const started = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    stops.push(() => part.stop());
    return part;
  };
  try {
    const [watched, pages, both, ...others] = await Promise.all([
      started(startWatchedAws()),
      started(startPageHost()),
      started(simulator(['sandbox', 'live'])),
      ...ALONE.map(() => started(simulator(['sandbox']))),
    ]);
    const alone = Object.fromEntries(ALONE.map((account, index) => [account, others[index] ?? both]));
    const simulators = { sandbox: both, 'live-eu': both, ...alone };
    const coordinates = await deploy({ watched, pages, simulators });
    return { coordinates, lastWord: () => watched.lastWord(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Patient with deliveries, since all functions share one machine; the limit of requests is for the test that is about it. */
const simulator = (environments: readonly ('sandbox' | 'live')[]) =>
  startPaddleSimulator({
    apiKeys: environments.map((environment) => ({ environment })),
    quirks: { rateLimit: null, webhooks: { maxAttempts: 20 } },
  });

async function deploy({ watched, pages, simulators }: Parts): Promise<Coordinates> {
  const { aws } = watched;
  const paddles = Object.fromEntries(Object.entries(simulators).map(([account, { url }]) => [account, url]));
  const adopt = String(simulators.sandbox?.control.dashboard.create({ name: 'Made in the dashboard' }).id);
  process.env.PADDLEWHEEL_E2E_PADDLES = JSON.stringify(paddles);
  process.env.PADDLEWHEEL_E2E_PAGES = pages.origin;
  process.env.PADDLEWHEEL_E2E_ADOPT = adopt;
  await bootstrap(aws);
  const { outputs, template } = await deployPaddlewheel({ aws, config: CONFIG, allowShort: true, bootstrapped: true });
  await watched.watchQueues();
  const installation = new Installation(aws, outputs);
  const [eventsQueueUrl] = await Promise.all([listenToBus(installation), connect(installation, simulators)]);
  const { default: input } = await import('../../resources/e2e.config.ts');
  const { accounts, integrations } = parseConfig(input, { PADDLEWHEEL_ALLOW_SHORT: '1' });
  const configuration = JSON.stringify({ accounts, integrations });
  const { url, kind, env } = aws;
  const rotateCode = codeOf(template, NAMES.rotate);
  const given = { outputs, paddles, pages: pages.origin, adopt, eventsQueueUrl, configuration, rotateCode };
  return { aws: { url, kind, env }, ...given };
}

/** The bucket's name has the account and the region in it, which only a deploy knows. */
function codeOf({ Resources }: Template, functionName: string): Coordinates['rotateCode'] {
  const found = Object.values(Resources).find(({ Properties }) => Properties?.FunctionName === functionName);
  const { S3Bucket, S3Key } = (found?.Properties?.Code ?? {}) as { S3Bucket?: unknown; S3Key?: string };
  const bucket = typeof S3Bucket === 'string' ? S3Bucket : (S3Bucket as { 'Fn::Sub'?: string })?.['Fn::Sub'];
  if (!bucket || !S3Key) throw new Error(`${functionName} has no code in the template`);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's, not ours
  return { S3Bucket: bucket.replace('${AWS::AccountId}', LOCAL_ACCOUNT).replace('${AWS::Region}', REGION), S3Key };
}

/** Stores the accounts' API keys, registers the webhook destinations and stores their secrets. */
async function connect(installation: Installation, simulators: Parts['simulators']): Promise<void> {
  for (const [account, { apiKeys, apiKey }] of Object.entries(simulators)) {
    if (account === 'live-eu') continue;
    await installation.putSecret(`paddlewheel/${account}/api-key`, JSON.stringify({ api_key: apiKeys[0] ?? apiKey }));
  }
  const both = simulators.sandbox;
  if (!both) throw new Error('there is no Paddle for the sandbox');
  const [sandboxKey = '', liveKey = ''] = both.apiKeys;
  await putParameter(installation, '/paddlewheel/live-eu/api-key', liveKey);
  const sandboxSecret = await registerDestination(both.url, sandboxKey, installation.webhookUrl('sandbox'));
  await installation.putSecret(NAMES.webhookSecret('sandbox'), sandboxSecret);
  const liveSecret = await registerDestination(both.url, liveKey, installation.webhookUrl('live-eu'));
  await putParameter(installation, '/paddlewheel/live-eu/webhook-secret', liveSecret);
}

async function putParameter(installation: Installation, Name: string, Value: string): Promise<void> {
  const ssm = new SSMClient(installation.clientSettings);
  await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true }));
}

/** @returns the destination's secret */
async function registerDestination(paddle: string, apiKey: string, destination: string): Promise<string> {
  const answer = await fetch(`${paddle}/notification-settings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      description: 'Paddlewheel audit trail',
      type: 'url',
      destination,
      subscribed_events: SUBSCRIBED,
      traffic_source: 'all',
    }),
  });
  if (!answer.ok) throw new Error(`the destination was not registered: ${answer.status} ${await answer.text()}`);
  const { data } = (await answer.json()) as { data: { endpoint_secret_key: string } };
  return data.endpoint_secret_key;
}

/** A rule of the tests' own, so that what is announced can be read. @returns the address of the queue */
async function listenToBus({ clientSettings }: Installation): Promise<string> {
  const [sqs, events] = [new SQSClient(clientSettings), new EventBridgeClient(clientSettings)];
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: EVENTS_QUEUE }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const rule = { EventBusName: NAMES.bus, Name: EVENTS_QUEUE };
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [EVENT_SOURCE] }) }));
  const Targets = [{ Id: 'queue', Arn: Attributes?.QueueArn }];
  await events.send(new PutTargetsCommand({ EventBusName: rule.EventBusName, Rule: rule.Name, Targets }));
  return QueueUrl;
}
