/** The deployed Paddlewheel as a suite uses it: the functions, what they leave behind, and what must always hold. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type AuditEntry, createDynamoAuditTrail } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { createDynamoLedger } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { NAMES, type Target } from '../../lambdas/contract.ts';
import type { Token } from '../../lambdas/domain/model.ts';
import type { Answer } from '../../lambdas/rotation/answer.ts';
import { READ_ACTIONS } from '../../lambdas/rotation/request.ts';
import { FunctionFailedError, Installation } from '../../local/installation.ts';
import { timeline } from '../../local/tour/timeline.ts';
import { eventually } from './eventually.ts';
import { ASYNCHRONOUS_BYTES, mustFitEnvelope, SYNCHRONOUS_BYTES } from './lambda-envelope.ts';
import { queuesInWords } from './queues.ts';
import { RemotePaddle } from './world/remote-paddle.ts';
import type { Coordinates } from './world/shared-stack.ts';

/**
 * For whatever takes its way through a queue, a stream or a webhook, on a machine that does everything at once and other
 * things besides. Waits end with what they wait for; this is only when they are given up.
 */
const PATIENCE_MS = 120_000;
/** A reconcile that another run is having at this moment is asked for again, as a person would. */
const BUSY = /Nothing was changed by this request; repeat it\.$/;
const BUSY_TRIES = 60;

export interface Status extends Answer {
  readonly superseded: readonly { readonly id: string; readonly status: string; readonly held?: string }[];
  readonly tokens: readonly (Omit<Token, 'value'> & { readonly masked: string })[];
  readonly retry?: { readonly step: string; readonly code: string; readonly message: string };
  readonly managed: boolean;
}

/** Integrations that the test asked about, and the last stack that it did so with. */
const touched = new Set<string>();
let lastUsed: Stack | undefined;
export const forgetTouched = (): void => touched.clear();

/** What became of every integration that the test asked about: its status, and its trail as a person reads it. */
export async function trailsOfTouched(): Promise<string> {
  const stack = lastUsed;
  if (!stack) return '';
  const stories = [...touched].map(async (integration) => `  ${integration}: ${await stack.story(integration)}`);
  return [await queuesInWords(stack), ...(await Promise.all(stories))].join('\n');
}

/** Node gives up a call after five minutes without an answer; on a busy machine the deployment takes longer. */
async function patient(address: string): Promise<Response> {
  try {
    return await fetch(address);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return fetch(address);
  }
}

/** Starts the shared deployment, if no suite has yet. */
export async function connectStack(): Promise<Stack> {
  const address = process.env.PADDLEWHEEL_E2E;
  if (!address) throw new Error('the e2e project of jest sets PADDLEWHEEL_E2E; run the suites through it');
  const answer = await patient(address);
  if (!answer.ok) throw new Error(`the deployment did not start: ${await answer.text()}`);
  return new Stack((await answer.json()) as Coordinates);
}

/** For `beforeAll(…, START_MS)`: the first suite waits for the deployment. */
export const START_MS = 600_000;

/** Reading is asked of `status`; what ends a token without evidence, of `rotate` itself; all else of its alias. */
export function functionFor(request: object): string {
  const { action, emergency, dryRun } = request as Readonly<Record<string, unknown>>;
  if (READ_ACTIONS.some((read) => read === action)) return NAMES.status;
  return !dryRun && (emergency || action === 'revoke') ? NAMES.rotate : NAMES.operate;
}

export class Stack extends Installation {
  readonly coordinates: Coordinates;
  readonly dynamo: DynamoDBClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #ssm: SSMClient;
  readonly #secrets: SecretsManagerClient;

  constructor(coordinates: Coordinates) {
    super({ ...coordinates.aws, stop: async () => {} }, coordinates.outputs);
    this.coordinates = coordinates;
    this.dynamo = new DynamoDBClient(this.clientSettings);
    this.#logs = new CloudWatchLogsClient(this.clientSettings);
    this.#ssm = new SSMClient(this.clientSettings);
    this.#secrets = new SecretsManagerClient(this.clientSettings);
  }

  paddle(account = 'sandbox'): RemotePaddle {
    return new RemotePaddle(String(this.coordinates.paddles[account]));
  }

  /** Refuses what Lambda would refuse, and the emulator does not. */
  override async invoke<T = Record<string, unknown>>(name: string, payload: object): Promise<T> {
    mustFitEnvelope(payload, SYNCHRONOUS_BYTES);
    const answer = await super.invoke<T>(name, payload);
    mustFitEnvelope(answer, SYNCHRONOUS_BYTES);
    return answer;
  }

  override async invokeAsync(name: string, payload: object): Promise<void> {
    mustFitEnvelope(payload, ASYNCHRONOUS_BYTES);
    return super.invokeAsync(name, payload);
  }

  /** `aws lambda invoke` of the function that answers such a request. @throws FunctionFailedError */
  async ask<T extends Answer = Answer>(integration: string, request: object = {}): Promise<T> {
    this.#touch(integration);
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.invoke<T>(functionFor(request), { integration, requestedBy: 'e2e', ...request });
      } catch (error) {
        const busy = error instanceof FunctionFailedError && BUSY.test(error.message);
        if (!busy || tries >= BUSY_TRIES) throw error;
        await sleep(500);
      }
    }
  }

  status = (integration: string) => this.ask<Status>(integration, { action: 'status' });

  /** The state as the ledger has it, token values included. */
  async state(integration: string) {
    this.#touch(integration);
    const ledger = createDynamoLedger({
      client: this.dynamo,
      ledgerTable: this.ledgerTable,
      auditTable: this.auditTable,
    });
    const found = await ledger.load(integration);
    if (!found) throw new Error(`${integration} is not in the ledger`);
    return found;
  }

  async current(integration: string): Promise<Token> {
    const { state } = await this.state(integration);
    const current = state.tokens.find(({ status }) => status === 'current');
    if (!current) throw new Error(`${integration} has no current token`);
    return current;
  }

  /** Makes sure that there is a first token, by hand if the schedule has not been there yet. */
  async firstToken(integration: string): Promise<Token> {
    if ((await this.status(integration)).token === undefined) await this.ask(integration, { action: 'reconcile' });
    return this.current(integration);
  }

  /** Rotates once; the prior token must have been there. */
  async rotate(integration: string, request: object = {}): Promise<{ old: Token; fresh: Token }> {
    const old = await this.firstToken(integration);
    const answer = await this.ask(integration, request);
    if (answer.outcome !== 'rotated') throw new Error(`${integration}: ${answer.message}`);
    return { old, fresh: await this.current(integration) };
  }

  /** Waits until the token's grace is over, by the deadline that the ledger has. */
  async graceOver(integration: string, tokenId: string): Promise<void> {
    const { state } = await this.state(integration);
    const revokeAfter = state.tokens.find(({ id }) => id === tokenId)?.revokeAfter;
    if (!revokeAfter) throw new Error(`${tokenId} has no deadline`);
    await sleep(Math.max(0, Date.parse(revokeAfter) - Date.now()) + 50);
  }

  /**
   * Asks again and again until there is an answer.
   * @throws Error saying what did not come, the last failure, and what became of the integrations that were asked about
   */
  async until<T>(what: string, ask: () => Promise<T | undefined>, withinMs = PATIENCE_MS): Promise<T> {
    return eventually(what, ask, { withinMs, state: trailsOfTouched });
  }

  #touch(integration: string): void {
    touched.add(integration);
    lastUsed = this;
  }

  /** Its status and its trail, for whoever has to find out why a test failed. Never throws. */
  async story(integration: string): Promise<string> {
    try {
      const [{ state }, entries] = await Promise.all([this.state(integration), this.trail(integration)]);
      const { rotation, retry, lease, dueAt, tokens } = state;
      const known = tokens.map(({ id, status, hold }) => `${id} is ${status}${hold ? `, held: ${hold.reason}` : ''}`);
      const standing = JSON.stringify({ now: new Date().toISOString(), dueAt, rotation, retry, lease, known });
      return [standing, ...timeline(entries).map((line) => `    ${line}`)].join('\n');
    } catch (error) {
      return `its state cannot be read: ${String(error)}`;
    }
  }

  /** ReconcileQueue again until the token is revoked at Paddle, and in the ledger. */
  revoked = (integration: string, tokenId: string) =>
    this.until(`the revocation of ${tokenId}`, async () => {
      await this.ask(integration, { action: 'reconcile' });
      const { state } = await this.state(integration);
      const token = state.tokens.find(({ id }) => id === tokenId);
      return token?.status === 'revoked' ? token : undefined;
    });

  /** ReconcileQueue until the token is held for the reason that is expected; nothing else may become of it meanwhile. */
  held = (integration: string, tokenId: string, reason: string) =>
    this.until(`the hold of ${tokenId} for ${reason}`, async () => {
      await this.ask(integration, { action: 'reconcile' }).catch((error) => {
        if (!(error instanceof FunctionFailedError)) throw error;
      });
      const token = (await this.status(integration)).tokens.find(({ id }) => id === tokenId);
      if (token?.status === 'revoked') throw new Error(`${tokenId} is revoked`);
      return token?.hold?.reason === reason ? token.hold : undefined;
    });

  async read(target: Target): Promise<string | undefined> {
    if (target.kind === 'ssm') {
      return (await this.#ssm.send(new GetParameterCommand({ Name: target.name }))).Parameter?.Value;
    }
    return (await this.#secrets.send(new GetSecretValueCommand({ SecretId: target.name }))).SecretString;
  }

  /** When the target's store says that it was written last. */
  async writtenAt(target: Target): Promise<Date> {
    if (target.kind === 'ssm') {
      const { Parameter } = await this.#ssm.send(new GetParameterCommand({ Name: target.name }));
      return Parameter?.LastModifiedDate ?? new Date(Number.NaN);
    }
    const { CreatedDate } = await this.#secrets.send(new GetSecretValueCommand({ SecretId: target.name }));
    return CreatedDate ?? new Date(Number.NaN);
  }

  /** When `rotate` has put a message of the integration back, by its own log (ms). */
  async comebacks(integration: string): Promise<readonly number[]> {
    const request = { logGroupName: `/aws/lambda/${NAMES.rotate}`, filterPattern: '"comes back soon"' };
    const { events = [] } = await this.#logs.send(new FilterLogEventsCommand(request));
    return events
      .filter(({ message }) => message?.includes('comes back soon') && message.includes(`${integration}:`))
      .map(({ timestamp = 0 }) => timestamp);
  }

  /** Everything that the trail says of the integration and of every token that it knows, oldest first. */
  async trail(integration: string, moreTokens: readonly string[] = []): Promise<AuditEntry[]> {
    const trail = createDynamoAuditTrail({ client: this.dynamo, auditTable: this.auditTable });
    const { state } = await this.state(integration);
    const ids = new Set([...state.tokens.map(({ id }) => id), ...moreTokens]);
    const page = { limit: 1000 };
    const pages = await Promise.all([
      trail.byIntegration(integration, page),
      ...[...ids].map((id) => trail.byToken(id, page)),
    ]);
    return pages.flatMap(({ entries }) => entries).sort((a, b) => (a.sk < b.sk ? -1 : 1));
  }

  /** The types of our own records, in order. */
  async actions(integration: string): Promise<string[]> {
    const entries = await this.trail(integration);
    return entries.filter(({ kind }) => kind === 'action').map(({ type }) => String(type));
  }

  /** The page that the site scan visits for the integration; a script beside it holds the token, as bundlers have it. */
  async putPage(integration: string, token: string, status = 200): Promise<void> {
    await this.putFile(integration, 'app.js', `const token="${token}";window.Paddle?.Initialize({ token });`);
    const page = `<!doctype html><title>Shop</title><script src="/${integration}/app.js"></script>`;
    await this.putFile(integration, `?status=${status}`, page);
  }

  /** One file of the page. */
  async putFile(integration: string, name: string, body: string): Promise<void> {
    const url = `${this.coordinates.pages}/${integration}/${name}`;
    const answer = await fetch(url, { method: 'PUT', body });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  }
}
