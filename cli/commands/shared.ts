/** What the commands of several kinds have in common. */
import { Argument, type Command } from 'commander';
import { UsageError } from '../io.ts';

export type Finish = (code: number) => void;

/** The integration may stand alone or be named with `--integration`. */
export const about = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .addArgument(new Argument('[integration]', 'name of the integration'))
    .option('--integration <name>', 'the same')
    .option('--json', 'print JSON');

export const chosen = <T extends { integration?: string }>(positional: string | undefined, options: T): T => {
  if (positional !== undefined && options.integration !== undefined && positional !== options.integration)
    throw new UsageError('Two integrations are named.');
  return { ...options, integration: positional ?? options.integration };
};

/** An option that may be given several times. */
export const list = (value: string, previous: string[] = []): string[] => [...previous, value];
