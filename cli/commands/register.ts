/** The commands of a platform: `register`, `unregister`, `export`. */
import type { Command } from 'commander';
import type { Cli } from '../actions.ts';
import {
  type ExportOptions,
  exportEntries,
  type RegisterOptions,
  register,
  type UnregisterOptions,
  unregister,
} from '../register.ts';
import { type Finish, list } from './shared.ts';

const ONLY = ['--only <prefix>', 'by the way in that is bound to names with this prefix'] as const;

export function addRegistering(program: Command, cli: Cli, finish: Finish): void {
  const change = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--reason <text>', 'kept in the audit trail')
      .option(...ONLY)
      .option('--dry-run', 'say what would happen, and change nothing')
      .option('--json', 'print JSON');
  change('register', 'Register accounts and integrations at run time, in the namespace of platform.credentials.')
    .requiredOption('-f, --file <file>', 'JSON: { "accounts": […], "integrations": […] }')
    .addHelpText('after', '\nAgain, it changes what differs. What the configuration file has is not touched.')
    .action(async (options: RegisterOptions) => finish(await register(options, cli)));
  change('unregister', 'Manage them no longer. Nothing is revoked: tokens and targets stay as they are.')
    .option('--account <name>', 'with all its integrations (repeatable)', list)
    .option('--integration <name>', 'only this one (repeatable)', list)
    .action(async (options: UnregisterOptions) => finish(await unregister(options, cli)));
  program
    .command('export')
    .description('Print what is registered at run time, as register takes it.')
    .option('--account <name>', 'only this one (repeatable)', list)
    .option(...ONLY)
    .option('--json', 'the same: it is always JSON')
    .action(async (options: ExportOptions) => finish(await exportEntries(options, cli)));
}
