/** What happened, and whether all is well. */
import { Argument, type Command, Option } from 'commander';
import type { Cli } from '../actions.ts';
import { audit } from '../audit.ts';
import { type DoctorOptions, doctor } from '../doctor.ts';
import { type ScanOptions, scanCommand, TOKEN_VARIABLES } from '../scan.ts';
import { FORMATTERS } from '../trail-formats.ts';
import type { AuditOptions } from '../trail-query.ts';
import { type VerifyOptions, verify } from '../verify.ts';
import { chosen, type Finish, list } from './shared.ts';

export function addReports(program: Command, cli: Cli, finish: Finish): void {
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
    .addOption(new Option('--format <format>', 'how to write it (default: text)').choices(Object.keys(FORMATTERS)))
    .option('--json', 'the same as --format jsonl')
    .option('--out <file>', 'write to this file instead')
    .option('--follow', 'go on with each record as it comes, until Ctrl-C')
    .option('--timeout <seconds>', 'with --follow: end after this long (default: 3600)', Number)
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

export function addScan(program: Command, cli: Cli, finish: Finish): void {
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
