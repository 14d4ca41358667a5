/**
 * The SDK's clients register a class for every error that their service may answer: 140 for SSM, each with its schema, of
 * which nothing else could be left out. Here only those stay that our code takes apart or tells by their class. Every
 * other error comes as the client's base exception, with the same name, status and message.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** A test compares this with what `lambdas/` imports. */
export const ERRORS_WITH_A_CLASS: readonly string[] = [
  'ConditionalCheckFailedException',
  // Its class, and no status or name, tells the SDK to try again.
  'ReplicatedWriteConflictException',
  'TransactionCanceledException',
  'TransactionInProgressException',
];

const SCHEMAS = /@aws-sdk[\\/]client-[a-z-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;
const REGISTRATION = /^n0_registry\.registerError\((\w+)\$, \w+\);$/gm;
/** Computed property names, which a bundler must take for effects. They are texts here. */
const SCHEMA = /^((?:export )?var \w+\$? = )(\[[\s\S]*?\]);$/gm;

/** @throws (as an error of the build) when the SDK registers its errors in another way than the one known here */
export const errorsByName: Plugin = {
  name: 'errors-by-name',
  setup(build) {
    build.onLoad({ filter: SCHEMAS }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      let found = 0;
      const registered = source.replace(REGISTRATION, (line, name: string) => {
        found += 1;
        return ERRORS_WITH_A_CLASS.includes(name) ? line : '';
      });
      if (found === 0) throw new Error(`${path} registers no error: see infra/bundling/errors-by-name.ts`);
      const contents = registered.replace(SCHEMA, '$1/* @__PURE__ */ (() => $2)();');
      return { contents, loader: 'js' };
    });
  },
};
