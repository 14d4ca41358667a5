#!/usr/bin/env node
/** The command line: the process's own input and output, and the AWS account that its environment names. */
import { namesFor } from '../lambdas/contract.ts';
import { COMPLETE, wordsOf } from './completion.ts';
import { globalsOf, KEYS, settle } from './globals.ts';
import { processIo } from './io.ts';
import type { CliAws } from './ports.ts';
import { run } from './program.ts';

/** AWS's clients take longer to load than all the rest; most of what is asked for help, or mistyped, needs none. */
function awsOnFirstUse(): CliAws {
  const names = namesFor(prefix);
  let loaded: Promise<CliAws> | undefined;
  const load = () => {
    loaded ??= import('./aws.ts').then(({ createAws }) => createAws(process.env, names));
    return loaded;
  };
  return new Proxy({ names } as CliAws, {
    get: (known, name: keyof CliAws) =>
      name in known
        ? known[name]
        : async (...given: readonly unknown[]) =>
            ((await load())[name] as (...all: readonly unknown[]) => unknown)(...given),
  });
}

// What the options say is for AWS's clients alone: a build that `exec` starts may have an account of its own.
const inherited = { ...process.env };
const args = process.argv.slice(2);
// Whoever completes a line asks about the installation that the line names.
const isCompleting = args[0] === COMPLETE;
const { prefix, env, rest } = globalsOf(isCompleting ? wordsOf(inherited.COMP_LINE ?? '') : args, inherited);
if (env.AWS_PROFILE) for (const key of KEYS) delete process.env[key];
Object.assign(process.env, env);
settle(process.env);
const io = processIo(inherited);
process.exitCode = await run(isCompleting ? [COMPLETE] : rest, { io, aws: awsOnFirstUse() });
// What was asked and is not answered yet is not waited for: a function may take a minute and a half.
if (isCompleting || io.isInterrupted()) process.exit();
