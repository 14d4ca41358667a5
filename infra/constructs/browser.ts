import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { AssetHashType, DockerImage, Duration, Size } from 'aws-cdk-lib';
import { Architecture, Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENV } from '../../lambdas/contract.ts';
import { copyPackages, findBrowserPackages, versionsOf } from '../bundling/browser-packages.ts';
import type { CodeFolder } from '../code.ts';
import { namesOf } from '../naming.ts';
import { NodeFunction } from './node-function.ts';

export interface BrowserProps {
  /** The handler alone. */
  readonly code: CodeFolder;
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

  constructor(scope: Construct, id: string, { code, logRetentionDays, privateHosts = [] }: BrowserProps) {
    super(scope, id);
    this.fn = new NodeFunction(this, 'Function', {
      ...{ name: namesOf(this).browser, description: 'Opens pages in Chromium', logRetentionDays },
      code: withPackages(code),
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

/** The handler, and beside it the packages as they are installed. Put together once for these versions and this handler. */
function withPackages({ directory }: CodeFolder): Code {
  const packages = findBrowserPackages();
  const hash = createHash('sha256').update(versionsOf(packages).join('\n'));
  return Code.fromAsset(directory, {
    assetHashType: AssetHashType.CUSTOM,
    assetHash: hash.update(readFileSync(path.join(directory, 'index.js'))).digest('hex'),
    bundling: {
      // Never pulled: the local way below always does it.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(output) {
          cpSync(directory, output, { recursive: true });
          copyPackages(packages, output);
          return true;
        },
      },
    },
  });
}
