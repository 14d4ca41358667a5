/**
 * Jest evaluates every module anew for every suite. The CDK is 1,600 modules without any state of ours: a worker loads it
 * once, as Node does, and its suites share it.
 */
export default {
  process: (_code: string, file: string) => ({ code: `module.exports = requireNatively(${JSON.stringify(file)});` }),
};
