/** Can this integration do its work? Reads only, with the permissions that a rotation has. */
import { EffectError } from '../domain/errors.ts';
import { targetName } from '../domain/targets.ts';
import { currentToken, knownTokenId } from '../domain/tokens.ts';
import type { Answer } from './answer.ts';
import type { World } from './reconcile.ts';
import type { Snapshot } from './snapshot.ts';

/** Paddle's ids are ULIDs: this one would be of 1970. An answer about it shows that the key is taken. */
const NOBODYS_TOKEN = 'ctkn_00000000000000000000000000';

interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Asks Paddle about the current token, and reads every target. What cannot be answered is a fault, not an error. */
export async function check({ config, state }: Snapshot, { ledger, paddle, targets }: World): Promise<Answer> {
  const account = await ledger.account(config.account);
  if (!account) throw new Error(`account ${config.account} is not in the ledger`);
  const current = currentToken(state);
  const checks = [
    await answered('Paddle', async () => {
      const token = await paddle(account, knownTokenId(state), 'heal').get(current?.id ?? NOBODYS_TOKEN);
      if (!current) return [true, `takes the API key of ${account.name}; there is no token yet`];
      return [token?.status === 'active', `says that ${current.id} is ${token?.status ?? 'unknown'}`];
    }),
  ];
  for (const target of config.targets) {
    checks.push(
      await answered(targetName(target), async () => {
        const value = await targets.read(target);
        if (!current) return [true, 'can be read'];
        if (value === current.value) return [true, 'holds the current token'];
        return [false, value === undefined ? 'holds nothing' : 'holds something other than the current token'];
      }),
    );
  }
  const faults = checks.filter(({ ok }) => !ok).length;
  return {
    integration: config.name,
    outcome: 'checked',
    account: config.account,
    environment: config.environment,
    checks,
    message: faults > 0 ? `${faults} of ${checks.length} checks failed.` : `All ${checks.length} checks passed.`,
  };
}

async function answered(what: string, ask: () => Promise<[boolean, string]>): Promise<Check> {
  try {
    const [ok, message] = await ask();
    return { what, ok, message };
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    return { what, ok: false, message: error.message };
  }
}
