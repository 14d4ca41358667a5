/**
 * `paddlewheel trigger`: sends a signed test webhook to one's own installation, and waits until it is in the trail. Signed with the
 * account's own secret, which is read with the caller's permissions and never shown. It counts as a simulation: no token is touched.
 */
import { createHmac } from 'node:crypto';
import { ulid } from 'ulid';
import type { Account } from '../lambdas/domain/model.ts';
import { plainType } from '../lambdas/paddle/envelope.ts';
import { webhookItem } from '../lambdas/paddle/webhook-record.ts';
import { parseWebhookSecrets } from '../lambdas/webhook/webhook-secrets.ts';
import type { Cli } from './actions.ts';
import { EXIT, UsageError } from './io.ts';
import { answersFor } from './status.ts';
import { checkWebhookUrl } from './webhook-url.ts';

export interface TriggerOptions {
  readonly event?: string;
  readonly account?: string;
  /** Where webhooks come in, if a domain of one's own stands before the API. */
  readonly webhookUrl?: string;
  /** Seconds to wait until it is stored; default 30. */
  readonly timeout?: number;
  readonly json?: boolean;
}

export const DEFAULT_EVENT = 'client_token.updated';
const DEFAULT_TIMEOUT_S = 30;
const LONGEST_TIMEOUT_S = 600;
const ANSWER_MS = 15_000;
const LOOK_MS = 500;

interface Sent {
  readonly account: string;
  readonly event: string;
  readonly eventId: string;
  readonly url: string;
  /** Of HTTP. */
  readonly status: number;
}

/** @returns 0 when it is in the trail, 1 when not, and why */
export async function trigger(options: TriggerOptions, cli: Cli): Promise<number> {
  const { event = DEFAULT_EVENT, timeout = DEFAULT_TIMEOUT_S } = options;
  if (plainType(event) === undefined)
    throw new UsageError('--event is the type of an event, such as client_token.updated');
  if (!(timeout > 0 && timeout <= LONGEST_TIMEOUT_S))
    throw new UsageError(`--timeout: seconds, more than 0 and ${LONGEST_TIMEOUT_S} at the most`);
  const account = await accountOf(options, cli);
  const url = `${await baseOf(options, cli)}${cli.aws.names.webhookPath(account.name)}`;
  const secrets = parseWebhookSecrets(await cli.aws.credential(account.webhookSecret));
  if (secrets.length === 0)
    throw new Error(`There is no webhook secret of account ${account.name} yet: deploy, and look again in a minute.`);
  const body = eventOf(event, cli.io.now());
  const status = await send(url, JSON.stringify(body), secrets, cli);
  const sent: Sent = { account: account.name, event, eventId: body.event_id, url, status };
  const { pk, sk } = webhookItem(body, account.name, body.occurred_at);
  const end = cli.io.now() + timeout * 1_000;
  let isStored = await isThere(pk, sk, cli);
  while (!isStored && status === 200 && cli.io.now() < end) {
    await cli.io.rest(LOOK_MS);
    isStored = await isThere(pk, sk, cli);
  }
  return tell(sent, isStored, timeout, options, cli);
}

const isThere = (pk: string, sk: string, { aws }: Cli): Promise<boolean> =>
  aws.trailItem(pk, sk).then((item) => item !== undefined);

/** The only one that there is, unless it is named. */
async function accountOf({ account: named }: TriggerOptions, cli: Cli): Promise<Account> {
  const names = named ? [named] : [...new Set((await answersFor({}, cli)).map(({ account }) => String(account)))];
  const [name, ...others] = names;
  if (name === undefined) throw new UsageError('No integration is registered: name the account (--account).');
  if (others.length > 0) throw new UsageError(`There are several accounts: --account ${names.sort().join(' or ')}`);
  const account = await cli.aws.account(name);
  if (!account) throw new UsageError(`There is no account "${name}" here.`);
  return account;
}

async function baseOf({ webhookUrl }: TriggerOptions, { aws }: Cli): Promise<string> {
  const base = webhookUrl === undefined ? await aws.webhookBase() : checkWebhookUrl(webhookUrl);
  if (!base) throw new Error('No API may invoke the webhook function: name the address (--webhook-url).');
  return base.replace(/\/+$/, '');
}

/** As Paddle's own simulations are called, so that it is kept apart from what really happened. */
function eventOf(event_type: string, now: number) {
  const [event, notification, token] = [ulid(now), ulid(now), ulid(now)].map((id) => id.toLowerCase());
  const at = new Date(now).toISOString();
  const status = event_type === 'client_token.revoked' ? 'revoked' : 'active';
  const data = { id: `ctkn_${token}`, name: 'paddlewheel trigger', status, created_at: at, updated_at: at };
  return {
    event_id: `ntfsimevt_${event}`,
    event_type,
    occurred_at: at,
    notification_id: `ntfsimntf_${notification}`,
    data: event_type.startsWith('client_token.') ? data : {},
  };
}

/** While a secret is being rotated, there are two: a signature of each, as Paddle does it. */
async function send(url: string, body: string, secrets: readonly string[], { io }: Cli): Promise<number> {
  const ts = Math.floor(io.now() / 1_000);
  const h1 = secrets.map((secret) => `h1=${createHmac('sha256', secret).update(`${ts}:${body}`).digest('hex')}`);
  const headers = { 'content-type': 'application/json', 'paddle-signature': [`ts=${ts}`, ...h1].join(';') };
  const post = async () => {
    // A signature goes nowhere but where it was meant to go.
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.body?.cancel();
    return answer.status;
  };
  try {
    return await (io.during?.(`sending to ${url}`, post) ?? post());
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    throw new Error(`${url} was not reached: ${cause?.message || cause?.code || message}`, { cause: error });
  }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'It refuses the signature: is the secret in AWS the one that the function reads, and is your clock right?',
  404: 'It does not know the account: deploy the configuration that has it.',
  403: 'It refuses the caller: does a firewall or an authorizer stand before it? Paddle must get through.',
  429: 'It was too much at once: try again in a minute.',
};
const remedyOf = (status: number): string => {
  if (status >= 500) return 'It could not store it: its log says why.';
  if (status >= 300 && status < 400)
    return 'It leads elsewhere, which is not followed: name the address that it leads to.';
  return REMEDIES[status] ?? 'Is this the address of the installation?';
};

function tell(sent: Sent, isStored: boolean, timeout: number, { json }: TriggerOptions, { io, aws }: Cli): number {
  const { account, event, eventId, url, status } = sent;
  const refused = `${url} answered ${status}. ${remedyOf(status)}`;
  const message = isStored
    ? `${event} was sent to ${url}, accepted, and is in the audit trail as ${eventId}.`
    : status === 200
      ? `${url} accepted ${eventId}, and it is not in the trail after ${timeout} seconds: /aws/lambda/${aws.names.webhook}`
      : refused;
  const outcome = isStored ? 'stored' : status === 200 ? 'missing' : 'refused';
  if (json) io.out(`${JSON.stringify({ outcome, account, event, eventId, url, status, message }, null, 2)}\n`);
  else if (isStored) io.out(`${message} It is a simulation: no token was touched.\n`);
  else io.err(`${message}\n`);
  return isStored ? EXIT.done : EXIT.failed;
}
