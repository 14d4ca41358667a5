import type { IntegrationState, PaddleToken } from '../../domain/model.ts';
import { currentToken, tokenById } from '../../domain/tokens.ts';
import type { Context } from '../change.ts';
import { intend } from '../intend.ts';
import type { Command } from '../reconcile.ts';
import { type Asker, doomed, isDoomed, reject, standing, taken } from './asker.ts';

/** What was found out about a token before adopting it. */
export interface AdoptionFacts {
  readonly tokenId: string;
  /** Paddle's answer; absent: unknown in the account's environment. */
  readonly answer?: PaddleToken;
  readonly owner?: string;
}

/** Make an existing token the current one without minting. */
export const adopt =
  (facts: AdoptionFacts, asker: Asker): Command =>
  (state, context) => {
    const what = `adopt ${facts.tokenId}`;
    const before = taken(state, asker, what);
    if (before) return before;
    const faults = adoptionFaults(state, facts, context);
    if (faults.length > 0) return reject(...faults);
    if (currentToken(state)?.id === facts.tokenId) return {};
    const source = { kind: 'adopt', tokenId: facts.tokenId } as const;
    return { change: intend(state, { trigger: 'adopt', source, emergency: false, ...asker, what }, context) };
  };

function adoptionFaults(state: IntegrationState, facts: AdoptionFacts, context: Context): string[] {
  const { tokenId, answer, owner } = facts;
  const { name, environment } = context.config;
  const faults: string[] = [];
  const fault = standing(state, context);
  if (fault) faults.push(fault);
  if (state.rotation)
    faults.push(`action: rotation ${state.rotation.rotationId} is under way; adopt when it has ended.`);
  if (!answer) faults.push(`tokenId: Paddle does not know ${tokenId} in this account (${environment}).`);
  if (answer?.status === 'revoked') faults.push(`tokenId: ${tokenId} is revoked, and that is permanent.`);
  if (owner !== undefined && owner !== name) faults.push(`tokenId: ${tokenId} belongs to integration "${owner}".`);
  const known = tokenById(state, tokenId);
  if (known?.status === 'revoked') faults.push(`tokenId: ${tokenId} was revoked, and that is permanent.`);
  else if (known && isDoomed(known)) faults.push(doomed(known));
  else if (known?.status === 'superseded')
    faults.push(`tokenId: ${tokenId} is a superseded token of this integration; use "rollback".`);
  return faults;
}
