/** Performs one decision: the only place of the reconciler that touches the world, besides the ledger. */

import { EffectError } from '../domain/errors.ts';
import type { Account, PaddleToken, Target } from '../domain/model.ts';
import { targetName } from '../domain/targets.ts';
import { DAY, earliest, HOUR, later } from '../domain/time.ts';
import { parseTokenName } from '../domain/token-name.ts';
import { currentToken, tokenById } from '../domain/tokens.ts';
import { wordOf } from '../domain/usage.ts';
import { gatherEvidence } from '../evidence/gate.ts';
import { scanSites } from '../evidence/scan-round.ts';
import { differingTargets } from '../evidence/targets.ts';
import type { Decision } from './decision.ts';
import { failureOf, type Outcome, type TargetReading } from './outcome.ts';
import type { Effects, Targets } from './ports.ts';
import { publishEverywhere } from './publish.ts';
import type { Snapshot } from './snapshot.ts';
import { isRevokedNews } from './transitions/revoked-at-targets.ts';
import { hasUnrecordedSighting } from './transitions/sightings.ts';
import { watchPages } from './watch-pages.ts';

/** Lists go this far behind the intent, for clocks that disagree. */
const LIST_MARGIN = HOUR;

export interface Actors extends Effects {
  /** @throws ConflictError when the lease is about to run out: writing on could undo what another run has done */
  readonly mayWrite: () => Promise<void>;
}

/** What a write would destroy, and nobody has noted: the run may die with it. */
class RecordFirst extends Error {
  override readonly name = 'RecordFirst';
}

/** An `EffectError` becomes a value; anything else is a defect and kills the run, which the next reconcile heals. */
export async function act(decision: Decision, snapshot: Snapshot, account: Account, world: Actors): Promise<Outcome> {
  const read: TargetReading[] = [];
  const targets: Targets = {
    read: async (target) => {
      const text = await world.targets.read(target);
      read.push({ target: targetName(target), ...(text === undefined ? {} : { text }) });
      return text;
    },
    write: (...args) => world.targets.write(...args),
  };
  const mayWrite = async () => {
    if (mustBeNoted(snapshot, read)) throw new RecordFirst();
    await world.mayWrite();
  };
  try {
    return { ...(await perform(decision, snapshot, account, { ...world, targets, mayWrite })), read };
  } catch (error) {
    if (error instanceof RecordFirst) {
      await readOthers(snapshot.config.targets, read, targets);
      return { kind: 'sighted', read };
    }
    if (error instanceof EffectError) return { kind: 'failed', failure: failureOf(error), read };
    throw error;
  }
}

/** One stop for all that is to be noted: a broken checkout waits for it. What cannot be read may hang, and ends it. */
async function readOthers(all: readonly Target[], read: readonly TargetReading[], targets: Targets): Promise<void> {
  const known = new Set(read.map(({ target }) => target));
  try {
    for (const target of all) if (!known.has(targetName(target))) await targets.read(target);
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
  }
}

/** With the target overwritten, nobody else could tell of what it held. */
const mustBeNoted = ({ state, config, now }: Snapshot, read: readonly TargetReading[]): boolean =>
  hasUnrecordedSighting(state, read) || isRevokedNews(state, read, { config, now });

async function perform(decision: Decision, snapshot: Snapshot, account: Account, world: Actors): Promise<Outcome> {
  const { now, config, state } = snapshot;
  switch (decision.kind) {
    case 'resume':
    case 'intend':
    case 'abandon':
    case 'report-crowded':
    case 'clear':
    case 'retarget':
      return { kind: 'done' };
    case 'mint': {
      const name = state.rotation?.tokenName ?? '';
      const description = `Minted by Paddlewheel for ${config.name}. Do not rename.`;
      return { kind: 'token', token: await world.paddle.create({ name, description }) };
    }
    case 'find':
      return { kind: 'tokens', tokens: await tokensNamed(world, snapshot) };
    case 'sweep': {
      const due = state.sweeps.filter((sweep) => sweep.at <= now);
      const names = due.map((sweep) => sweep.tokenName);
      // A pause may have kept the search waiting for long.
      const since = earliest(...due.map((sweep) => sweep.since ?? later(sweep.at, -2 * DAY))) ?? now;
      const tokens = await world.paddle.list(later(since, -LIST_MARGIN));
      return { kind: 'tokens', tokens: tokens.filter((token) => names.includes(token.name)) };
    }
    case 'claim':
      return unclaimed(decision.tokenId, snapshot, world);
    case 'inspect':
    case 'verify':
    case 'confirm':
      return { kind: 'token', token: await world.paddle.get(decision.tokenId) };
    case 'revoke':
      return { kind: 'token', token: await world.paddle.revoke(decision.tokenId) };
    case 'publish': {
      const token = mustHave(snapshot, decision.tokenId);
      // Secrets Manager ignores a repeated key: an attempt after a failed one must have its own.
      const key = `${state.rotation?.rotationId}-${state.retry?.attempts ?? 0}`;
      return {
        kind: 'published',
        targets: await publishEverywhere(world.targets, config.targets, token, key, world.mayWrite),
      };
    }
    case 'restore': {
      const token = mustHave(snapshot, decision.tokenId);
      // The ledger may be older than Paddle: restored from a backup, it would publish what was revoked since.
      const answer = await world.paddle.get(decision.tokenId);
      if (answer?.status !== 'active') return { kind: 'token', token: answer };
      const { only } = decision;
      const wanted = config.targets.filter((target) => only?.includes(targetName(target)) ?? true);
      const key = `${state.repair?.id}-${state.repair?.attempts ?? 0}`;
      return {
        kind: 'published',
        targets: await publishEverywhere(world.targets, wanted, token, key, world.mayWrite),
      };
    }
    case 'check-targets': {
      const token = mustHave(snapshot, decision.tokenId);
      return { kind: 'targets', differing: await differingTargets(world.targets, config.targets, token) };
    }
    case 'watch':
      return watchPages(snapshot, world);
    case 'check-deployed':
      return deployment(snapshot, decision.tokenId, world);
    case 'prove': {
      const token = mustHave(snapshot, decision.tokenId);
      return {
        kind: 'evidence',
        ...(await gatherEvidence(
          { now, account, config, state, token },
          { ...world, paddle: world.health ?? world.paddle },
        )),
      };
    }
    case 'wait':
      throw new TypeError('waiting is not an act');
  }
}

/** Whatever was said of the token: Paddle gives its name, and our own records say what the name is worth. */
async function unclaimed(tokenId: string, { config }: Snapshot, { paddle, ledger }: Effects): Promise<Outcome> {
  const token = await paddle.get(tokenId);
  const named = token && parseTokenName(token.name);
  if (named?.integration !== config.name) return { kind: 'unclaimed', token, provenance: 'none' };
  return { kind: 'unclaimed', token, provenance: await ledger.provenance(config.name, named.rotationId, tokenId) };
}

function mustHave({ state }: Snapshot, tokenId: string) {
  const token = tokenById(state, tokenId);
  if (!token) throw new TypeError(`${tokenId} is not in the state of ${state.integration}`);
  return token;
}

async function tokensNamed({ paddle }: Effects, { now, state }: Snapshot): Promise<readonly PaddleToken[]> {
  const { tokenName, intendedAt } = state.rotation ?? { tokenName: '', intendedAt: now };
  const tokens = await paddle.list(later(intendedAt, -LIST_MARGIN));
  return tokens.filter((token) => token.name === tokenName);
}

/** The first deployment of the current token that a consumer reported, or all pages serving it, and it alone, now. */
async function deployment(snapshot: Snapshot, tokenId: string, world: Effects): Promise<Outcome> {
  const { now, config, state } = snapshot;
  const token = mustHave(snapshot, tokenId);
  const current = currentToken(state);
  // The configuration does not wait for a deployment any more.
  if (config.graceFrom !== 'deployed') return { kind: 'deployment', usage: [] };
  const usage = await world.ledger.usage(config.name);
  if (!current) return { kind: 'deployment', usage };
  const reported = usage
    .map((report) => wordOf(report, config.consumers))
    .filter((word) => word.isDeployed && word.place === 'production' && word.tokenId === current.id)
    .map(({ at }) => at)
    .sort()[0];
  if (reported) return { kind: 'deployment', deployedAt: reported, usage };
  if (config.sites.length === 0) return { kind: 'deployment', usage };
  const { findings, round: scanRound } = await scanSites({ now, config, token, current }, world);
  if (scanRound) return { kind: 'deployment', usage, scanRound };
  if (findings.some(({ verdict }) => verdict !== 'current')) return { kind: 'deployment', usage };
  return { kind: 'deployment', deployedAt: now, usage };
}
