/** Names the commands and their options. What they do is in the files beside this one. */
import { Command, CommanderError } from 'commander';
import type { Cli } from './actions.ts';
import { addActions } from './commands/actions.ts';
import { addBuilds, addCanRollBack, addVerifyBuild } from './commands/builds.ts';
import { addCompletion, addConsole, addInit, addInspect, addTrigger } from './commands/here.ts';
import { addRegistering } from './commands/register.ts';
import { addReports, addScan } from './commands/reports.ts';
import type { Finish } from './commands/shared.ts';
import { COMPLETE } from './completion.ts';
import { withFailures } from './failure.ts';
import { GLOBALS } from './globals.ts';
import { EXIT, UsageError } from './io.ts';
import { withNames } from './nearest.ts';
import { withProgress } from './progress.ts';
import { remedyFor } from './remedy.ts';

/** @param args without the program's own name. @returns the exit code */
export async function run(args: readonly string[], cli: Cli): Promise<number> {
  let code: number = EXIT.done;
  const failures = withFailures(cli.io, args);
  const { io, aws, end } = withProgress(failures.io, cli.aws);
  const [writeOut, writeErr] = [(text: string) => io.out(text), (text: string) => io.err(text)];
  const program = new Command('paddlewheel')
    .description('Rotates Paddle client-side tokens without breaking a checkout.')
    .option('--prefix <prefix>', GLOBALS.prefix)
    .option('--region <region>', GLOBALS.region)
    .option('--profile <profile>', GLOBALS.profile)
    // They are taken before the command is read, so that they may stand anywhere.
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 rejected or failed, 2 called wrongly (scan and exec have their own).',
    );
  program.hook('preAction', (_, command) => refuseEmpty(command));
  addCommands(program, { io, aws: withNames(aws) }, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    failures.end(code);
    return code;
  } catch (error) {
    // Commander has said what was wrong, or printed the help.
    if (error instanceof CommanderError) {
      code = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      failures.end(code);
      return code;
    }
    const message = error instanceof Error ? error.message || error.name : String(error);
    const remedy = remedyFor(error, cli.io.env, cli.aws.names);
    code = error instanceof UsageError ? EXIT.usage : EXIT.failed;
    writeErr(`${message}\n${remedy ? `  -> ${remedy}\n` : ''}`);
    failures.end(code, { message, ...(remedy && { remedy }) });
    return code;
  } finally {
    end();
  }
}

/** Where empty is an answer, or somebody else's word. */
const MAY_BE_EMPTY = ['init', COMPLETE];

/** What a variable that is not set leaves empty must not be taken for "all", or for an option that was not given. */
function refuseEmpty(command: Command): void {
  if (MAY_BE_EMPTY.includes(command.name())) return;
  const isEmpty = (value: unknown) => [value].flat().some((one) => typeof one === 'string' && one.trim() === '');
  const refuse = (name: string) => {
    throw new UsageError(`${name} is empty: is a variable not set?`);
  };
  for (const option of command.options)
    if (isEmpty(command.getOptionValue(option.attributeName()))) refuse(option.long ?? option.flags);
  for (const [at, argument] of command.registeredArguments.entries())
    if (!argument.variadic && isEmpty(command.processedArgs[at])) refuse(argument.name());
}

function addCommands(program: Command, cli: Cli, finish: Finish): void {
  addInit(program, cli, finish);
  addActions(program, cli, finish);
  addBuilds(program, cli, finish);
  addVerifyBuild(program, cli, finish);
  addInspect(program, cli, finish);
  addCanRollBack(program, cli, finish);
  addReports(program, cli, finish);
  addScan(program, cli, finish);
  addTrigger(program, cli, finish);
  addConsole(program, cli, finish);
  addRegistering(program, cli, finish);
  addCompletion(program, cli, finish);
}
