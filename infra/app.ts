/** Parse the configuration, bundle, build the stack, attach the checks; nothing else. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Aspects, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { namesFor } from '../lambdas/contract.ts';
import { bundleHandlers } from './bundle.ts';
import { bundleBrowser } from './bundling/browser-bundle.ts';
import { ConfigError, parseConfig } from './config.ts';
import { ForEmulator, loopbackSites } from './emulator.ts';
import { PaddlewheelStack } from './paddlewheel-stack.ts';

async function loadConfiguration() {
  const file = path.resolve(process.env.PADDLEWHEEL_CONFIG || 'paddlewheel.config.ts');
  try {
    const { default: input } = await import(pathToFileURL(file).href);
    return parseConfig(input, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`${file}: ${error.message}`);
    return process.exit(1);
  }
}

const configuration = await loadConfiguration();
const bundles = await bundleHandlers();
const hasSites = configuration.integrations.some(({ sites }) => sites.length > 0);
const browserBundle = hasSites ? await bundleBrowser() : undefined;
const app = new App({ analyticsReporting: false });
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const emulator = Boolean(app.node.tryGetContext('emulator'));
const forEmulator = emulator
  ? { scanPrivateHosts: loopbackSites(configuration), emulatorUrl: process.env.AWS_ENDPOINT_URL }
  : {};
new PaddlewheelStack(app, namesFor(configuration.prefix).stack, {
  configuration,
  bundles,
  browserBundle,
  ...forEmulator,
  env: { account, region },
});
if (emulator) Aspects.of(app).add(new ForEmulator());
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
