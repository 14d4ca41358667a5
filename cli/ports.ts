/** What the commands need of AWS. */
import type { AuditTrail } from '../lambdas/adapters/dynamodb/audit-trail.ts';
import type { Watermark } from '../lambdas/backfill/watermark.ts';
import type { CredentialSource, Names } from '../lambdas/contract.ts';
import type { TrailRecord } from '../lambdas/domain/audit-chain.ts';
import type { Account, Instant } from '../lambdas/domain/model.ts';
import type { DestinationRecord } from '../lambdas/registrar/destinations/model.ts';

/** The function ran and threw; the message is its own, with secrets masked. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError';
  constructor(functionName: string, message: string) {
    super(`${functionName} failed: ${message}`);
  }
}

/** What a function answered: JSON. Every answer has `outcome` and `message`. */
export type FunctionAnswer = Readonly<Record<string, unknown>>;

export interface CliAws {
  /** How the resources of this installation are called. */
  readonly names: Names;
  /** @throws FunctionFailedError; the SDK's own errors when the function could not be reached */
  invoke(name: string, payload: object): Promise<FunctionAnswer>;
  /** ARN of whoever calls. */
  identity(): Promise<string>;
  /** Read with the caller's own permission: no function may read the trail. */
  trail(): Promise<AuditTrail>;
  /** Every item of one partition of the trail, chains (`CHAIN#…`) included, as it is stored. */
  trailItems(pk: string): Promise<readonly TrailRecord[]>;
  /** One record, read consistently; `undefined` when there is none. */
  trailItem(pk: string, sk: string): Promise<TrailRecord | undefined>;
  /** Every partition, chains included. Reads the whole table. */
  trailPartitions(): Promise<readonly string[]>;
  /** Ids of all tokens that the integration ever took possession of. */
  tokensOf(integration: string): Promise<readonly string[]>;
  due(now: Instant): Promise<readonly { readonly integration: string; readonly dueAt: Instant }[]>;
  /** `Active` when all is well. @throws the SDK's error when there is no such function */
  functionState(name: string): Promise<string>;
  /** `ACTIVE` when all is well. */
  tableState(table: 'ledger' | 'audit trail'): Promise<string>;
  /** The latest export of the trail, `COMPLETED`, `IN_PROGRESS` or `FAILED` and why; `undefined` when there is none. */
  lastExport(): Promise<string | undefined>;
  /** Has the heartbeat logged anything since then (epoch ms)? Every tick does. */
  hasTicked(since: number): Promise<boolean>;
  /** The text of a credential, read with the caller's own permission. Never printed. */
  credential(source: CredentialSource): Promise<string>;
  account(name: string): Promise<Account | undefined>;
  /** What the registrar knows of the account's notification destination; a fresh record when it knows nothing. */
  destination(account: string): Promise<DestinationRecord>;
  /** How far the account's trail is complete; a fresh one when it was never compared. */
  watermark(account: string): Promise<Watermark>;
  /** Where webhooks come in, without a slash at the end. */
  webhookBase(): Promise<string | undefined>;
}

/** Of every integration that was ever registered. */
export const namesOf = async (aws: CliAws): Promise<readonly string[]> =>
  (await aws.invoke(aws.names.status, { action: 'list' })).integrations as readonly string[];
