/** What somebody asks a program of this repository for. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Ends the process: after the help with 0, after what it does not know, which it names before the help, with 2. */
export function askedOf<T extends ParseArgsConfig>(help: string, config: T): ReturnType<typeof parseArgs<T>> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    process.exit(0);
  }
  try {
    return parseArgs<T>({ ...config, args });
  } catch (error) {
    return misused(help, (error as Error).message);
  }
}

export function misused(help: string, why: string): never {
  process.stderr.write(`${why}\n\n${help}`);
  process.exit(2);
}
