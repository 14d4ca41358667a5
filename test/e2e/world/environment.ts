/** Lets the hooks after a test know whether it failed: jest tells its environment, and nobody else. */
import NodeEnvironmentModule from 'jest-environment-node';

// biome-ignore lint/suspicious/noExplicitAny: a CommonJS module with a default export
const NodeEnvironment: any = (NodeEnvironmentModule as any).default ?? NodeEnvironmentModule;

export default class extends NodeEnvironment {
  async handleTestEvent({ name }: { readonly name: string }): Promise<void> {
    if (name === 'test_start') this.global.testHasFailed = false;
    if (name === 'test_fn_failure') this.global.testHasFailed = true;
  }
}
