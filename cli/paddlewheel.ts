#!/usr/bin/env node
/** The command line. Every command is a function of its options and its input and output; this file only names them. */
import { Command } from 'commander';
import { type ScanIo, type ScanOptions, scanCommand, TOKEN_VARIABLES } from './scan.ts';

const io: ScanIo = {
  env: process.env,
  stdin: process.stdin,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

const list = (value: string, previous: string[] = []): string[] => [...previous, value];

const program = new Command('paddlewheel').description(
  'Rotates Paddle client-side tokens without breaking a checkout.',
);

program
  .command('scan')
  .description('Look for a token in pages and in every script that they load.')
  .argument('<url...>', 'pages to scan')
  .option('--find <token>', `the token that should be gone; "-" reads a line of input; or ${TOKEN_VARIABLES.find}`)
  .option('--current <token>', `the token that should be there; "-" reads a line; or ${TOKEN_VARIABLES.current}`)
  .option('--extra-origin <origin>', 'follow scripts of this origin too (repeatable)', list)
  .option('--allow-private <host:port>', 'let this host be a private address, for local use (repeatable)', list)
  .option('--timeout <seconds>', 'bound for one page with all that it loads', Number)
  .option('--json', 'print the findings as JSON')
  .addHelpText('after', '\nExit code: 0 the token is gone, 1 it is still served, 2 nothing is proven.')
  .action(async (urls: string[], options: Omit<ScanOptions, 'urls'>) => {
    process.exitCode = await scanCommand({ urls, ...options }, io);
  });

await program.parseAsync();
