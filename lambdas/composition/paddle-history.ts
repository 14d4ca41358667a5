/** Paddle's events and active tokens of each account. */
import { secretsManagerClient, ssmClient } from '../adapters/aws/clients.ts';
import { createCredentialStore } from '../adapters/aws/credentials.ts';
import { createPaddleAccounts, type PaddleAccountsOptions } from '../adapters/paddle-accounts.ts';
import type { PaddleHistory } from '../backfill/ports.ts';
import type { Account, PaddleToken } from '../domain/model.ts';
import type { PaddleClient } from '../paddle/client.ts';
import { checkToken } from '../paddle/environment.ts';
import { createEvents } from '../paddle/events.ts';
import { clientTokenSchema } from '../paddle/types.ts';

export function createHistories(options: Omit<PaddleAccountsOptions, 'store'>): (account: Account) => PaddleHistory {
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  const paddle = createPaddleAccounts({ ...options, store });
  return (account) => createHistory(paddle(account), account);
}

/** Revoked tokens pile up for ever at Paddle: the active ones tell all, and their number does not grow. */
export const createHistory = (client: Pick<PaddleClient, 'pages'>, account: Account): PaddleHistory => ({
  ...createEvents(client),
  async activeTokens() {
    const tokens: PaddleToken[] = [];
    const list = client.pages({
      path: '/client-tokens?status=active&per_page=200&order_by=id[ASC]',
      entity: clientTokenSchema,
      intent: 'list client-side tokens',
      permission: 'client_token.read',
      deadlineMs: 120_000,
    });
    for await (const page of list) {
      for (const token of page) {
        // A key of another environment would make every token of ours look lost.
        checkToken(token, account.environment);
        const { id, name, created_at: createdAt } = token;
        tokens.push({ id, name, createdAt, token: token.token, status: 'active' });
      }
    }
    return tokens;
  },
});
