/**
 * Every publication calls every deploy hook of its integration, at least once. A line in the audit trail says that it was
 * done: searched for before the call, written after it, so that a crash in between repeats a build and never skips one.
 */
import { createHash } from 'node:crypto';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { DeployHook } from '../contract.ts';
import { EffectError } from '../domain/errors.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { HookCaller, HookLedger, HookRecord, HookTrail, Publication } from './ports.ts';
import { parsePublication } from './publication.ts';

export interface CallHooksParts {
  readonly ledger: HookLedger;
  readonly trail: HookTrail;
  readonly caller: HookCaller;
  readonly clock: Clock;
  readonly log: Log;
}

/** Some hook of the publication was not called; the queue comes again with it. */
class UncalledError extends Error {
  override readonly name = 'UncalledError';
}

/**
 * The function behind the queue of publications.
 * @returns the messages of which something is left to do: the queue comes again with them, and after its last attempt
 *   puts them aside where an alarm sees them
 */
export function createCallHooks(parts: CallHooksParts): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body, attributes } of event.Records) {
      try {
        await callAll(parts, parsePublication(body), Number(attributes.ApproximateReceiveCount));
      } catch (error) {
        parts.log.error('Deploy hooks are called again later', { messageId, error });
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}

async function callAll(parts: CallHooksParts, publication: Publication, attempt: number): Promise<void> {
  const hooks = await parts.ledger.hooks(publication.integration);
  // Side by side: one that hangs must not keep the others waiting.
  const results = await Promise.allSettled(hooks.map((hook) => callOnce(parts, hook, publication, attempt)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length === 0) return;
  const message = `${failures.length} of ${hooks.length} deploy hooks of ${publication.integration} were not called`;
  throw new UncalledError(message, { cause: failures[0] });
}

async function callOnce(parts: CallHooksParts, hook: DeployHook, publication: Publication, attempt: number) {
  const { trail, caller, clock, log } = parts;
  const { integration } = publication;
  const id = `${publication.id}#hook-${fingerprint(hook)}`;
  const label = labelOf(hook);
  if (await trail.has(publication, id)) {
    log.info('A deploy hook was called before for this publication', {
      integration,
      publication: publication.id,
      label,
    });
    return;
  }
  const at = () => new Date(clock.now()).toISOString();
  const about = { publication: publication.id, hook: label, attempt };
  try {
    const status = await caller.call(hook, publication);
    const message = `A build of ${integration} was started: ${label} answered ${status}.`;
    // Before the line in the trail: a crash in between calls again, and nobody forgets to wait for the deployment.
    await parts.ledger.accepted({
      ...{ integration, hook: fingerprint(hook), label, publication: publication.id, at: at() },
      ...(publication.tokenId === undefined ? {} : { tokenId: publication.tokenId }),
      ...(hook.deployWithinMs === undefined ? {} : { withinMs: hook.deployWithinMs }),
    });
    await trail.append(publication, {
      ...recordOf(publication),
      id,
      type: 'hook.called',
      at: at(),
      message,
      details: { ...about, status },
    });
    log.info(message, { integration, publication: publication.id });
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    const message = `A build of ${integration} could not be started at attempt ${attempt}: ${label}: ${error.message}.`;
    const failure = { id: `${id}#failed-${attempt}`, type: 'hook.failed', at: at(), reason: error.code } as const;
    await trail.append(publication, { ...recordOf(publication), ...failure, message, details: about });
    throw error;
  }
}

const recordOf = ({
  account,
  integration,
  tokenId,
  rotationId,
}: Publication): Omit<HookRecord, 'id' | 'type' | 'at' | 'message'> => ({
  account,
  integration,
  tokenId,
  rotationId,
});

/** Names the hook by what it is, not by its place: a deploy may reorder the list while a call is being repeated. */
const fingerprint = (hook: DeployHook): string =>
  createHash('sha256')
    .update(JSON.stringify(identity(hook)))
    .digest('hex')
    .slice(0, 16);

const identity = (hook: DeployHook): readonly unknown[] =>
  hook.kind === 'webhook'
    ? [hook.kind, Object.entries(hook.url)]
    : [hook.kind, hook.apiUrl, hook.repository, hook.eventType];

/** For people: where the address is kept, never what it is. */
function labelOf(hook: DeployHook): string {
  if (hook.kind === 'github') return `repository_dispatch "${hook.eventType}" of ${hook.repository}`;
  return `the webhook kept in ${'secret' in hook.url ? hook.url.secret : hook.url.ssmParameter}`;
}
