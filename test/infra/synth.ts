/** Builds the stack as `infra/app.ts` does, with tiny functions in the place of the bundled ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Bundles, HANDLERS } from '../../infra/bundle.ts';
import { type Code, Prepared } from '../../infra/code.ts';
import { type Configuration, parseConfig } from '../../infra/config.ts';
import { Paddlewheel } from '../../infra/paddlewheel.ts';
import { NAMES } from '../../lambdas/contract.ts';
import twoAccounts from '../resources/two-accounts.config.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { context: ours } = JSON.parse(readFileSync(path.join(root, 'cdk.json'), 'utf8'));
/** Chromium is put beside its handler when a stack is deployed; a template does not need it. */
const context = {
  ...ours,
  'aws:cdk:bundling-stacks': [],
  // Where each construct was made: nobody asks here, and it is a third of the time.
  'aws:cdk:disable-creation-stack-traces': true,
  'aws:cdk:disable-stack-trace': true,
};

export const twoAccountsConfiguration = parseConfig(twoAccounts, {});

/** A folder for each handler, as the bundler leaves them. */
export function fixtureBundles(code = 'exports.handler = async () => {};'): Bundles {
  const metafile = { inputs: {}, outputs: {} };
  const bundles = HANDLERS.map((handler) => {
    const directory = mkdtempSync(path.join(tmpdir(), `paddlewheel-${handler}-`));
    writeFileSync(path.join(directory, 'index.js'), code);
    return [handler, { directory, bytes: code.length, lazyBytes: 0, metafile }];
  });
  return Object.fromEntries(bundles);
}

const bundles = fixtureBundles();

export interface SynthOptions {
  readonly configuration?: Configuration;
  readonly bundles?: Code;
  readonly emulator?: boolean;
  /** Default `eu-west-1`. */
  readonly region?: string;
}

export function buildStack({ configuration = twoAccountsConfiguration, ...options }: SynthOptions = {}) {
  const emulator = options.emulator ? { 'paddlewheel:emulator': 'http://127.0.0.1:4566' } : {};
  const outdir = mkdtempSync(path.join(tmpdir(), 'cdk-out-'));
  const quick = { treeMetadata: false, analyticsReporting: false };
  const app = new App({ context: { ...context, ...emulator }, outdir, ...quick });
  const env = { account: '123456789012', region: options.region ?? 'eu-west-1' };
  const stack = new Stack(app, NAMES.stack, { env });
  const prepared = new Prepared(configuration, options.bundles ?? bundles);
  const paddlewheel = new Paddlewheel(stack, 'Paddlewheel', prepared);
  return { app, stack, paddlewheel, outdir };
}

// biome-ignore lint/suspicious/noExplicitAny: the template's resources are foreign data of many shapes
export type Resource = { Type: string; Properties: any; DeletionPolicy?: string; UpdateReplacePolicy?: string };
export type Resources = Readonly<Record<string, Resource>>;

export function synthesize(options: SynthOptions = {}): { template: Template; resources: Resources } {
  const { stack, outdir } = buildStack(options);
  const template = Template.fromStack(stack);
  // Hundreds of them: a worker that had to remove them all when it ends would take too long for that.
  rmSync(outdir, { recursive: true });
  return { template, resources: template.toJSON().Resources };
}

export const ofType = (resources: Resources, type: string): Resource[] =>
  Object.values(resources).filter((resource) => resource.Type === type);
