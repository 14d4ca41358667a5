/** Names the commands and their options. What they do is in the files beside this one. */
import { randomUUID } from 'node:crypto';
import { Argument, Command, CommanderError, Option } from 'commander';
import type { Action } from '../lambdas/rotation/request.ts';
import { type ActionOptions, act, type Cli, statusOfAll, usage, why } from './actions.ts';
import { type AuditOptions, audit } from './audit.ts';
import { type BuildOptions, DEFAULT_VARIABLE, deployed, env, exec, FORMATS } from './builds.ts';
import { canRollBack } from './can-roll-back.ts';
import { type DoctorOptions, doctor } from './doctor.ts';
import { statusOfFailing } from './failing.ts';
import { GLOBALS } from './globals.ts';
import type { InitOptions } from './init.ts';
import { EXIT, UsageError } from './io.ts';
import { withNames } from './nearest.ts';
import { addRegistering } from './program-register.ts';
import { remedyFor } from './remedy.ts';
import { type ScanOptions, scanCommand, TOKEN_VARIABLES } from './scan.ts';
import { FORMATTERS } from './trail-formats.ts';
import { type VerifyOptions, verify } from './verify.ts';
import { type VerifyBuildOptions, verifyBuild } from './verify-build.ts';

type Finish = (code: number) => void;

/** @param args without the program's own name. @returns the exit code */
export async function run(args: readonly string[], cli: Cli): Promise<number> {
  let code: number = EXIT.done;
  const { out: writeOut, err: writeErr } = cli.io;
  const program = new Command('paddlewheel')
    .description('Rotates Paddle client-side tokens without breaking a checkout.')
    .option('--prefix <prefix>', GLOBALS.prefix)
    .option('--region <region>', GLOBALS.region)
    .option('--profile <profile>', GLOBALS.profile)
    // They are taken before the command is read, so that they may stand anywhere.
    .configureHelp({ showGlobalOptions: true })
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 rejected or failed, 2 called wrongly (scan and exec have their own).',
    );
  addCommands(program, { io: cli.io, aws: withNames(cli.aws) }, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what was wrong, or printed the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    writeErr(`${error instanceof Error ? error.message || error.name : String(error)}\n`);
    const remedy = remedyFor(error, cli.io.env, cli.aws.names);
    if (remedy) writeErr(`  -> ${remedy}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

function addCommands(program: Command, cli: Cli, finish: Finish): void {
  addInit(program, cli, finish);
  addActions(program, cli, finish);
  addBuilds(program, cli, finish);
  addVerifyBuild(program, cli, finish);
  addCanRollBack(program, cli, finish);
  addReports(program, cli, finish);
  addScan(program, cli, finish);
  addConsole(program, cli, finish);
  addRegistering(program, cli, finish);
}

function addInit(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('init')
    .description('Write a configuration here, and a small CDK app where there is none. Asks at most five questions.')
    .option('--name <name>', 'of what takes payments, such as pricing-page (default: the folder)')
    .option('--environment <name>', "Paddle's sandbox or live (default: sandbox)")
    .option('--parameter <name>', 'where in SSM the token is published (default: /paddle/<name>/client-token)')
    .option('--site <url>', 'a page that uses the token, looked at before an old one is revoked (default: none)')
    .option('--github <owner/name>', 'write a GitHub workflow that builds and reports (default: none)')
    .option('--yes', 'ask nothing: take the defaults for what is not said')
    .addHelpText('after', '\nNo file that is there is overwritten. Says what to do next.')
    .action(async (options: InitOptions) => {
      const { init } = await import('./init.ts');
      finish(await init(options, cli.io));
    });
}

const list = (value: string, previous: string[] = []): string[] => [...previous, value];

/** The integration may stand alone or be named with `--integration`. */
const about = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .addArgument(new Argument('[integration]', 'name of the integration'))
    .option('--integration <name>', 'the same')
    .option('--json', 'print JSON');

const chosen = <T extends { integration?: string }>(positional: string | undefined, options: T): T => {
  if (positional !== undefined && options.integration !== undefined && positional !== options.integration)
    throw new UsageError('Two integrations are named.');
  return { ...options, integration: positional ?? options.integration };
};

/** Commands of `paddlewheel-rotate`, with the options that each takes besides the integration. */
const ACTIONS: readonly (readonly [Action, string, readonly ('reason' | 'token')[]])[] = [
  ['plan', 'What the next reconcile would do, when, and what is missing.', []],
  ['rotate', 'Mint, publish, and let the prior token run out.', ['reason']],
  ['adopt', 'Take a token made in the dashboard over as the current one.', ['token', 'reason']],
  ['rollback', 'Back to a superseded token while it is still valid.', ['token', 'reason']],
  ['pause', 'Mint, publish and revoke nothing until resumed.', ['reason']],
  ['resume', 'End a pause.', ['reason']],
  ['hold', 'Keep one token alive until it is released.', ['token', 'reason']],
  ['release', 'End a hold; the evidence decides again.', ['token', 'reason']],
  ['revoke', 'Revoke one superseded, held or stuck token now, without evidence.', ['token', 'reason']],
  ['reconcile', 'Reconcile the integration now, and ask Paddle about all its tokens.', []],
];

function addActions(program: Command, cli: Cli, finish: Finish): void {
  about(program, 'status', 'What is current, what is on its way out, and what is waited for.')
    .option('--failing', 'only what is not getting on, of however many')
    .action(async (name: string | undefined, options: ActionOptions & { readonly failing?: boolean }) => {
      const { failing, ...wish } = chosen(name, options);
      if (failing) return finish(await statusOfFailing(wish, cli));
      finish(wish.integration ? await act('status', wish, cli, randomUUID()) : await statusOfAll(wish, cli));
    });
  about(program, 'why', 'Why nothing happens to it, and what would end that.').action(
    async (name: string | undefined, options: ActionOptions) => finish(await why(chosen(name, options), cli)),
  );
  about(program, 'usage', 'Who uses which token.').action(async (name: string | undefined, options: ActionOptions) =>
    finish(await usage(chosen(name, options), cli)),
  );
  for (const [action, description, takes] of ACTIONS) {
    const command = about(program, action, description).addOption(
      new Option('--environment <name>', 'refuse unless it is this one').choices(['sandbox', 'live']),
    );
    if (takes.includes('reason')) command.option('--reason <text>', 'kept in the audit trail');
    if (takes.includes('token')) command.option('--token <id>', 'the token, ctkn_…');
    if (action === 'pause') command.option('--until <instant>', 'when it ends by itself, as 2026-12-01T09:00:00Z');
    if (action === 'rotate')
      command
        .option('--emergency', 'revoke the prior token at once, without grace and evidence')
        .option(
          '--token <id>',
          'with --emergency: the token that leaked, if it is superseded by now; it ends at once, too',
        );
    if (action === 'rotate' || action === 'revoke')
      command
        .option('--dry-run', 'say what would happen, and change nothing')
        .option('--yes', 'do not ask before revoking without evidence');
    command.action(async (name: string | undefined, options: ActionOptions) =>
      finish(await act(action, chosen(name, options), cli, randomUUID())),
    );
  }
}

const BOUND = ['--bound', 'the consumer is bound to the role that this runs as: report by its own alias'] as const;

function addBuilds(program: Command, cli: Cli, finish: Finish): void {
  const build = (name: string, description: string) =>
    about(program, name, description)
      .requiredOption('--consumer <name>', 'who uses the token, such as marketing-site')
      .option('--build <id>', 'what identifies the build: a commit, a number')
      .option(...BOUND)
      .option('--branch <name>', 'the branch that it was built from')
      .option('--stage <name>', 'where it goes: production, preview; a preview proves nothing');
  build('env', 'Print the current token for a build, and record that the build takes it.')
    .option('--name <variable>', 'name of the variable', DEFAULT_VARIABLE)
    .addOption(new Option('--format <format>', 'how to print it').choices(FORMATS).default('dotenv'))
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

function addVerifyBuild(program: Command, cli: Cli, finish: Finish): void {
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

function addCanRollBack(program: Command, cli: Cli, finish: Finish): void {
  about(program, 'can-roll-back', 'May a pipeline go back to this build, or is its token revoked?')
    .requiredOption('--build <id>', 'the build to go back to')
    .option('--consumer <name>', 'whose build it is (default: whoever reported it)')
    .addHelpText('after', '\nExit code: 0 it may, 1 it must not, and why.')
    .action(async (name: string | undefined, options: BuildOptions) =>
      finish(await canRollBack(chosen(name, options), cli)),
    );
}

function addReports(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('audit')
    .description(
      'The audit trail: of a token, an integration, an account, an actor, a day. Default: the last 24 hours.',
    )
    .addArgument(new Argument('[integration]', 'the integration and all its tokens'))
    .option('--token <id>', "one token's life")
    .option('--integration <name>', 'the same')
    .option('--account <name>', 'only this account')
    .option('--actor <name>', 'only what paddlewheel, external, or this requester did')
    .option('--day <day>', 'one day in UTC: 2026-11-22')
    .option('--since <instant>', 'from then on: 2026-11-22 or 2026-11-22T03:00:00Z')
    .option('--until <instant>', 'before then')
    .addOption(new Option('--format <format>', 'how to write it').choices(Object.keys(FORMATTERS)).default('text'))
    .option('--out <file>', 'write to this file instead')
    .action(async (name: string | undefined, options: AuditOptions) => finish(await audit(chosen(name, options), cli)));
  program
    .command('verify')
    .description('Prove that no record of the audit trail was changed or removed.')
    .addArgument(new Argument('[integration]', 'the integration and all its tokens'))
    .option('--token <id>', "one token's records")
    .option('--integration <name>', 'the same')
    .option('--account <name>', "the account's own records")
    .option('--all', 'the whole trail')
    .option('--save <file>', 'write the heads of the chains to this file, to be kept elsewhere')
    .option('--heads <file>', 'the chains must still lead to the heads in this file')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, options: VerifyOptions) =>
      finish(await verify(chosen(name, options), cli)),
    );
  program
    .command('doctor')
    .description('Is everything there and at work? Changes nothing.')
    .option('--integration <name>', 'only this one')
    .option('--archive', 'also the monthly copies of the trail')
    .option('--webhook-url <url>', 'where webhooks come in, if not at the API itself')
    .option('--json', 'print JSON')
    .action(async (options: DoctorOptions) => finish(await doctor(options, cli)));
}

function addScan(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('scan')
    .description('Search for a token in pages and in every script that they load.')
    .argument('<url...>', 'pages to scan')
    .option('--find <token>', `the token that should be gone; "-" reads a line of input; or ${TOKEN_VARIABLES.find}`)
    .option('--current <token>', `the token that should be there; "-" reads a line; or ${TOKEN_VARIABLES.current}`)
    .option('--extra-origin <origin>', "an origin that is the site's own too (repeatable)", list)
    .option('--click <selector>', 'press this in the browser (repeatable)', list)
    .option('--ignore <url>', 'may go unread; * stands for anything (repeatable)', list)
    .option('--header <line>', '"name: value", sent to the site itself (repeatable)', list)
    .option(
      '--grace <hours>',
      'how long the token stays valid; caches must not keep a page longer (default 48)',
      Number,
    )
    .option('--no-browser', 'only read what the page could load')
    .option('--no-reader', 'only open the page in Chromium')
    .option('--screenshot <file>', 'write a picture of the page (PNG)')
    .option('--allow-private <host:port>', 'let this host be a private address, for local use (repeatable)', list)
    .option('--timeout <seconds>', 'bound for one page with all that it loads', Number)
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', '\nExit code: 0 the token is gone, 1 it is still served, 2 nothing is proven.')
    .action(async (urls: string[], options: Omit<ScanOptions, 'urls'>) =>
      finish(await scanCommand({ urls, ...options }, cli.io)),
    );
}

function addConsole(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('console')
    .description('The console in a browser on this machine, with your credentials.')
    .option('--port <number>', 'where to listen on 127.0.0.1 (default: any that is free)')
    .action(async (options: { port?: string }) => {
      const { consoleCommand } = await import('./console.ts');
      const ended = new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
      finish(await consoleCommand(options, cli, ended));
    });
}
