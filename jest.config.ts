import path from 'node:path';

const common = {
  testEnvironment: 'node',
  cacheDirectory: path.join(import.meta.dirname, '.local', 'jest'),
  // What is built and unpacked may come and go while tests run; mutation testing has copies of the code there.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.local/', '<rootDir>/cdk.out/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};

// Three projects: `unit` needs nothing but Node; `pages` are real browsers and real builds; `e2e` deploys the real bundles to the
// local AWS.
export default {
  // Not a project's to say. Generous: what it bounds is what hangs, not what is slow on a busy machine.
  testTimeout: 180_000,
  testSequencer: '<rootDir>/test/runner/sequencer.ts',
  projects: [
    {
      ...common,
      displayName: 'unit',
      testEnvironment: '<rootDir>/test/runner/unit-environment.ts',
      testRunner: '<rootDir>/test/runner/native-framework.mjs',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(e2e|browser|sites|resources)/'],
    },
    {
      ...common,
      displayName: 'pages',
      testRunner: '<rootDir>/test/runner/native-framework.mjs',
      testMatch: ['<rootDir>/test/(browser|sites)/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testRunner: '<rootDir>/test/runner/native-framework.mjs',
      setupFilesAfterEnv: ['<rootDir>/test/e2e/world/trail-of-failures.ts'],
      globalSetup: '<rootDir>/test/e2e/world/global-setup.ts',
      globalTeardown: '<rootDir>/test/e2e/world/global-teardown.ts',
    },
  ],
};
