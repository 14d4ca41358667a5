/** A local AWS whose functions speak to it through the recording proxy, and the last word on what they said and wrote. */

import path from 'node:path';
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { type LocalAws, startLocalAws } from '../../../local/aws.ts';
import { emfFaults } from '../../runtime/emf.ts';
import { settingsFor } from '../aws-world.ts';
import { sendReconcilesThrough, startRecordingProxy } from '../recording-proxy.ts';
import { type ServiceModels, startServiceModels, sum } from '../service-models.ts';

const PRELOAD = path.resolve(import.meta.dirname, '..', 'through-the-proxy.cjs');
const MOST_FAULTS = 20;

/** What was wrong with anything that a function sent, heard or logged, and how much was looked at. */
export interface LastWord {
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface WatchedAws {
  readonly aws: LocalAws;
  /** After the deploy: queues have addresses of their own. */
  watchQueues(): Promise<void>;
  /** Ends the watching. */
  lastWord(): Promise<LastWord>;
  stop(): Promise<void>;
}

/** One that is given, or that runs in Docker, knows nothing of a proxy: there, only the logs are read. */
export async function startWatchedAws(): Promise<WatchedAws> {
  if (process.env.PADDLEWHEEL_AWS_URL) return unwatched(await startLocalAws());
  const models = await startServiceModels().catch(() => undefined);
  return models ? watched(models) : unwatched(await startLocalAws());
}

const unwatched = (aws: LocalAws): WatchedAws => ({
  aws,
  watchQueues: async () => {},
  lastWord: () => wordOnLogs(aws),
  stop: () => aws.stop(),
});

async function watched(models: ServiceModels): Promise<WatchedAws> {
  const proxy = await startRecordingProxy((spoken) => models.note(spoken));
  const inherited = { AWS_ENDPOINT_URL: proxy.url, NODE_OPTIONS: `--disable-warning=DEP0169 --require ${PRELOAD}` };
  const aws = await startLocalAws(undefined, inherited).catch(async (error) => {
    await Promise.allSettled([proxy.stop(), models.verdict()]);
    throw error;
  });
  proxy.forwardTo(aws.url);
  return {
    aws,
    watchQueues: () => sendReconcilesThrough(proxy.url, aws),
    async lastWord() {
      const [logs, { seen, faults }] = await Promise.all([wordOnLogs(aws), models.verdict()]);
      const counts = { ...logs.counts, 'requests and answers held against the service models': sum(seen) };
      const said = Object.entries(faults).map(([fault, times]) => `${fault} (${times} times)`);
      return { counts, faults: [...logs.faults, ...proxy.oversized, ...said.slice(0, MOST_FAULTS)] };
    },
    async stop() {
      await aws.stop();
      // Nobody has asked for its last word when something failed before.
      await Promise.allSettled([proxy.stop(), models.verdict()]);
    },
  };
}

/** Every line that is meant as a metric, in the log of every function. */
export async function wordOnLogs(aws: Pick<LocalAws, 'url' | 'env'>): Promise<LastWord> {
  const client = new CloudWatchLogsClient(settingsFor(aws));
  const faults: string[] = [];
  let lines = 0;
  const groups = paginateDescribeLogGroups({ client }, { logGroupNamePrefix: '/aws/lambda/' });
  for await (const { logGroups = [] } of groups) {
    for (const { logGroupName } of logGroups) {
      const events = paginateFilterLogEvents({ client }, { logGroupName, filterPattern: '_aws' });
      for await (const page of events) {
        for (const message of (page.events ?? []).flatMap(({ message = '' }) => message.split('\n'))) {
          if (!message.includes('"_aws"')) continue;
          lines += 1;
          const [fault] = emfFaults(message);
          if (fault) faults.push(`${logGroupName}: CloudWatch finds no metric: ${fault}`);
        }
      }
    }
  }
  client.destroy();
  return {
    faults: [...new Set(faults)].slice(0, MOST_FAULTS),
    counts: { 'metrics in logs held against the EMF schema': lines },
  };
}
