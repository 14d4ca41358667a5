/** The commands about one integration. What only reads, rehearsals included, goes to `paddlewheel-status`; the rest to `paddlewheel-rotate`. */
import { type Action, READ_ACTIONS } from '../lambdas/rotation/request.ts';
import { type CliIo, EXIT, UsageError } from './io.ts';
import type { CliAws, FunctionAnswer } from './ports.ts';
import { described, reporter, type ShownWord, usageWords, whence } from './print.ts';
import { type Piece, print, table, wrapped } from './terminal.ts';
import { because, standingsOf, verdictPiece } from './verdict.ts';
import { inLine } from './width.ts';

export interface ActionOptions {
  readonly integration?: string;
  readonly reason?: string;
  readonly environment?: string;
  readonly token?: string;
  /** Of a pause: when it ends. */
  readonly until?: string;
  readonly emergency?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export interface Cli {
  readonly io: CliIo;
  readonly aws: CliAws;
}

/** The function's own bound on `requestedBy`. */
const MAX_REQUESTED_BY = 200;

/**
 * @param requestId names the request: when its answer is lost and the SDK sends it again, nothing happens twice
 * @returns 0 when it was done, 1 when it was rejected
 * @throws FunctionFailedError when it could not be finished now
 */
export async function act(action: Action, options: ActionOptions, cli: Cli, requestId: string): Promise<number> {
  const integration = named(options);
  const { reason, environment, token: tokenId, until, emergency, dryRun } = options;
  const wish = { integration, action, reason, environment, tokenId, until, emergency, dryRun };
  if ((emergency || action === 'revoke') && !dryRun && !options.yes)
    await confirmRevocation({ ...wish, integration }, cli);
  const { names } = cli.aws;
  const reads = READ_ACTIONS.includes(action) || dryRun;
  const requestedBy = reads ? undefined : (await cli.aws.identity()).slice(0, MAX_REQUESTED_BY) || undefined;
  const name = reads ? names.status : emergency || action === 'revoke' ? names.rotate : names.operate;
  return report(await cli.aws.invoke(name, { ...wish, requestedBy, requestId }), cli.io, options.json);
}

/** Why nothing happens, and what would end that. */
export async function why(options: ActionOptions, cli: Cli): Promise<number> {
  const integration = named(options);
  const answer = await cli.aws.invoke(cli.aws.names.status, { integration, action: 'status' });
  if (answer.outcome === 'rejected') return report(answer, cli.io, options.json);
  const standings = standingsOf(answer);
  if (options.json) cli.io.out(`${JSON.stringify({ integration, standings }, null, 2)}\n`);
  for (const standing of options.json ? [] : standings) {
    const [word, tone] = verdictPiece(standing, cli.io.screen);
    print([[word, tone], [`: ${wrapped(because(standing), word.length + 2, cli.io.screen)}\n`]], cli.io.out);
  }
  return EXIT.done;
}

/** Who uses which token of an integration. */
export async function usage(options: ActionOptions, cli: Cli): Promise<number> {
  const answer = await cli.aws.invoke(cli.aws.names.status, { integration: named(options), action: 'status' });
  if (answer.outcome === 'rejected') return report(answer, cli.io, options.json);
  const consumers = answer.consumers as readonly ShownWord[];
  if (options.json) cli.io.out(`${JSON.stringify(consumers, null, 2)}\n`);
  else if (consumers.length === 0) cli.io.out(`No consumer of ${options.integration} has reported yet.\n`);
  const rows = consumers.map((word) => {
    const { consumer, tokenId, at } = word;
    const isCurrent = (answer.token as { id?: string } | undefined)?.id === tokenId;
    return [
      [consumer],
      [`${usageWords(word)} ${tokenId}`],
      isCurrent ? ['current', 'good'] : ['NOT CURRENT', 'wary'],
      [`${at}${whence(word)}${reporter(word.by)}`],
    ] as const satisfies readonly Piece[];
  });
  if (!options.json) print(table(rows, cli.io.screen), cli.io.out);
  return EXIT.done;
}

export function named({ integration }: { integration?: string }): string {
  if (!integration) throw new UsageError('Name the integration: paddlewheel <command> <integration>');
  return integration;
}

/** Prints what breaks, and goes on only when a person repeats the integration's name. */
async function confirmRevocation(
  wish: ActionOptions & { integration: string; tokenId?: string },
  { io, aws }: Cli,
): Promise<void> {
  if (!wish.reason) throw new UsageError('Revoking without evidence needs --reason; it is kept in the audit trail.');
  const rehearsal = await aws.invoke(aws.names.status, { ...wish, dryRun: true });
  // Rejected now is rejected then; the real answer will say so.
  if (rehearsal.outcome === 'rejected') return;
  const { id = 'there is no current token' } = (rehearsal.token ?? {}) as { id?: string };
  const breaks = (rehearsal.breaks ?? []) as readonly string[];
  const current = `the current token (${id})`;
  const named = wish.tokenId && wish.emergency ? `${current} and ${wish.tokenId}` : wish.tokenId;
  const which = named ?? current;
  io.err(`This revokes ${which} at once and for ever, without grace and without evidence.\n`);
  io.err(
    breaks.length > 0 ? 'It breaks:\n' : 'No consumer has reported using it; that does not prove that none does.\n',
  );
  for (const line of breaks) io.err(`  ${inLine(line)}\n`);
  const answer = await io.ask(`Type ${wish.integration} to go on: `);
  if (answer === undefined) throw new UsageError('Nobody is there to confirm: give --yes.');
  if (answer.trim() !== wish.integration) throw new UsageError('Not confirmed; nothing was changed.');
}

/** @returns the exit code */
export function report(answer: FunctionAnswer, io: CliIo, json: boolean | undefined): number {
  const refused = ['rejected', 'refused', 'not-ready'].includes(String(answer.outcome));
  if (json) io.out(`${JSON.stringify(answer, null, 2)}\n`);
  else print(described(answer, io.screen), refused ? io.err : io.out);
  return refused ? EXIT.failed : EXIT.done;
}
