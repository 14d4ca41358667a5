/** Node, and a way out of jest's own registry of modules: see native-module.ts. */
import { createRequire } from 'node:module';
import NodeEnvironmentModule from 'jest-environment-node';

// biome-ignore lint/suspicious/noExplicitAny: a CommonJS module with a default export
const NodeEnvironment: any = (NodeEnvironmentModule as any).default ?? NodeEnvironmentModule;
const requireNatively = createRequire(import.meta.url);
interface Context {
  readonly docblockPragmas: Readonly<Record<string, string | string[]>>;
}

export default class extends NodeEnvironment {
  // biome-ignore lint/suspicious/noExplicitAny: jest's, handed on
  constructor(config: any, context: Context) {
    super(config, context);
    this.global.requireNatively = requireNatively;
    // CDK's validation of a template takes seconds: a suite that wants it says `@cdk-validation on`. The suite itself has
    // a copy of the variables, which nothing outside reads.
    if (context.docblockPragmas['cdk-validation'] === 'on') delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = 'false';
  }
}
