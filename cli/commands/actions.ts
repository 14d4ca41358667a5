/** About one integration: what the functions answer. */
import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import type { Action } from '../../lambdas/rotation/request.ts';
import { type ActionOptions, act, type Cli, usage, why } from '../actions.ts';
import { statusOfFailing } from '../failing.ts';
import { type StatusOptions, status } from '../status.ts';
import { about, chosen, type Finish } from './shared.ts';

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

export function addActions(program: Command, cli: Cli, finish: Finish): void {
  about(program, 'status', 'What is current, what is on its way out, and what is waited for.')
    .option('--watch', 'look again every 5 seconds, until Ctrl-C; not on a terminal: print what has changed')
    .option('--timeout <seconds>', 'with --watch: end after this long (default: 3600)', Number)
    .option('--failing', 'only what is not getting on, of however many')
    .action(async (name: string | undefined, { failing, ...options }: StatusOptions & { readonly failing?: true }) =>
      finish(await (failing ? statusOfFailing(options, cli) : status(chosen(name, options), cli))),
    );
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
