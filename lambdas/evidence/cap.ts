import type { Check } from './check.ts';

/** At most so many revocations per account and window, whatever goes wrong. */
export const checkCap: Check = async ({ account, token }, { cap }) => {
  const max = account.maxRevocationsPerRun;
  if (await cap.reserve(account.name, max, token.id)) {
    return { kind: 'cap', satisfied: true, reason: 'within_cap', message: `Within the cap of ${max} revocations.` };
  }
  const message = `The cap of ${max} revocations for account ${account.name} is reached for now.`;
  return { kind: 'cap', satisfied: false, reason: 'cap_reached', message };
};
