/** Who calls the registrar: CloudFormation, the hourly schedule, a person. */

import {
  reconcileDestinations,
  refuse,
  rotateSecret,
  type SecretRotationAnswer,
  summary,
} from './destinations/all-destinations.ts';
import type { DestinationPorts } from './destinations/ports.ts';

export interface MaintainRequest {
  readonly action: 'maintain-webhooks';
  readonly accounts: readonly string[];
}

export type ActionRequest =
  | MaintainRequest
  | {
      readonly action: 'rotate-webhook-secret';
      readonly account: string;
      /** How long both secrets stay valid: 60 to 604800. Default a day. */
      readonly overlapSeconds?: number;
      readonly reason?: string;
    };

export type ActionAnswer =
  | SecretRotationAnswer
  | { readonly outcome: 'maintained' | 'rejected'; readonly message: string };

const LEAST_OVERLAP_S = 60;
const MOST_OVERLAP_S = 7 * 86_400;

/** @throws DestinationsError for the platform to see, when an account is not in order */
export async function handleAction(request: unknown, ports: DestinationPorts): Promise<ActionAnswer> {
  const { action, accounts, account, overlapSeconds, reason } = (request ?? {}) as Record<string, unknown>;
  if (action === 'maintain-webhooks' && isTexts(accounts)) return maintainNamed(accounts, ports);
  if (action !== 'rotate-webhook-secret')
    return rejected('action: is "rotate-webhook-secret" (with "account") or "maintain-webhooks" (with "accounts")');
  const faults = [
    ...(typeof account === 'string' && account !== '' ? [] : ['account: is missing']),
    ...(overlapSeconds === undefined || isOverlap(overlapSeconds)
      ? []
      : [`overlapSeconds: is a whole number from ${LEAST_OVERLAP_S} to ${MOST_OVERLAP_S}`]),
    ...(reason === undefined || (typeof reason === 'string' && reason.length <= 500)
      ? []
      : ['reason: is a text of at most 500 characters']),
  ];
  if (faults.length > 0) return rejected(faults.join('; '));
  const overlapMs = overlapSeconds === undefined ? undefined : Number(overlapSeconds) * 1000;
  return rotateSecret({ account: String(account), overlapMs, reason: reason as string | undefined }, ports);
}

async function maintainNamed(names: readonly string[], ports: DestinationPorts): Promise<ActionAnswer> {
  const accounts = await Promise.all(names.map((name) => ports.ledger.account(name)));
  const findings = await reconcileDestinations(
    accounts.filter((account) => account !== undefined).filter(({ managed }) => managed !== false),
    ports,
  );
  refuse(findings, ['pending', 'failed']);
  return { outcome: 'maintained', message: summary(findings) };
}

const rejected = (message: string) => ({ outcome: 'rejected' as const, message });
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isOverlap = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= LEAST_OVERLAP_S && Number(value) <= MOST_OVERLAP_S;
