/** `paddlewheel doctor`: is everything there and at work? Changes nothing, and says what to do about what is not well. */
import { ageOf } from '../lambdas/backfill/watermark.ts';
import { AUDIT_STALE_SECONDS } from '../lambdas/contract.ts';
import type { Cli } from './actions.ts';
import { type CliIo, EXIT } from './io.ts';
import { type Piece, print, symbolOf, wrapped } from './terminal.ts';
import { checkWebhookUrl } from './webhook-url.ts';

export interface DoctorOptions {
  /** The configuration has an `archive`: its latest copy must be whole. */
  readonly archive?: boolean;
  /** Only this one; default: all. */
  readonly integration?: string;
  /** Where webhooks come in, if a domain of your own stands before the API. */
  readonly webhookUrl?: string;
  readonly json?: boolean;
}

export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly message: string;
  /** What a person does about it. */
  readonly remedy?: string;
}

const FUNCTIONS = ['heartbeat', 'rotate', 'status', 'webhook', 'observe', 'usage', 'registrar', 'backfill'] as const;
const MINUTE = 60_000;
/** Logs may come a minute or two late. */
const TICK_WITHIN = 5 * MINUTE;
const LATE = 10 * MINUTE;
const WEBHOOK_MS = 10_000;
/** Each step of a secret's rotation is taken by the hourly maintenance, of which one may fail. */
const ROTATION_STEP = 3 * 60 * MINUTE;

/** @returns 0 when all is well, 1 when anything is not */
export async function doctor(options: DoctorOptions, cli: Cli): Promise<number> {
  const { io, aws } = cli;
  if (options.webhookUrl !== undefined) checkWebhookUrl(options.webhookUrl);
  const findings: Finding[] = [];
  const add = (found: Finding): boolean => {
    findings.push(found);
    if (!options.json) print(line(found, io), io.out);
    return found.ok;
  };
  const { identity } = aws;
  const known = add(await finding('credentials', SIGN_IN, async () => `you are ${await identity()}`));
  if (known) {
    for (const handler of FUNCTIONS) add(await functionThere(aws.names[handler], cli));
    for (const handler of ['hooks', 'seen'] as const)
      if (await isThere(aws.names[handler], cli)) add(await functionThere(aws.names[handler], cli));
    for (const table of ['ledger', 'audit trail'] as const) add(await tableThere(table, cli));
    add(await heartbeat(cli));
    if (options.archive) add(await archive(cli));
    const accounts = new Set<string>();
    for (const name of options.integration ? [options.integration] : await listed(cli, add))
      for (const found of await integration(name, cli, accounts)) add(found);
    for (const account of accounts)
      for (const examine of [webhook, destination, watermark]) add(await examine(account, options, cli));
  }
  const ok = findings.every((found) => found.ok);
  if (options.json) io.out(`${JSON.stringify({ ok, findings }, null, 2)}\n`);
  else io.out(ok ? 'All is well.\n' : `${findings.filter((found) => !found.ok).length} not well.\n`);
  return ok ? EXIT.done : EXIT.failed;
}

function line({ ok, what, message, remedy }: Finding, { screen }: CliIo): Piece[] {
  const tone = ok ? 'good' : 'bad';
  return [
    [`${symbolOf(tone, screen)}${ok ? 'ok   ' : 'FAULT'}`, tone],
    [`  ${wrapped(`${what}: ${message}`, 9, screen)}\n`],
    ...(!ok && remedy ? [[`         -> ${wrapped(remedy, 12, screen)}\n`] as const] : []),
  ];
}

const SIGN_IN = 'sign in to the AWS account (or give --profile), and say which region (--region, or AWS_REGION)';
const DEPLOY = 'run "npx cdk deploy"; check AWS_REGION, and that you may read it';

/** A question that fails is a finding, never the end of the examination. */
async function finding(what: string, remedy: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, message: await ask() };
  } catch (error) {
    const message = error instanceof Error ? `${error.message || error.name}` : String(error);
    return { what, ok: false, message, remedy };
  }
}

const functionThere = (name: string, { aws }: Cli) =>
  finding(`function ${name}`, DEPLOY, async () => {
    const state = await aws.functionState(name);
    // A function that slept for weeks is `Inactive` and wakes up when it is called.
    if (!['Active', 'Inactive'].includes(state)) throw new Error(state);
    return 'is there';
  });

/** Some are there only when the configuration asks for them. Whatever else keeps it from being read is told like any other fault. */
const isThere = (name: string, { aws }: Cli): Promise<boolean> =>
  aws.functionState(name).then(
    () => true,
    (error) => !(error instanceof Error && error.name === 'ResourceNotFoundException'),
  );

const tableThere = (name: 'ledger' | 'audit trail', { aws }: Cli) =>
  finding(`table of the ${name}`, DEPLOY, async () => {
    const state = await aws.tableState(name);
    if (!['ACTIVE', 'UPDATING'].includes(state)) throw new Error(state);
    return 'is there';
  });

const heartbeat = ({ aws, io }: Cli) =>
  finding(
    'heartbeat',
    `docs/runbook.md, section PaddlewheelHeartbeatSilent: is the schedule ${aws.names.heartbeat} enabled?`,
    async () => {
      const now = io.now();
      const late = await aws.due(new Date(now - LATE).toISOString());
      if (!(await aws.hasTicked(now - TICK_WITHIN))) throw new Error('has not run for five minutes');
      const [first] = late;
      if (first) throw new Error(`${late.length} overdue; ${first.integration} since ${first.dueAt}`);
      return 'ran within the last five minutes; nothing is overdue';
    },
  );

const archive = ({ aws }: Cli) =>
  finding('archive', `is the schedule ${aws.names.archive} there, and may its role write to the bucket?`, async () => {
    const last = await aws.lastExport();
    if (last === undefined) throw new Error('has no copy yet; the first one is made on the first of a month');
    if (!/^(COMPLETED|IN_PROGRESS)/.test(last)) throw new Error(last);
    return `the latest copy is ${last}`;
  });

async function listed({ aws }: Cli, add: (found: Finding) => boolean): Promise<readonly string[]> {
  let names: readonly string[] = [];
  const found = await finding('integrations', DEPLOY, async () => {
    const answer = await aws.invoke(aws.names.status, { action: 'list' });
    names = answer.integrations as readonly string[];
    if (names.length === 0) throw new Error('none is registered');
    return names.join(', ');
  });
  add(found);
  return names;
}

/** `rotate` asks Paddle and reads the targets with its own permissions: yours prove nothing about its. */
async function integration(name: string, { aws }: Cli, accounts: Set<string>): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const asked = await finding(name, 'paddlewheel status says more; docs/runbook.md has the remedies', async () => {
    const answer = await aws.invoke(aws.names.status, { integration: name, action: 'check' });
    if (answer.outcome === 'rejected') throw new Error(String(answer.message));
    if (typeof answer.account === 'string') accounts.add(answer.account);
    for (const { what, ...rest } of answer.checks as readonly Finding[])
      findings.push({ what: `${name} ${what}`, ...rest });
    return String(answer.message);
  });
  return [asked, ...findings];
}

/** An unsigned webhook must be refused, by our function and not by somebody in between. */
const webhook = (account: string, options: DoctorOptions, { aws }: Cli) =>
  finding(`webhooks of ${account}`, 'check the address, and the secret of the destination in AWS', async () => {
    const base = options.webhookUrl ?? (await aws.webhookBase());
    if (!base) throw new Error('no API may invoke the webhook function');
    const url = `${base.replace(/\/+$/, '')}${aws.names.webhookPath(account)}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', body: '{}', headers, signal: AbortSignal.timeout(WEBHOOK_MS) });
    await answer.body?.cancel();
    if (answer.status !== 401) throw new Error(`${url} answers ${answer.status} to an unsigned webhook instead of 401`);
    return `${url} refuses what is not signed`;
  });

/** What the registrar has written down about the account's destination: it checks it every hour. */
const destination = (account: string, _: DoctorOptions, { aws, io }: Cli) =>
  finding(
    `destination of ${account}`,
    `the log group /aws/lambda/${aws.names.registrar} says why; mend it and deploy again, or wait for the hourly maintenance (is the schedule ${aws.names.webhookMaintenance} enabled?)`,
    async () => {
      if ((await aws.account(account))?.webhooks === 'manual') return 'kept by hand';
      const { destinationId, failure, rotation } = await aws.destination(account);
      if (failure) throw new Error(`${failure.message} (${failure.code}, since ${failure.since})`);
      if (!destinationId) throw new Error('is not registered at Paddle yet');
      if (!rotation) return `${destinationId} is registered`;
      const { requestedAt, openedAt, overlapMs } = rotation;
      const since = `its secret is being replaced since ${requestedAt}`;
      const end = Date.parse(openedAt ?? requestedAt) + (openedAt ? overlapMs : 0);
      if (io.now() > end + ROTATION_STEP)
        throw new Error(`${destinationId}: ${since}, and it ${openedAt ? 'does not end' : 'does not get on'}`);
      if (!openedAt) return `${destinationId} is registered; ${since}`;
      return `${destinationId} is registered; ${since}, and both are valid until ${new Date(end).toISOString()}`;
    },
  );

const watermark = (account: string, _: DoctorOptions, { aws, io }: Cli) =>
  finding(
    `trail of ${account}`,
    `give its API key the permission notification.read; is the schedule ${aws.names.backfill} enabled? docs/runbook.md, section PaddlewheelAuditStale`,
    async () => {
      const mark = await aws.watermark(account);
      if (!mark.completeThrough) {
        const since = mark.begunAt ?? (await aws.destination(account)).secretSince;
        const late = since !== undefined && io.now() - Date.parse(since) >= AUDIT_STALE_SECONDS * 1_000;
        if (late) throw new Error("has never been compared with Paddle's list of events");
        return "is compared with Paddle's list of events for the first time within the hour";
      }
      const age = ageOf(mark, new Date(io.now()).toISOString());
      const told = `is complete up to ${mark.completeThrough}, ${Math.round(age / 60)} minutes ago`;
      if (age >= AUDIT_STALE_SECONDS) throw new Error(`${told}, and no further`);
      return told;
    },
  );
