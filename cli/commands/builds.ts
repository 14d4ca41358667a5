/** Of a frontend's pipeline. */
import { type Command, Option } from 'commander';
import type { Cli } from '../actions.ts';
import { type BuildOptions, DEFAULT_VARIABLE, deployed, env, exec, FORMATS } from '../builds.ts';
import { canRollBack } from '../can-roll-back.ts';
import { type VerifyBuildOptions, verifyBuild } from '../verify-build.ts';
import { about, chosen, type Finish } from './shared.ts';

const BOUND = ['--bound', 'the consumer is bound to the role that this runs as: report by its own alias'] as const;

export function addBuilds(program: Command, cli: Cli, finish: Finish): void {
  const build = (name: string, description: string) =>
    about(program, name, description)
      .requiredOption('--consumer <name>', 'who uses the token, such as marketing-site')
      .option('--build <id>', 'what identifies the build: a commit, a number')
      .option(...BOUND)
      .option('--branch <name>', 'the branch that it was built from')
      .option('--stage <name>', 'where it goes: production, preview; a preview proves nothing');
  build('env', 'Print the current token for a build, and record that the build takes it.')
    .option('--name <variable>', 'name of the variable', DEFAULT_VARIABLE)
    .addOption(
      new Option('--format <format>', 'how to print it (default: dotenv, or json with --json)').choices(FORMATS),
    )
    .option('--expect <id>', 'wait until this token is current, as an event announced it: ctkn_…')
    .option('--timeout <seconds>', 'how long to wait for it (default: 600)', Number)
    .action(async (name: string | undefined, options: BuildOptions) => finish(await env(chosen(name, options), cli)));
  program
    .command('exec')
    .description('Run a command with the current token in its environment, and record that the build takes it.')
    .argument('<integration>', 'name of the integration')
    .argument('<command...>', 'the command, after --')
    .requiredOption('--consumer <name>', 'who uses the token, such as marketing-site')
    .option('--build <id>', 'what identifies the build: a commit, a number')
    .option(...BOUND)
    .option('--branch <name>', 'the branch that it was built from')
    .option('--stage <name>', 'where it goes: production, preview; a preview proves nothing')
    .option('--name <variable>', 'name of the variable', DEFAULT_VARIABLE)
    .action(async (integration: string, command: string[], options: BuildOptions) =>
      finish(await exec(command, { ...options, integration }, cli)),
    );
  build('deployed', 'Report that a build is live: evidence that its token is in use, and no other.')
    .option('--artifact <folder>', 'the folder that went live, as verify-build saw it, or the digest that it printed')
    .option('--token <id>', 'the token that went live, if no build was reported')
    .action(async (name: string | undefined, options: BuildOptions) =>
      finish(await deployed(chosen(name, options), cli)),
    );
}

export function addVerifyBuild(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('verify-build')
    .description('Does a build hold the current token, and it alone? Run it before the build goes live.')
    .argument('<folder>', 'what the build wrote, such as dist')
    .requiredOption('--integration <name>', 'name of the integration')
    .requiredOption('--consumer <name>', 'who uses the token, such as marketing-site')
    .option('--build <id>', 'what identifies the build, to be recorded too')
    .option(...BOUND)
    .option('--branch <name>', 'the branch that it was built from')
    .option('--stage <name>', 'where it goes: production, preview')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0 it may go live, 1 it must not, and why.')
    .action(async (folder: string, options: Omit<VerifyBuildOptions, 'folder'>) =>
      finish(await verifyBuild({ ...options, folder }, cli)),
    );
}

export function addCanRollBack(program: Command, cli: Cli, finish: Finish): void {
  about(program, 'can-roll-back', 'May a pipeline go back to this build, or is its token revoked?')
    .requiredOption('--build <id>', 'the build to go back to')
    .option('--consumer <name>', 'whose build it is (default: whoever reported it)')
    .addHelpText('after', '\nExit code: 0 it may, 1 it must not, and why.')
    .action(async (name: string | undefined, options: BuildOptions) =>
      finish(await canRollBack(chosen(name, options), cli)),
    );
}
