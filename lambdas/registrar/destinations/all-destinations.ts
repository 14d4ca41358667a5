/** The destinations of all accounts: on a deploy, every hour, and when a person asks. */

import { ConflictError, RefusedError } from '../../domain/errors.ts';
import type { Account } from '../../domain/model.ts';
import { beginRotation } from './decide.ts';
import { DEFAULT_OVERLAP_MS } from './model.ts';
import type { DestinationPorts } from './ports.ts';
import { isPending, reconcileDestination, retireAll } from './reconcile-destination.ts';

export interface Finding {
  readonly account: string;
  /** `pending`: not yet, and tried again every hour. `failed`: a person has to change something. */
  readonly outcome: 'registered' | 'manual' | 'pending' | 'failed';
  readonly message: string;
}

/** Some destinations are not in order: the platform must see it. */
export class DestinationsError extends Error {
  override readonly name = 'DestinationsError';
}

/** Accounts side by side; each needs about six calls, of which Paddle takes 240 a minute. */
const SIDE_BY_SIDE = 5;

export async function reconcileDestinations(
  accounts: readonly Account[],
  ports: DestinationPorts,
  options: { proveAnew?: boolean; signal?: AbortSignal } = {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let start = 0; start < accounts.length; start += SIDE_BY_SIDE) {
    if (options.signal?.aborted) {
      const message = 'there was no time left; it is tried again every hour';
      findings.push(
        ...accounts.slice(start).map(({ name }) => ({ account: name, outcome: 'pending' as const, message })),
      );
      break;
    }
    const batch = accounts.slice(start, start + SIDE_BY_SIDE);
    findings.push(...(await Promise.all(batch.map((account) => reconcileOneDestination(account, ports, options)))));
  }
  return findings;
}

async function reconcileOneDestination(
  account: Account,
  ports: DestinationPorts,
  options: { proveAnew?: boolean },
): Promise<Finding> {
  const { name } = account;
  if (account.webhooks !== 'managed') return { account: name, outcome: 'manual', message: 'kept by hand' };
  try {
    const { destinationId, warning } = await reconcileDestination(account, ports, options);
    return { account: name, outcome: 'registered', message: warning ? `${destinationId}; ${warning}` : destinationId };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const outcome = isPending(error) ? 'pending' : 'failed';
    const message = outcome === 'pending' ? `${error.message}; it is tried again every hour` : withRemedy(error, name);
    ports.log.warn('A notification destination is not in order', { account: name, outcome, error });
    await note(account, ports, error);
    return { account: name, outcome, message };
  }
}

const withRemedy = (error: Error, account: string): string =>
  error instanceof RefusedError && REMEDIES[error.code]
    ? `${error.message}. ${REMEDIES[error.code]}, or set webhooks: 'manual' for account ${account}`
    : error.message;

const REMEDIES: Readonly<Record<string, string>> = {
  notification_maximum_active_settings_reached:
    'Paddle allows ten active destinations: deactivate one that is no longer needed (Developer tools > Notifications) and deploy again',
  notification_setting_cannot_be_duplicate:
    'Delete the destination with this address, active or not (Developer tools > Notifications), and deploy again',
  forbidden: 'Then deploy again',
  url_notification_setting_incorrect: 'Paddle takes https addresses that it can reach',
};

/** Beside the record, for whoever asks why there are no webhooks. Losing the race to another run is no loss. */
async function note(account: Account, { ledger, clock }: DestinationPorts, error: Error): Promise<void> {
  if (error instanceof ConflictError) return;
  const before = await ledger.load(account.name);
  const code = 'code' in error ? String(error.code) : error.name;
  if (before.failure?.code === code) return;
  const failure = { code, message: error.message, since: new Date(clock.now()).toISOString() };
  await ledger.save(before, { ...before, failure }).catch((failure) => {
    if (!(failure instanceof ConflictError)) throw failure;
  });
}

/** For the outputs of the stack: `sandbox: registered (ntfset_…)`. */
export const summary = (findings: readonly Finding[]): string =>
  findings.map(({ account, outcome, message }) => `${account}: ${outcome} (${message})`).join('; ') || 'no accounts';

/** @throws DestinationsError naming the accounts whose finding is among `outcomes` */
export function refuse(findings: readonly Finding[], outcomes: readonly Finding['outcome'][]): void {
  const bad = findings.filter(({ outcome }) => outcomes.includes(outcome));
  if (bad.length > 0)
    throw new DestinationsError(bad.map(({ account, message }) => `${account}: ${message}`).join('; '));
}

/** A deploy is being destroyed: silence at Paddle. A destination that could not be reached is told, and stays. */
export async function retireEverywhere(accounts: readonly Account[], ports: DestinationPorts): Promise<void> {
  for (const account of accounts.filter(({ webhooks }) => webhooks === 'managed')) {
    try {
      const retired = await retireAll(account, ports);
      ports.log.info('Destinations deactivated', { account: account.name, retired });
    } catch (error) {
      const remedy = "deactivate the destination in Paddle's dashboard";
      ports.log.warn('Destinations could not be deactivated', { account: account.name, remedy, error });
    }
  }
}

export interface SecretRotationAnswer {
  readonly outcome: 'started' | 'under-way' | 'rejected';
  readonly account: string;
  readonly message: string;
}

/** Writes the wish down, and then takes the first steps of it. Asked again meanwhile, it changes nothing. */
export async function rotateSecret(
  request: { account: string; overlapMs?: number; reason?: string },
  ports: DestinationPorts,
): Promise<SecretRotationAnswer> {
  const { account: name, overlapMs = DEFAULT_OVERLAP_MS, reason } = request;
  const answer = (outcome: SecretRotationAnswer['outcome'], message: string) => ({ outcome, account: name, message });
  const account = await ports.ledger.account(name);
  if (!account) return answer('rejected', `no account "${name}" is configured`);
  if (account.managed === false) return answer('rejected', `account "${name}" is not managed any more`);
  if (account.webhooks !== 'managed') return answer('rejected', `the webhooks of "${name}" are kept by hand`);
  const before = await ports.ledger.load(name);
  if (!before.destinationId) return answer('rejected', `"${name}" has no destination yet; see its deploy`);
  const fresh = before.rotation === undefined;
  const now = new Date(ports.clock.now()).toISOString();
  if (fresh) await ports.ledger.save(before, { ...before, rotation: beginRotation(before, now, overlapMs, reason) });
  refuse([await reconcileOneDestination(account, ports, {})], ['pending', 'failed']);
  const { rotation } = await ports.ledger.load(name);
  if (!rotation?.openedAt) return answer(fresh ? 'started' : 'under-way', 'The secret is being replaced.');
  const until = new Date(Date.parse(rotation.openedAt) + rotation.overlapMs).toISOString();
  return answer(fresh ? 'started' : 'under-way', `Both secrets are valid until ${until}; then the old one goes.`);
}
