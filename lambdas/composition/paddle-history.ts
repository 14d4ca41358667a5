/** Paddle's events and active tokens of each account. */
import { secretsManagerClient, ssmClient } from '../adapters/aws/clients.ts';
import { createCredentialStore } from '../adapters/aws/credentials.ts';
import { createPaddleAccounts, type PaddleAccountsOptions } from '../adapters/paddle-accounts.ts';
import type { PaddleHistory, UnreadableToken } from '../backfill/ports.ts';
import type { Account, PaddleToken } from '../domain/model.ts';
import type { PaddleClient } from '../paddle/client.ts';
import { plainId, propertiesOf } from '../paddle/envelope.ts';
import { checkToken, isMalformed } from '../paddle/environment.ts';
import { createEvents } from '../paddle/events.ts';
import { clientTokenSchema } from '../paddle/types.ts';

export function createHistories(options: Omit<PaddleAccountsOptions, 'store'>): (account: Account) => PaddleHistory {
  const store = createCredentialStore({ secretsManager: secretsManagerClient, ssm: ssmClient });
  const paddle = createPaddleAccounts({ ...options, store });
  return (account) => createHistory(paddle(account, 'sweep'), account);
}

/** Revoked tokens pile up for ever at Paddle: the active ones tell all, and their number does not grow. */
export const createHistory = (client: Pick<PaddleClient, 'pages'>, account: Account): PaddleHistory => ({
  ...createEvents(client),
  async activeTokens() {
    const tokens: PaddleToken[] = [];
    const unreadable: UnreadableToken[] = [];
    const keepApart = (item: unknown, faults: readonly string[]) =>
      void unreadable.push({ item, faults, id: plainId(propertiesOf(item)?.id) });
    const list = client.pages({
      path: '/client-tokens?status=active&per_page=200&order_by=id[ASC]',
      entity: clientTokenSchema,
      intent: 'list client-side tokens',
      permission: 'client_token.read',
      deadlineMs: 120_000,
      onUnreadable: keepApart,
    });
    for await (const page of list) {
      for (const token of page) {
        if (isMalformed(token, account.environment)) {
          keepApart(token, ['id or token']);
          continue;
        }
        // A key of another environment would make every token of ours look lost.
        checkToken(token, account.environment);
        const { id, name, created_at: createdAt } = token;
        tokens.push({ id, name, createdAt, token: token.token, status: 'active' });
      }
    }
    return { tokens, unreadable };
  },
});
