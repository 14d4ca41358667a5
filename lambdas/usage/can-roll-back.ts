/** May a pipeline go back to an older build? Not to one whose token is revoked: its checkouts would fail. Records nothing. */
import * as z from 'zod/mini';
import type { TokenStatus } from '../domain/model.ts';
import type { StateReader, UsageRecords } from './ports.ts';

const text = (most: number, error: string) =>
  z.string(error).check(z.trim(), z.minLength(1, error), z.maxLength(most, error));

const Question = z.strictObject(
  {
    action: z.literal('can-roll-back'),
    integration: text(128, 'integration: the name of an integration, a text of 1 to 128 characters'),
    consumer: text(128, 'consumer: who uses the token, a text of 1 to 128 characters'),
    build: text(256, 'build: the build to go back to, a text of 1 to 256 characters'),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? 'there is a property that is not known' : undefined) },
);

export interface RollBackAnswer {
  readonly integration?: string;
  readonly outcome: 'allowed' | 'refused' | 'rejected';
  readonly tokenId?: string;
  readonly status?: TokenStatus;
  readonly faults?: readonly string[];
  readonly message: string;
}

export const asksToRollBack = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'action' in payload && payload.action === 'can-roll-back';

/** @throws what the ledger throws: no answer is not a permission */
export async function canRollBack(
  payload: unknown,
  { ledger, records }: { ledger: StateReader; records: Pick<UsageRecords, 'tokenOfBuild'> },
): Promise<RollBackAnswer> {
  const { data, error } = Question.safeParse(payload);
  if (error) {
    const faults = error.issues.map(({ message }) => message);
    return { outcome: 'rejected', faults, message: faults.join('; ') };
  }
  const { integration, consumer, build } = data;
  const found = await ledger.load(integration);
  if (!found) {
    const faults = ['integration: no integration of this name is configured'];
    return { integration, outcome: 'rejected', faults, message: faults.join('; ') };
  }
  const tokenId = await records.tokenOfBuild(integration, consumer, build);
  if (tokenId === undefined) {
    const message = `It is not known which token build ${build} of ${consumer} holds: it was never reported. Build again from that commit.`;
    return { integration, outcome: 'refused', message };
  }
  const status = found.state.tokens.find(({ id }) => id === tokenId)?.status ?? 'revoked';
  return { integration, tokenId, status, ...judge(tokenId, status, build) };
}

function judge(tokenId: string, status: TokenStatus, build: string): Pick<RollBackAnswer, 'outcome' | 'message'> {
  switch (status) {
    case 'current':
      return { outcome: 'allowed', message: `Build ${build} holds the current token ${tokenId}.` };
    case 'superseded':
      return {
        outcome: 'allowed',
        message: `Build ${build} holds ${tokenId}, which is superseded and still valid. Report the deployment at once, or hold the token: else it is revoked when its grace window and the evidence allow it.`,
      };
    case 'revoked':
      return {
        outcome: 'refused',
        message: `Build ${build} holds ${tokenId}, which is revoked for ever: its checkouts would fail. Build again from that commit, with the current token.`,
      };
    default:
      return {
        outcome: 'refused',
        message: `Build ${build} holds ${tokenId}, which is ${status}: it may stop working at any moment. Build again from that commit, with the current token.`,
      };
  }
}
