/** Node, a folder for what is temporary, and CDK's validation only where it is wanted. */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import NodeEnvironmentModule from 'jest-environment-node';

// biome-ignore lint/suspicious/noExplicitAny: a CommonJS module with a default export
const NodeEnvironment: any = (NodeEnvironmentModule as any).default ?? NodeEnvironmentModule;
/** The same for every suite of a worker, and as long as it lives: what is loaded once remembers it. */
const TEMPORARY = path.join(tmpdir(), `paddlewheel-unit-${process.pid}`);
mkdirSync(TEMPORARY, { recursive: true });
const COMPILED = path.resolve(import.meta.dirname, '..', '..', '.local', 'compile-cache');
process.once('exit', () => rmSync(TEMPORARY, { recursive: true, force: true }));
interface Context {
  readonly docblockPragmas: Readonly<Record<string, string | string[]>>;
}

export default class extends NodeEnvironment {
  // biome-ignore lint/suspicious/noExplicitAny: jest's, handed on
  constructor(config: any, context: Context) {
    process.env.TMPDIR = TEMPORARY;
    // For the processes that tests start, dozens of which load the same code: whichever is first compiles it.
    process.env.NODE_COMPILE_CACHE ??= COMPILED;
    super(config, context);
    // native-framework.ts asks.
    this.ownModules = 'own-modules' in context.docblockPragmas;
    // CDK's validation of a template takes seconds: a suite that wants it says `@cdk-validation on`.
    if (context.docblockPragmas['cdk-validation'] === 'on') delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = 'false';
  }
}
