/** Node, a folder for what is temporary, and a way out of jest's own registry of modules: see native-module.ts. */
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import NodeEnvironmentModule from 'jest-environment-node';

// biome-ignore lint/suspicious/noExplicitAny: a CommonJS module with a default export
const NodeEnvironment: any = (NodeEnvironmentModule as any).default ?? NodeEnvironmentModule;
const requireNatively = createRequire(import.meta.url);
/** The same for every suite of a worker: the CDK, which is loaded once, remembers it. */
const TEMPORARY = path.join(tmpdir(), `paddlewheel-unit-${process.pid}`);
const { TMPDIR } = process.env;
interface Context {
  readonly docblockPragmas: Readonly<Record<string, string | string[]>>;
}

export default class extends NodeEnvironment {
  // biome-ignore lint/suspicious/noExplicitAny: jest's, handed on
  constructor(config: any, context: Context) {
    mkdirSync(TEMPORARY, { recursive: true });
    process.env.TMPDIR = TEMPORARY;
    super(config, context);
    this.global.requireNatively = requireNatively;
    // CDK's validation of a template takes seconds: a suite that wants it says `@cdk-validation on`. The suite itself has
    // a copy of the variables, which nothing outside reads.
    if (context.docblockPragmas['cdk-validation'] === 'on') delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = 'false';
  }

  async teardown(): Promise<void> {
    await super.teardown();
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(TEMPORARY, { recursive: true, force: true });
  }
}
