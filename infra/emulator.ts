import { type CfnResource, type IAspect, Token } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { Configuration } from './config.ts';

/** The context key whose value is the address of a local AWS: `cdk deploy -c paddlewheel:emulator=http://127.0.0.1:4566`. */
const CONTEXT = 'paddlewheel:emulator';

/** What is different on a local AWS. */
export interface Emulator {
  readonly url: string;
  /** `host:port`s of this machine that the site scan may reach. */
  readonly privateHosts: readonly string[];
}

/** `undefined` on AWS. */
export function emulatorOf(scope: IConstruct, configuration: Configuration): Emulator | undefined {
  const url: unknown = scope.node.tryGetContext(CONTEXT);
  if (typeof url !== 'string' || url === '') return undefined;
  return { url: url.replace(/\/+$/, ''), privateHosts: loopbackSites(configuration) };
}

/**
 * What the local AWS needs to be told differently; everything else is deployed as it is. It retries a stream batch that
 * fails for ever, whatever the number of attempts; only the age of the records stops it.
 */
export class ForEmulator implements IAspect {
  visit(node: IConstruct): void {
    if (node instanceof CfnEventSourceMapping && isStream(node)) node.maximumRecordAgeInSeconds = 60;
    if (node instanceof CfnAlarm && node.metrics) withoutMath(node);
  }
}

/** It refuses alarms with metric math. Its alarms change by `SetAlarmState` only, so any metric will do. */
function withoutMath(alarm: CfnAlarm): void {
  alarm.metrics = undefined;
  alarm.namespace = 'AWS/Lambda';
  alarm.metricName = 'Invocations';
  alarm.statistic = 'Sum';
  alarm.period = 300;
}

const isStream = (mapping: CfnEventSourceMapping & CfnResource): boolean =>
  mapping.startingPosition !== undefined && !Token.isUnresolved(mapping.startingPosition);

/** Sites and stand-ins for Paddle on this machine, which only functions that run on this machine may reach. */
const loopbackSites = ({ accounts, integrations }: Configuration): readonly string[] => {
  const sites = integrations.flatMap((integration) => integration.sites);
  if (sites.length === 0) return [];
  const urls = [...sites.map(({ url }) => url), ...accounts.map(({ apiUrl }) => apiUrl)].map((url) => new URL(url));
  const local = urls.filter(({ hostname }) => ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
  return [...new Set(local.map(({ host }) => host))];
};
