/** What is not getting on, of all integrations and of the accounts that the API has registered: a page at a time. */
import type { Instant } from '../domain/model.ts';
import type { Ledger } from './ports.ts';

/** What keeps the notification destination of an account. */
export interface AccountFailure {
  readonly account: string;
  readonly code: string;
  readonly message: string;
  readonly since: Instant;
}

export interface FailingParts {
  readonly ledger: Pick<Ledger, 'load'>;
  readonly registry: { integrations(): Promise<readonly { readonly integration: string }[]> };
  /** Absent: the API has registered none. */
  readonly accounts?: {
    /** In the order of their names. */
    names(): Promise<readonly string[]>;
    failure(account: string): Promise<AccountFailure | undefined>;
  };
}

export interface Failing {
  /** Absent: the account's webhooks. */
  readonly integration?: string;
  readonly account: string;
  readonly owner: 'file' | 'api';
  readonly step: string;
  readonly code?: string;
  readonly message: string;
  readonly since: Instant;
  readonly nextAttemptAt?: Instant;
}

export interface FailingAnswer {
  readonly outcome: 'failing';
  readonly failing: readonly Failing[];
  readonly message: string;
  /** There is more: ask again with `after`. */
  readonly after?: string;
}

/** Looked at for one answer; the function ends after 30 s. */
const MOST = 1_000;
const SIDE_BY_SIDE = 50;

/** @param after where the answer before ended */
export async function failing(after: string, parts: FailingParts): Promise<FailingAnswer> {
  const names = [
    ...(await parts.registry.integrations()).map(({ integration }) => `INTEGRATION ${integration}`),
    ...((await parts.accounts?.names()) ?? []).map((account) => `ACCOUNT ${account}`),
  ];
  const left = names.filter((name) => name > after).toSorted();
  const page = left.slice(0, MOST);
  const found: (Failing | undefined)[] = [];
  for (let start = 0; start < page.length; start += SIDE_BY_SIDE)
    found.push(...(await Promise.all(page.slice(start, start + SIDE_BY_SIDE).map((name) => failingOf(name, parts)))));
  const listed = found.filter((one) => one !== undefined);
  return {
    outcome: 'failing',
    failing: listed,
    message: `${listed.length} of ${page.length} are not getting on.`,
    ...(left.length > page.length ? { after: page.at(-1) } : {}),
  };
}

async function failingOf(name: string, { ledger, accounts }: FailingParts): Promise<Failing | undefined> {
  const [kind, subject = ''] = name.split(' ');
  if (kind === 'ACCOUNT') {
    const failure = await accounts?.failure(subject);
    return failure && { ...failure, owner: 'api', step: 'webhooks' };
  }
  const loaded = await ledger.load(subject);
  if (!loaded?.config.managed) return undefined;
  const { config, state } = loaded;
  const waits = state.retry ?? state.unanswered;
  const about = { integration: config.name, account: config.account, owner: config.owner ?? ('file' as const) };
  if (waits) {
    const { step, code, message, since, nextAttemptAt } = waits;
    return { ...about, step, code, message, since, nextAttemptAt };
  }
  if (!state.repair) return undefined;
  const { reason, message, since, nextAttemptAt } = state.repair;
  return { ...about, step: 'restore', code: reason, message: message ?? reason, since, nextAttemptAt };
}
