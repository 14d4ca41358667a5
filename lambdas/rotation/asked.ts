/** What every request begins with: is it well-formed, and about which integration? */
import type { Usage } from '../domain/model.ts';
import type { Clock } from '../domain/ports.ts';
import { instant } from '../domain/time.ts';
import { type Answer, breakage, rejected, status } from './answer.ts';
import type { Ledger } from './ports.ts';
import { parseRequest, type RotateRequest } from './request.ts';
import type { Snapshot } from './snapshot.ts';

export type Request = RotateRequest & { readonly requestId: string; readonly isIdOfCall: boolean };

export interface Asked {
  readonly request: Request;
  readonly snapshot: Snapshot;
  readonly usage: readonly Usage[];
}

export interface AskedParts {
  readonly ledger: Pick<Ledger, 'load' | 'usage'>;
  readonly clock: Clock;
}

/** @returns what is asked for, with all that the ledger knows of it, or why not */
export async function understand(
  payload: unknown,
  invocationId: string,
  { ledger, clock }: AskedParts,
): Promise<Asked | { readonly no: Answer }> {
  const parsed = parseRequest(payload);
  if ('faults' in parsed) return { no: rejected(nameIn(payload), parsed.faults) };
  const isIdOfCall = parsed.request.requestId === undefined;
  const request = { ...parsed.request, requestId: parsed.request.requestId ?? invocationId, isIdOfCall };
  const { integration, environment } = request;
  const loaded = await ledger.load(integration);
  if (!loaded) return { no: rejected(integration, [`integration: no integration "${integration}" is configured.`]) };
  if (environment && environment !== loaded.config.environment)
    return { no: rejected(integration, [`environment: ${integration} belongs to ${loaded.config.environment}.`]) };
  const snapshot: Snapshot = { ...loaded, now: instant(clock.now()), runId: 'nobody', recheck: [] };
  return { request, snapshot, usage: await ledger.usage(integration) };
}

/** All that the ledger knows of it, for `status`. */
export async function statusOf(
  { snapshot, usage }: Asked,
  ledger: Pick<Ledger, 'hookCalls' | 'seen'>,
): Promise<Answer> {
  const { name, seen } = snapshot.config;
  const [calls, days] = await Promise.all([ledger.hookCalls(name), seen ? ledger.seen(name) : []]);
  return status(snapshot, usage, calls, days);
}

/** An emergency ends the current token in any case, besides the one that it names. What ends none at once breaks nothing. */
export function breaksOf({ request, snapshot, usage }: Asked): readonly string[] {
  if (!request.emergency && request.action !== 'revoke') return [];
  const ended = new Set(request.emergency ? [undefined, request.tokenId] : [request.tokenId]);
  return [...new Set([...ended].flatMap((tokenId) => breakage(snapshot, usage, tokenId)))];
}

const nameIn = (payload: unknown): string => {
  const name = typeof payload === 'object' && payload !== null && 'integration' in payload ? payload.integration : '';
  return typeof name === 'string' && /^[a-z0-9-]{1,63}$/.test(name) ? name : '';
};
