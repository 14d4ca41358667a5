/** `paddlewheel verify`: proves that no record of the audit trail was changed or removed. */
import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { CHAIN_PREFIX, chainKeys, type Head, type Link, type Mark } from '../lambdas/domain/audit-chain.ts';
import { auditPartition } from '../lambdas/domain/audit-keys.ts';
import { type Verdict, verifyPartition } from '../lambdas/domain/verify-chain.ts';
import type { Cli } from './actions.ts';
import { EXIT, UsageError } from './io.ts';

export interface VerifyOptions {
  readonly token?: string;
  readonly integration?: string;
  readonly account?: string;
  /** The whole trail. */
  readonly all?: boolean;
  /** A file of heads that an earlier `--save` wrote: the chains must still lead to them. */
  readonly heads?: string;
  /** Write the heads of the chains to this file; keep it where nobody who can write the table can write. */
  readonly save?: string;
  readonly json?: boolean;
}

/** @returns 0 when nothing was tampered with, 1 otherwise */
export async function verify(options: VerifyOptions, cli: Cli): Promise<number> {
  const { io, aws } = cli;
  const kept = options.heads ? await readHeads(options.heads) : {};
  const verdicts: Verdict[] = [];
  for (const pk of await partitionsOf(options, Object.keys(kept), cli)) {
    // The chain first: a record that is written in between then is on its way, and not missing.
    const chain = (await aws.trailItems(chainKeys.partition(pk))) as readonly unknown[] as readonly (Link | Mark)[];
    const verdict = verifyPartition({ pk, chain, records: await aws.trailItems(pk), anchor: kept[pk] }, io.now());
    verdicts.push(verdict);
    if (!options.json)
      for (const { kind, record, seq, message } of verdict.faults)
        io.out(`${kind.toUpperCase().padEnd(10)} ${pk}  ${record ?? ''}  ${seq ? `link ${seq}: ` : ''}${message}\n`);
  }
  const faults = verdicts.flatMap((verdict) => verdict.faults);
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const counts = { partitions: verdicts.length, records: sum((v) => v.records), pending: sum((v) => v.pending) };
  if (options.save && faults.length === 0) await writeHeads(options.save, verdicts, io.now());
  if (options.json) io.out(`${JSON.stringify({ ok: faults.length === 0, ...counts, faults }, null, 2)}\n`);
  else {
    const { records, partitions, pending } = counts;
    const waiting = pending > 0 ? ` ${pending} so new that their links may be on the way.` : '';
    io.out(`${records} records in ${partitions} partitions, ${faults.length} faults.${waiting}\n`);
    if (options.save && faults.length > 0)
      io.err('The heads were not saved: a chain with faults is nothing to keep.\n');
  }
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}

async function partitionsOf(
  { token, integration, account, all }: VerifyOptions,
  kept: readonly string[],
  { aws }: Cli,
): Promise<readonly string[]> {
  const subjects = [
    token === undefined ? [] : [auditPartition({ tokenId: token, account: '' })],
    account === undefined ? [] : [auditPartition({ account })],
    integration === undefined
      ? []
      : [
          auditPartition({ integration, account: '' }),
          ...(await aws.tokensOf(integration)).map((tokenId) => auditPartition({ tokenId, account: '' })),
        ],
  ].flat();
  if (all) {
    const found = (await aws.trailPartitions()).map((pk) => pk.replace(CHAIN_PREFIX, ''));
    // A chain that was kept and is gone with all its records is found by its head only.
    return [...new Set([...found, ...kept])].sort();
  }
  if (subjects.length === 0) throw new UsageError('Say what to verify: --token, --integration, --account or --all');
  return subjects;
}

const Heads = z.object({
  heads: z.record(
    z.string(),
    z.object({ seq: z.int().check(z.positive()), chain: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
  ),
});

async function readHeads(file: string): Promise<Readonly<Record<string, Head>>> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--heads: ${error.message}`);
  });
  try {
    return Heads.parse(JSON.parse(text)).heads;
  } catch {
    throw new UsageError(`--heads: ${file} was not written by "verify --save"`);
  }
}

async function writeHeads(file: string, verdicts: readonly Verdict[], now: number): Promise<void> {
  const heads = Object.fromEntries(
    verdicts.filter(({ head }) => head.seq > 0).map(({ partition, head }) => [partition, head]),
  );
  await writeFile(file, `${JSON.stringify({ savedAt: new Date(now).toISOString(), heads }, null, 2)}\n`);
}
