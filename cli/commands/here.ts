/** What runs on this machine, and is loaded only then. */
import type { Command } from 'commander';
import type { Cli } from '../actions.ts';
import type { ConsoleCommandOptions } from '../console.ts';
import type { InitOptions } from '../init.ts';
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
    .addHelpText('after', '\nNo file that is there is overwritten. Says what to do next.')
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
