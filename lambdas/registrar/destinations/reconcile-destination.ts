/** One account's destination brought in order: gather, decide one step, do it, and again until nothing is left to do. */
import { NAMES } from '../../contract.ts';
import { AmbiguousError, ConflictError, EffectError, RefusedError } from '../../domain/errors.ts';
import type { Account } from '../../domain/model.ts';
import type { Destination, NotificationSettings } from '../../paddle/notification-settings.ts';
import { decideStep, type Facts, generationAtPaddle, type Step } from './decide.ts';
import { type DestinationRecord, generationOf } from './model.ts';
import type { DestinationPorts } from './ports.ts';
import { prove } from './prove.ts';

/** A rotation takes about eight; more is a loop that a defect made. */
const MAX_STEPS = 24;
/** Longer than the function lives. */
const LEASE_MS = 6 * 60_000;
/** Lists follow a write with a delay. */
const LIST_LAG_MS = 3_000;
const LISTS_AFTER_DOUBT = 3;
/** A 409 of Paddle: the answer of a create that was repeated, too. */
const DUPLICATE = 'notification_setting_cannot_be_duplicate';
const hidden = (url: string) =>
  `Paddle refuses a second notification destination ${url} with the same settings, and does not list the first one`;

export interface DestinationResult {
  readonly destinationId: string;
  readonly steps: readonly Step['kind'][];
  /** A sentence for a person, when something could not be checked. */
  readonly warning?: string;
}

export const endpointOf = (baseUrl: string, account: string): string => `${baseUrl}${NAMES.webhookPath(account)}`;

/**
 * @param options.proveAnew a test event must arrive during this run, whatever arrived before
 * @throws ConflictError while another run is at work; EffectError for what Paddle or AWS refuses
 */
export async function reconcileDestination(
  account: Account,
  ports: DestinationPorts,
  options: { proveAnew?: boolean } = {},
): Promise<DestinationResult> {
  const run = new DestinationReconciler(account, ports, options.proveAnew ?? false);
  try {
    return await run.toTheEnd();
  } finally {
    await run.release();
  }
}

/** Deactivates every destination of the account at this address, and deletes none: its log stays readable. */
export async function retireAll(account: Account, ports: DestinationPorts): Promise<readonly string[]> {
  const settings = ports.paddle(account);
  const endpoint = endpointOf(ports.baseUrl, account.name);
  const found = await settings.list();
  const ours = found.filter(({ url, active }) => active && generationOf(endpoint, url) !== undefined);
  for (const { id } of ours) await settings.change(id, { active: false });
  return ours.map(({ id }) => id);
}

class DestinationReconciler {
  readonly #account: Account;
  readonly #ports: DestinationPorts;
  readonly #settings: NotificationSettings;
  readonly #endpoint: string;
  readonly #runId: string;
  readonly #startedAt: string;
  readonly #proveAnew: boolean;
  readonly #steps: Step['kind'][] = [];
  #found: readonly Destination[] = [];
  #stored: readonly string[] = [];
  #record: DestinationRecord = { account: '', version: 0, generation: 1 };
  #warning: string | undefined;

  constructor(account: Account, ports: DestinationPorts, proveAnew: boolean) {
    this.#account = account;
    this.#ports = ports;
    this.#settings = ports.paddle(account);
    this.#endpoint = endpointOf(ports.baseUrl, account.name);
    this.#runId = ports.ids.next();
    this.#startedAt = this.#now();
    this.#proveAnew = proveAnew;
  }

  async toTheEnd(): Promise<DestinationResult> {
    const { ledger, log } = this.#ports;
    this.#record = await ledger.load(this.#account.name);
    if (this.#leasedByOther())
      throw new ConflictError(`another run maintains the destination of ${this.#account.name}`);
    await this.#gather();
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      const step = decideStep(this.#facts());
      if (step.kind === 'done') return this.#result(step.message);
      // The first change takes the lease; what was gathered before it may be old by then.
      if (this.#record.lease?.runId !== this.#runId) {
        await this.#save({ ...this.#record, lease: { runId: this.#runId, until: this.#now(LEASE_MS) } });
        await this.#gather();
        continue;
      }
      log.info(step.message, { account: this.#account.name, step: step.kind });
      await this.#perform(step);
      this.#steps.push(step.kind);
    }
    throw new Error(
      `the destination of ${this.#account.name} did not come to rest within ${MAX_STEPS} steps: ${this.#steps.join(', ')}`,
    );
  }

  /** Gives the lease back, so that the next run need not wait for it to end. */
  async release(): Promise<void> {
    if (this.#record.lease?.runId !== this.#runId) return;
    const { lease: _, ...rest } = this.#record;
    await this.#save(rest);
  }

  async #gather(): Promise<void> {
    this.#found = await this.#settings.list();
    this.#stored = await this.#ports.secrets.read(this.#account.webhookSecret);
    if (this.#record.destinationId === undefined && !this.#record.rotation)
      this.#record = { ...this.#record, generation: generationAtPaddle(this.#found, this.#endpoint) };
  }

  #facts(): Facts {
    return {
      now: this.#now(),
      endpoint: this.#endpoint,
      found: this.#found,
      stored: this.#stored,
      record: this.#record,
      prove: this.#account.proveWebhooks && this.#warning === undefined,
      ...(this.#proveAnew ? { provenSince: this.#startedAt } : {}),
    };
  }

  async #perform(step: Step): Promise<void> {
    switch (step.kind) {
      case 'create':
        return this.#create(step.settings);
      case 'repair':
        return this.#replace(await this.#settings.change(step.id, step.settings));
      case 'retire':
        return this.#replace(await this.#settings.change(step.id, { active: false }));
      case 'store':
        await this.#ports.secrets.write(this.#account.webhookSecret, step.secrets);
        this.#stored = step.secrets;
        return;
      case 'record':
        return this.#save(step.record);
      case 'prove':
        return this.#prove(step.destination);
      case 'done':
        return;
    }
  }

  /** An answer that was lost, and a refusal as a duplicate, both mean: it is there. Lists may show it a little later. */
  async #create(settings: Parameters<NotificationSettings['change']>[1] & { url: string }): Promise<void> {
    const description = `Paddlewheel audit trail (${this.#account.name})`;
    try {
      const wish = { ...settings, description } as Parameters<NotificationSettings['create']>[0];
      return this.#replace(await this.#settings.create(wish));
    } catch (error) {
      if (!(error instanceof AmbiguousError)) throw error;
      for (let list = 1; list <= LISTS_AFTER_DOUBT; list += 1) {
        this.#found = await this.#settings.list();
        if (this.#found.some(({ url }) => url === settings.url)) return;
        if (list < LISTS_AFTER_DOUBT) await this.#ports.rest(LIST_LAG_MS);
      }
      // Paddle says that it is there and does not show it: that does not pass by itself.
      if (error.code === DUPLICATE) throw new RefusedError(DUPLICATE, hidden(settings.url), { cause: error });
      throw error;
    }
  }

  #replace(destination: Destination): void {
    this.#found = [...this.#found.filter(({ id }) => id !== destination.id), destination];
  }

  async #prove(destination: Destination): Promise<void> {
    const verdict = await prove(this.#account.name, destination, this.#settings, this.#ports);
    const { rotation } = this.#record;
    if (verdict === 'not-permitted') {
      this.#warning =
        'the API key lacks notification_simulation.write, so it was not tested whether webhooks arrive; give it the permission, or set proveWebhooks: false';
      return;
    }
    const at = this.#now();
    const tested = { ...this.#record, proved: { destinationId: destination.id, at } };
    const checksNext = rotation && rotation.checkedAt === undefined && destination.id !== this.#record.destinationId;
    await this.#save(checksNext ? { ...tested, rotation: { ...rotation, checkedAt: at } } : tested);
  }

  async #save(next: DestinationRecord): Promise<void> {
    this.#record = await this.#ports.ledger.save(this.#record, next);
  }

  #result(message: string): DestinationResult {
    const { destinationId = '' } = this.#record;
    const warning = this.#warning;
    if (warning) this.#ports.log.warn(warning, { account: this.#account.name });
    else if (this.#steps.length > 0) this.#ports.log.info(message, { account: this.#account.name });
    return { destinationId, steps: this.#steps, ...(warning ? { warning } : {}) };
  }

  #leasedByOther(): boolean {
    const { lease } = this.#record;
    return lease !== undefined && lease.until > this.#now();
  }

  #now(inMs = 0): string {
    return new Date(this.#ports.clock.now() + inMs).toISOString();
  }
}

/** What an hourly maintenance will try again, and what a person has to change before. */
export function isPending(error: unknown): boolean {
  if (error instanceof ConflictError) return true;
  if (!(error instanceof EffectError)) return false;
  if (error.name === 'AlertError') return NOTHING_STORED.has(error.code);
  return error.name !== 'RefusedError' && error.code !== 'webhook_not_proved';
}

/** A first deploy may come before the API key is stored. */
const NOTHING_STORED = new Set(['ResourceNotFoundException', 'ParameterNotFound', 'api_key_empty']);
