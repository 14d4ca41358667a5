import { Duration, Size } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENV } from '../../lambdas/contract.ts';
import type { Bundle } from '../bundle.ts';
import { namesOf } from '../naming.ts';
import { NodeFunction } from './node-function.ts';

export interface BrowserProps {
  readonly bundle: Bundle;
  readonly logRetentionDays: number;
  /** `host:port`s of this machine that pages may be at. Only for the local AWS. */
  readonly privateHosts?: readonly string[];
}

/**
 * Chromium, in a function of its own: whatever a page does to it, it has no permission but its log. For x86_64, because
 * the packaged Chromium is; a page that needs more memory or time than this proves nothing.
 */
export class Browser extends Construct {
  readonly fn: NodeFunction;

  constructor(scope: Construct, id: string, { bundle, logRetentionDays, privateHosts = [] }: BrowserProps) {
    super(scope, id);
    this.fn = new NodeFunction(this, 'Function', {
      ...{ name: namesOf(this).browser, description: 'Opens pages in Chromium', bundle, logRetentionDays },
      architecture: Architecture.X86_64,
      memorySize: 2048,
      timeout: Duration.seconds(120),
      // Chromium unpacks to about 200 MB, and keeps its profile and caches beside it.
      ephemeralStorage: Size.mebibytes(1024),
    });
    if (privateHosts.length > 0) this.fn.env(ENV.scanPrivateHosts, privateHosts.join(','));
  }

  /** Lets a function have pages opened. */
  grantOpen(caller: NodeFunction): void {
    caller.env(ENV.browserFunction, namesOf(this).browser);
    caller.allow(['lambda:InvokeFunction'], [this.fn.lambda.functionArn]);
  }
}
