/** Speaks CloudFormation's protocol of custom resources: take a request, do it, put the outcome to the given address. */
import { brotliDecompressSync } from 'node:zlib';
import type { RegistrarProperties } from '../contract.ts';
import { redact } from '../domain/mask.ts';
import { printable } from '../domain/printable.ts';
import { DestinationsError } from './destinations/all-destinations.ts';
import { inTime } from './in-time.ts';
import { type Configuration, RefusedConfigurationError, type Registered } from './register.ts';

/** As much of a request as we use. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface CustomResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: RegistrarProperties;
}

export interface CustomResourceResponse {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly Data?: { readonly webhooks: string };
}

/** How the notification destinations stand after a deploy. */
export interface WebhooksOutcome {
  /** For the outputs of the stack: `sandbox: registered (ntfset_…)`. */
  readonly summary: string;
  /** What a person has to change at Paddle. Absent: nothing. */
  readonly failed?: string;
}

export interface CustomResourcePorts {
  readonly register: (configuration: Configuration, requestId: string) => Promise<Registered>;
  readonly webhooks: {
    reconcile(configuration: Configuration): Promise<WebhooksOutcome>;
    /** Ends deliveries. A destination that stays only fails to deliver. */
    retire(configuration: Configuration): Promise<void>;
  };
  /** Aborted when CloudFormation must be answered. */
  readonly signal: AbortSignal;
  readonly respond: (url: string, response: CustomResourceResponse) => Promise<void>;
  readonly log: {
    info(message: string, fields: Readonly<Record<string, unknown>>): void;
    error(message: string, fields: Readonly<Record<string, unknown>>): void;
  };
}

/** Never changes: a changed id would make CloudFormation delete the old resource. */
const PHYSICAL_ID = 'paddlewheel-configuration';
/** CloudFormation takes a response of at most 4,096 bytes, other fields included; one that is larger it does not take at all. */
const MOST_BYTES = 1_500;
/** A million integrations' worth; a bound against a decompression that never ends. */
const CONFIGURATION_MAX_BYTES = 64 * 1024 * 1024;

interface Outcome {
  /** Why the deploy fails. */
  readonly failure?: string;
  readonly webhooks?: string;
  /** The deploy ends well, but a person has to act: the platform must see it. */
  readonly failed?: string;
  /** Work that was not over in time. */
  readonly rest?: Promise<unknown>;
}

const AGAIN = 'it is tried again every hour';

/**
 * Always answers, so that a deploy never waits in vain.
 * @throws DestinationsError after the answer, for what Paddle refused: an alarm tells of it. Error when the answer could not be delivered
 */
export async function handleCustomResource(request: CustomResourceRequest, ports: CustomResourcePorts): Promise<void> {
  const { failure, webhooks, failed, rest } = await perform(request, ports);
  await ports.respond(request.ResponseURL, {
    Status: failure === undefined ? 'SUCCESS' : 'FAILED',
    ...(failure === undefined ? {} : { Reason: shown(failure) }),
    ...(webhooks === undefined ? {} : { Data: { webhooks: shown(webhooks) } }),
    PhysicalResourceId: request.PhysicalResourceId ?? PHYSICAL_ID,
    StackId: request.StackId,
    RequestId: request.RequestId,
    LogicalResourceId: request.LogicalResourceId,
  });
  await rest;
  if (failed !== undefined && failure === undefined) throw new DestinationsError(failed);
}

async function perform(request: CustomResourceRequest, ports: CustomResourcePorts): Promise<Outcome> {
  const { RequestType, RequestId, ResourceProperties } = request;
  try {
    const configuration = decode(ResourceProperties);
    if (RequestType === 'Delete') {
      // Destroying the stack leaves every token and every target as it is: nothing is revoked, ever, by a deploy or a destroy.
      const retired = await inTime(ports.webhooks.retire(configuration), ports.signal);
      return retired.done ? {} : { rest: retired.rest };
    }
    const registered = await ports.register(configuration, RequestId);
    ports.log.info('configuration registered', { requestType: RequestType, ...registered });
    const outcome = await webhooksOf(configuration, ports);
    const strict = ResourceProperties.strict === 'true';
    return strict && outcome.failed !== undefined
      ? { failure: `Paddlewheel could not set up the webhooks: ${outcome.failed}` }
      : outcome;
  } catch (error) {
    ports.log.error('configuration not registered', { requestType: RequestType, error });
    // A destroy that fails for want of words would leave a stack that cannot be removed.
    if (RequestType === 'Delete') return {};
    return { failure: reasonOf(error) };
  }
}

/** Paddle's failures are no reason to roll a deploy back: the rollback would meet the same failure, and the stack be stuck. */
async function webhooksOf(
  configuration: Configuration,
  { webhooks, signal, log }: CustomResourcePorts,
): Promise<Outcome> {
  try {
    const outcome = await inTime(webhooks.reconcile(configuration), signal);
    if (outcome.done) {
      const { summary, failed } = outcome.value;
      return { webhooks: redact(summary), ...(failed === undefined ? {} : { failed: redact(failed) }) };
    }
    const late = `the webhooks were not set up in time; ${AGAIN}`;
    return { webhooks: late, failed: late, rest: outcome.rest };
  } catch (error) {
    log.error('webhooks not set up', { error });
    const message = redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    return { webhooks: `not set up (${message}; ${AGAIN})`, failed: message };
  }
}

/** The text as whoever deploys reads it in a terminal, as far as there is room for it as JSON. */
function shown(text: string): string {
  let [bytes, kept] = [0, ''];
  for (const character of printable(text)) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > MOST_BYTES) break;
    kept += character;
  }
  return kept;
}

function reasonOf(error: unknown): string {
  if (error instanceof RefusedConfigurationError) return `Paddlewheel refuses this configuration: ${error.message}`;
  return `Paddlewheel could not register the configuration: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** JSON, or base64 of Brotli-compressed JSON when it would be long. */
export function decode({ configuration }: RegistrarProperties): Configuration {
  const json = configuration.startsWith('{')
    ? configuration
    : brotliDecompressSync(Buffer.from(configuration, 'base64'), { maxOutputLength: CONFIGURATION_MAX_BYTES });
  const { accounts, integrations } = JSON.parse(json.toString()) as Configuration;
  if (!Array.isArray(accounts) || !Array.isArray(integrations))
    throw new TypeError('the properties hold no accounts and integrations');
  return { accounts, integrations };
}

const ATTEMPTS = 3;
const ATTEMPT_MS = 8_000;

/** Puts the response to CloudFormation's presigned address. @throws Error when three attempts did not get through */
export async function respond(url: string, response: CustomResourceResponse): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Bytes, not text: fetch would add a content type to a text, and the address is signed for none.
      const body = new TextEncoder().encode(JSON.stringify(response));
      const answer = await fetch(url, { method: 'PUT', body, signal: AbortSignal.timeout(ATTEMPT_MS) });
      await answer.arrayBuffer();
      if (answer.ok) return;
      throw new Error(`CloudFormation answered ${answer.status}`);
    } catch (cause) {
      // The address itself is a credential, so it is in no message.
      if (attempt === ATTEMPTS) throw new Error('the outcome could not be reported to CloudFormation', { cause });
    }
  }
}
