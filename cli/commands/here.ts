/** What runs on this machine, and is loaded only then. */
import { Argument, type Command } from 'commander';
import type { Cli } from '../actions.ts';
import { COMPLETE, complete, completion, SHELLS } from '../completion.ts';
import type { ConsoleCommandOptions } from '../console.ts';
import type { InitOptions } from '../init.ts';
import type { InspectBuildOptions } from '../inspect-build.ts';
import type { TriggerOptions } from '../trigger.ts';
import type { Finish } from './shared.ts';

export function addInit(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('init')
    .description('Write a configuration here, and a small CDK app where there is none. Asks at most five questions.')
    .option('--name <name>', 'of what takes payments, such as pricing-page (default: the folder)')
    .option('--environment <name>', "Paddle's sandbox or live (default: sandbox)")
    .option('--parameter <name>', 'where in SSM the token is published (default: /paddle/<name>/client-token)')
    .option('--site <url>', 'a page that uses the token, looked at before an old one is revoked (default: none)')
    .option('--github <owner/name>', 'write a GitHub workflow that builds and reports (default: none)')
    .option('--yes', 'ask nothing: take the defaults for what is not said')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nNo file that is there is overwritten. Where a configuration is there, says what is in it and what is missing; --yes writes that.',
    )
    .action(async (options: InitOptions) => {
      const { init } = await import('../init.ts');
      finish(await init(options, cli.io));
    });
}

export function addConsole(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('console')
    .description('The console in a browser on this machine, with your credentials.')
    .option('--port <number>', 'where to listen on 127.0.0.1 (default: any that is free)')
    .option('--json', 'print the address as JSON')
    .action(async (options: ConsoleCommandOptions) => {
      const { consoleCommand } = await import('../console.ts');
      finish(await consoleCommand(options, cli));
    });
}

export function addInspect(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('inspect')
    .description('What is in something. Records nothing.')
    .command('build')
    .description("Which tokens are in a build's output, whose they are, and whether they are current.")
    .argument('<folder>', 'what the build wrote, such as dist')
    .option('--integration <name>', 'only its tokens are known (default: those of all)')
    .option('--json', 'print JSON')
    .action(async (folder: string, options: Omit<InspectBuildOptions, 'folder'>) => {
      const { inspectBuild } = await import('../inspect-build.ts');
      finish(await inspectBuild({ ...options, folder }, cli));
    });
}

const NEEDS = `
Needs, with your own credentials: to read the ledger, the trail, and the secret that webhooks of the account are
signed with (secretsmanager:GetSecretValue, or ssm:GetParameter), and lambda:GetPolicy unless you give --webhook-url.
The secret is used to sign, and never shown. Nothing is asked of Paddle.`;

export function addTrigger(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('trigger')
    .description('Send a signed test webhook to your installation, and wait until it is in the audit trail.')
    .option('--event <type>', 'which event (default: client_token.updated)')
    .option('--account <name>', 'the account that it is from (default: the only one)')
    .option('--webhook-url <url>', 'where webhooks come in, if not at the API itself')
    .option('--timeout <seconds>', 'how long to wait until it is stored (default: 30)', Number)
    .option('--json', 'print JSON')
    .addHelpText('after', `${NEEDS}\n\nIt counts as a simulation: no token is touched.`)
    .action(async (options: TriggerOptions) => {
      const { trigger } = await import('../trigger.ts');
      finish(await trigger(options, cli));
    });
}

export function addCompletion(program: Command, cli: Cli, finish: Finish): void {
  program
    .command('completion')
    .description('Print a script that completes commands, options and names of integrations in your shell.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', '\nIn ~/.bashrc: eval "$(npx paddlewheel completion bash)"')
    .action((shell: (typeof SHELLS)[number]) => finish(completion(shell, cli)));
  program
    .command(COMPLETE, { hidden: true })
    .argument('[words...]')
    .action(async () => finish(await complete(program, cli)));
}
