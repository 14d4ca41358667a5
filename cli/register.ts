/** Accounts and integrations without a deploy: what `paddlewheel-registrar` takes in the namespace of a platform. */
import { readFile } from 'node:fs/promises';
import { ONLY_ALIAS } from '../lambdas/contract.ts';
import { redact } from '../lambdas/domain/mask.ts';
import { printable } from '../lambdas/domain/printable.ts';
import type { Cli } from './actions.ts';
import { EXIT, UsageError } from './io.ts';
import { clashesBetween, type Entry, type Portion, portionsOf } from './portions.ts';
import type { FunctionAnswer } from './ports.ts';
import { repeatedKey } from './repeated-key.ts';
import { inLine } from './width.ts';

export interface RegisterOptions {
  readonly file: string;
  readonly reason?: string;
  readonly only?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export interface UnregisterOptions extends Omit<RegisterOptions, 'file'> {
  readonly account?: readonly string[];
  readonly integration?: readonly string[];
}

export type ExportOptions = Pick<RegisterOptions, 'only'> & { readonly account?: readonly string[] };

const MOST_REQUESTED_BY = 200;

/** @returns the exit code */
export async function register({ file, ...options }: RegisterOptions, cli: Cli): Promise<number> {
  const { accounts, integrations } = await entriesIn(file);
  const portions = portionsOf(accounts, integrations);
  const send = async (how: { readonly dryRun?: true }): Promise<readonly FunctionAnswer[]> => {
    const answers: FunctionAnswer[] = [];
    try {
      for (const { places, ...portion } of portions)
        answers.push(asTheFileCounts(await call('register', { ...portion, ...how }, options, cli), places));
      return answers;
    } catch (error) {
      // What is written is said, whatever comes after it.
      if (!how.dryRun) for (const answer of answers) cli.io.err(inWords(answer));
      throw error;
    }
  };
  // Every fault is found before anything is written.
  if (portions.length > 1 || options.dryRun) {
    const rehearsed = [...refused(clashesBetween(portions)), ...(await send({ dryRun: true }))];
    if (options.dryRun || rehearsed.some(({ outcome }) => outcome === 'rejected')) return told(rehearsed, options, cli);
  }
  return told(await send({}), options, cli);
}

/** As the registrar says it. */
const refused = (clashes: readonly string[]): readonly FunctionAnswer[] =>
  clashes.length === 0
    ? []
    : [
        {
          ...{ outcome: 'rejected', faults: clashes.map(redact) },
          message: `Nothing was changed. ${clashes.length} ${clashes.length === 1 ? 'fault' : 'faults'} between calls.`,
        },
      ];

/** A call counts the entries that are in it. */
function asTheFileCounts(answer: FunctionAnswer, places: Portion['places']): FunctionAnswer {
  const counted = (text: unknown) =>
    String(text).replace(/\b(accounts|integrations)\[(\d+)\]/g, (whole, setting: keyof Portion['places'], at) => {
      const place = places[setting][Number(at)];
      return place === undefined ? whole : `${setting}[${place}]`;
    });
  if (!Array.isArray(answer.faults)) return answer;
  return { ...answer, message: counted(answer.message), faults: answer.faults.map(counted) };
}

export async function unregister(options: UnregisterOptions, cli: Cli): Promise<number> {
  const { account: accounts = [], integration: integrations = [], dryRun } = options;
  if (accounts.length + integrations.length === 0)
    throw new UsageError('Name what leaves: --account <name> or --integration <name>, each as often as needed.');
  const answer = await call('unregister', { accounts, integrations, ...(dryRun && { dryRun }) }, options, cli);
  return told([answer], options, cli);
}

/** What `register` takes, with the revisions, so that changes meanwhile are noticed. Always JSON. */
export async function exportEntries({ only, account: accounts }: ExportOptions, cli: Cli): Promise<number> {
  const all = { accounts: [] as unknown[], integrations: [] as unknown[] };
  for (let after: string | undefined; ; ) {
    const wish = { action: 'export', ...(accounts && { accounts }), ...(after === undefined ? {} : { after }) };
    const answer = await cli.aws.invoke(way(cli, only), wish);
    if (answer.outcome === 'rejected') return told([answer], {}, cli);
    all.accounts.push(...(answer.accounts as unknown[]));
    all.integrations.push(...(answer.integrations as unknown[]));
    if (typeof answer.after !== 'string') break;
    after = answer.after;
  }
  cli.io.out(`${JSON.stringify(all, null, 2)}\n`);
  return EXIT.done;
}

const way = ({ aws: { names } }: Cli, only: string | undefined): string =>
  only === undefined ? names.register : `${names.registrar}:${ONLY_ALIAS}${only}`;

async function call(
  action: string,
  wish: object,
  { reason, only }: Pick<RegisterOptions, 'reason' | 'only'>,
  cli: Cli,
): Promise<FunctionAnswer> {
  const requestedBy = (await cli.aws.identity()).slice(0, MOST_REQUESTED_BY);
  return cli.aws.invoke(way(cli, only), { action, ...wish, requestedBy, ...(reason && { reason }) });
}

async function entriesIn(file: string): Promise<{ accounts: readonly Entry[]; integrations: readonly Entry[] }> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} cannot be read.`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw new UsageError(`${file} holds no JSON.`);
  }
  const { accounts = [], integrations = [], ...more } = (value ?? {}) as Record<string, unknown>;
  if (!Array.isArray(accounts) || !Array.isArray(integrations) || Object.keys(more).length > 0)
    throw new UsageError(`${file} must hold { "accounts": […], "integrations": […] } and nothing else.`);
  if (![...accounts, ...integrations].every((entry) => typeof entry === 'object' && entry !== null))
    throw new UsageError(`${file} must hold objects in "accounts" and "integrations".`);
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new UsageError(`${file} says "${printable(twice)}" twice in one object.`);
  if (accounts.length + integrations.length === 0) throw new UsageError(`${file} names nobody.`);
  return { accounts, integrations };
}

function told(answers: readonly FunctionAnswer[], { json }: { readonly json?: boolean }, { io }: Cli): number {
  const bad = answers.some(({ outcome }) => outcome === 'rejected' || outcome === 'incomplete');
  if (json) io.out(`${JSON.stringify(answers.length === 1 ? answers[0] : answers, null, 2)}\n`);
  else for (const answer of answers) (bad ? io.err : io.out)(inWords(answer));
  return bad ? EXIT.failed : EXIT.done;
}

function inWords({ outcome, message, faults, left }: FunctionAnswer): string {
  const found = (faults as readonly string[] | undefined) ?? [];
  const missing = (left as readonly { kind: string; name: string; why: string }[] | undefined) ?? [];
  const lines = [
    ...(found.length > 0 ? [`${outcome}: nothing was changed`] : [`${outcome}: ${message}`]),
    ...found.map((fault) => `  ${fault}`),
    ...missing.map(({ kind, name, why }) => `  left: ${kind} ${name}: ${why}`),
  ];
  return `${lines.map(inLine).join('\n')}\n`;
}
