/**
 * The keys of both tables, in one place. Who writes what:
 *
 * ledger (`pk`, `sk`)
 *   ACCOUNT#a      CONFIG               registrar   account
 *   PACE#address   PACE                 rotate, backfill, registrar: when the next call to this address of Paddle may go out
 *   ACCOUNT#a      KEY                  rotate, backfill, registrar: what is known of the API key; never the key
 *   ACCOUNT#a      REVOCATIONS#window   rotate      revocations counted against the cap, with TTL
 *   ACCOUNT#a      READING              rotate      active tokens that a page of Paddle's list showed, for two minutes, with TTL
 *   ACCOUNT#a      DESTINATION          registrar   the notification destination at Paddle, under `version`
 *   ACCOUNT#a      WATERMARK            backfill    how far the trail is complete, under `version`
 *   INTEGRATION#i  CONFIG               registrar   configuration
 *   INTEGRATION#i  STATE                rotate      state, under `version`; `dueShard`/`dueAt` put it into the `due` index;
 *                                                   what heals has a partition of its own there.
 *                                                   The registrar creates it once, due at once, and never touches it again.
 *   INTEGRATION#i  USAGE#consumer[#preview|#unclear#stage#branch]  usage  latest report from there
 *   INTEGRATION#i  USED#consumer#build#phase  usage history, with TTL; finds the token of a build when it is deployed
 *   REPORTS#i      ctkn_…               observe, backfill, rotate: something was said of the token that Paddle has not answered yet.
 *                                                   Needs no lease; deleted only by the run that got the answer.
 *   HOOKS#i        hook                 hooks       the latest call of a deploy hook that was answered 2xx
 *   SEEN#i         ctkn_…#day           seen        what beacons said of the token on a day, with TTL
 *   CHECKS#i       id                   rotate      what a check saw, with TTL; `status` reads it
 *   CHAINS         WATERMARK            observe     how far the audit trail has been compared with its chains
 *   TOKEN#ctkn_…   OWNER                rotate      which integration has it, since which rotation
 *   REGISTRY       INTEGRATION#i        registrar   that there is such an integration, whose it is, and whether a reconcile is owed
 *   REGISTRY       ACCOUNT#a            registrar   that the API has registered the account, and whether its webhooks are owed
 *   TARGET#ssm|secret  name[#jsonKey]   registrar   which integration publishes there; the configuration decides
 *
 * audit trail (`pk`, `sk`; append-only)
 *   TOKEN#ctkn_…  |  INTEGRATION#i  |  ACCOUNT#a      <instant, µs>#<id>
 *   ACCOUNT#a     UNREADABLE#<id>                     webhook, backfill: what cannot be read, kept apart
 *   CHAIN#<pk>    <seq> | OF#<sk>                     observe: the digest of each record (`domain/audit-chain.ts`)
 *   `writtenIn` of every record is the hour in which it was written (index `by-hour-written`).
 *   The instant first, so that one token's life reads in order; the id makes the key unique and the put idempotent.
 */
import { DUE_INDEX, type Target } from '../../contract.ts';
import { stableHash } from '../../domain/hash.ts';
import { targetName } from '../../domain/targets.ts';

export const ledgerKeys = {
  account: (name: string) => ({ pk: `ACCOUNT#${name}`, sk: 'CONFIG' }),
  pace: (apiUrl: string) => ({ pk: `PACE#${apiUrl}`, sk: 'PACE' }),
  key: (account: string) => ({ pk: `ACCOUNT#${account}`, sk: 'KEY' }),
  revocations: (account: string, window: string) => ({ pk: `ACCOUNT#${account}`, sk: `REVOCATIONS#${window}` }),
  reading: (account: string) => ({ pk: `ACCOUNT#${account}`, sk: 'READING' }),
  destination: (account: string) => ({ pk: `ACCOUNT#${account}`, sk: 'DESTINATION' }),
  watermark: (account: string) => ({ pk: `ACCOUNT#${account}`, sk: 'WATERMARK' }),
  config: (integration: string) => ({ pk: `INTEGRATION#${integration}`, sk: 'CONFIG' }),
  state: (integration: string) => ({ pk: `INTEGRATION#${integration}`, sk: 'STATE' }),
  usage: (integration: string, consumer: string) => ({ pk: `INTEGRATION#${integration}`, sk: `USAGE#${consumer}` }),
  used: (integration: string, consumer: string, build: string, phase: string) => ({
    pk: `INTEGRATION#${integration}`,
    sk: `USED#${consumer}#${build}#${phase}`,
  }),
  report: (integration: string, tokenId: string) => ({ pk: `REPORTS#${integration}`, sk: tokenId }),
  hookCall: (integration: string, hook: string) => ({ pk: `HOOKS#${integration}`, sk: hook }),
  seen: (integration: string, tokenId: string, day: string) => ({ pk: `SEEN#${integration}`, sk: `${tokenId}#${day}` }),
  check: (integration: string, checkId: string) => ({ pk: `CHECKS#${integration}`, sk: checkId }),
  chains: { pk: 'CHAINS', sk: 'WATERMARK' },
  owner: (tokenId: string) => ({ pk: `TOKEN#${tokenId}`, sk: 'OWNER' }),
  /** No name of a secret or parameter holds `#`. */
  target: (target: Target) => ({ pk: `TARGET#${target.kind}`, sk: targetName(target).slice(target.kind.length + 1) }),
} as const;

/** The partition of the `due` index for what heals a checkout: the heartbeat hands that out first. */
export const HEALING_SHARD = 'DUE#0';

/** Which of the others an integration lives in: stable, and even over many integrations. */
export const dueShard = (integration: string): string =>
  `DUE#${1 + (stableHash(integration) % (DUE_INDEX.shards - 1))}`;

export const dueShards = Array.from({ length: DUE_INDEX.shards }, (_, shard) => `DUE#${shard}`);
