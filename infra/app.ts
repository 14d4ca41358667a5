/** This repository's own app: the configuration, the functions bundled from their sources, one stack, the checks. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { namesFor } from '../lambdas/contract.ts';
import { bundledCode } from './bundled.ts';
import { Prepared } from './code.ts';
import { ConfigError, parseConfig } from './config.ts';
import { Paddlewheel } from './paddlewheel.ts';

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
const hasSites = configuration.integrations.some(({ sites }) => sites.length > 0);
const code = await bundledCode(hasSites);
const app = new App({ analyticsReporting: false });
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const stack = new Stack(app, namesFor(configuration.prefix).stack, {
  description: 'Rotates Paddle client-side tokens',
  env: { account, region },
});
new Paddlewheel(stack, 'Paddlewheel', new Prepared(configuration, code));
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
