/**
 * The design's invariants, judged at the moment when something happens at the world's edge, by what the chronicle knows: Paddle's
 * history, the targets', the pages', the consumers' and people's. Each fault is a sentence.
 */
import type {
  AuditRecord,
  IntegrationConfig,
  IntegrationState,
  PaddleToken,
  Target,
} from '../../../lambdas/domain/model.ts';
import { valueAt } from '../../../lambdas/domain/target-content.ts';
import { jsonKeyOf } from '../../../lambdas/domain/targets.ts';
import { parseTokenName } from '../../../lambdas/domain/token-name.ts';
import type { Result } from '../../../lambdas/rotation/result.ts';
import type { Answer } from '../../fakes/fake-paddle.ts';
import { isTokenText, type Life, type Publication, type Run, type TokenLife, type Wish } from './chronicle.ts';
import { Healing } from './healing.ts';
import { Minting } from './minting.ts';
import { revocationFaults, ScansSeen } from './revocation.ts';
import type { Stage } from './stage.ts';
import { Trail } from './trail.ts';

/** A run searches Paddle for a mint, for its twins, and for what did not fit into one write. */
const MOST_LISTS = 12;

export class Oracle {
  readonly faults: string[] = [];
  readonly scans = new ScansSeen();
  readonly healing: Healing;
  readonly trail: Trail;
  readonly #minting: Minting;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.healing = new Healing(stage, (text) => this.fault(text));
    this.trail = new Trail(stage, (text) => this.fault(text));
    this.#minting = new Minting(stage, (text) => this.fault(text));
  }

  fault(text: string): void {
    const clean = `${this.#stage.clock.iso()} ${text}`;
    if (this.faults.length < 20) this.faults.push(clean);
  }

  configured(config: IntegrationConfig): void {
    const life = this.#stage.chronicle.life(config.name);
    const wasManaged = life.managed;
    life.managed = config.managed;
    life.graces.push({ at: this.#stage.truth, ms: config.graceMs });
    this.trail.acted(config.name);
    life.scheduleSince = Date.parse(config.scheduleSince);
    if (wasManaged !== config.managed) this.healing.managed(config.name, config.managed);
    // What a person wrote to all that is left is not published by that.
    const { chronicle } = this.#stage;
    if (config.targets.every((target) => chronicle.writerOf(target) === 'us')) this.#published(config);
  }

  created(token: PaddleToken): void {
    const { actor, truth, chronicle } = this.#stage;
    chronicle.created(token, actor && parseTokenName(token.name)?.integration, truth);
    if (actor && parseTokenName(token.name)?.integration !== actor.integration)
      this.fault(`${actor.integration} minted "${token.name}", which is not its name`);
  }

  /** 2, 3, 5, 11: every revocation of ours is judged when it takes effect. */
  revoked({ id }: PaddleToken): void {
    const { actor, chronicle, clock, truth } = this.#stage;
    const token = chronicle.tokens.get(id);
    if (!token) {
      this.fault(`${id} was revoked and never made`);
      return;
    }
    if (actor) for (const text of revocationFaults(this.#stage, actor, token)) this.fault(text);
    token.revoked = { at: truth, byOurClock: clock.now(), by: actor ? 'us' : 'others' };
    if (!actor) this.healing.lost(token);
  }

  called(method: 'create' | 'list' | 'active' | 'get' | 'revoke', subject: string | undefined, answer: Answer): void {
    const { actor, chronicle } = this.#stage;
    if (!actor) return;
    const life = chronicle.life(actor.integration);
    if (!life.managed && !this.#meanwhile(actor))
      this.fault(`${method} for ${actor.integration}, which is not managed`);
    if (method !== 'get') this.#paused(actor, method, subject);
    if (method === 'create' || method === 'revoke') this.#acts(actor, method);
    this.#minting.called(actor, method, subject, answer);
    if (answer === 'answered') actor.answers = (actor.answers ?? 0) + 1;
    else this.failed(actor);
    // A rollback to what Paddle does not know is given up, and the asker is told so.
    if (answer === 'not known' && life.comingBack === subject) life.comingBack = undefined;
    if (method === 'list') actor.lists = (actor.lists ?? 0) + 1;
    if ((actor.lists ?? 0) > MOST_LISTS) this.fault(`${actor.integration} was listed again and again in one run`);
    if (method === 'revoke' && subject && chronicle.tokens.get(subject)?.owner !== actor.integration)
      this.fault(`${actor.integration} wanted to revoke ${subject}, which is not its own`);
  }

  /** 6: of two runs at one integration, one acts and the other yields: none acts again once another has. */
  #acts(run: Run, what: string): void {
    const { integration } = run;
    if (this.#acting.get(integration) === run) return;
    if (this.#yielded.has(run)) this.fault(`${what} for ${integration} by a run after another one had acted`);
    const before = this.#acting.get(integration);
    if (before) this.#yielded.add(before);
    this.#acting.set(integration, run);
  }
  readonly #acting = new Map<string, Run>();
  readonly #yielded = new WeakSet<Run>();

  failed(run: Run): void {
    this.healing.failed(run);
    run.failed = true;
  }

  /** Paused: nothing, except what an emergency began. */
  #paused({ integration }: Run, what: string, tokenId: string | undefined): void {
    const { pausedSince, emergencySince, condemned } = this.#stage.chronicle.life(integration);
    if (pausedSince === undefined) return;
    const isCondemned = what === 'revoke' && tokenId !== undefined && condemned.has(tokenId);
    const goesOn = what !== 'revoke' && emergencySince !== undefined;
    if (!isCondemned && !goesOn) this.fault(`${what} ${tokenId ?? ''} for ${integration}, which is paused`);
  }

  #meanwhile({ othersBefore }: Run): boolean {
    return this.#stage.chronicle.others > othersBefore;
  }

  /** 1, 3, 10: what is written to a target is a living token of the integration, and replaces nothing but a token. */
  wrote(target: Target, contentBefore: string | undefined, content: string | undefined): void {
    const before = textIn(target, contentBefore);
    const after = textIn(target, content);
    if (this.#stage.actor && contentBefore && around(contentBefore, before) !== around(content ?? '', after))
      this.fault(`${target.name} lost something that was not a token`);

    const { actor, chronicle, truth, ledger } = this.#stage;
    const owner = actor?.integration ?? ledgerOwner(ledger.configs.values(), target);
    const config = ledger.configs.get(owner ?? '');
    chronicle.wrote(target, after, actor ? 'us' : 'others', truth, (name) => ledger.configs.get(name ?? ''));
    if (!actor && owner) this.trail.acted(owner);
    if (!actor || !config) return;
    actor.answers = (actor.answers ?? 0) + 1;
    if (before !== undefined && before !== '' && !isTokenText(before))
      this.fault(`${target.name} held no token, and was overwritten`);
    const token = chronicle.tokenWith(after);
    // Whoever may take it over owns it once it is published.
    if (token && this.#mayTake(actor, token)) token.owner = actor.integration;
    const name = `${target.name} of ${actor.integration}`;
    if (!config.targets.some((own) => own.kind === target.kind && own.name === target.name))
      this.fault(`${name} was written, and is none of its targets`);
    if (token?.owner !== actor.integration) this.fault(`${name} was given a token of ${token?.owner}`);
    if (token?.revoked && (token.revoked.by === 'us' || token.revoked.at < actor.startedAt))
      this.fault(`${name} was given ${token.id}, which is revoked`);
    if (!chronicle.life(actor.integration).managed && !this.#meanwhile(actor))
      this.fault(`${name} was written, and is not managed`);
    this.#acts(actor, 'write');
    this.#paused(actor, 'write', undefined);
    this.#published(config);
  }

  /** A person has said so, and nobody else has published it: not even who minted it. */
  #mayTake({ integration }: Run, { id, owner }: TokenLife): boolean {
    const { chronicle } = this.#stage;
    const others = owner === undefined || owner === integration ? [] : chronicle.life(owner).publications;
    return chronicle.life(integration).mayTake.has(id) && !others.some(({ tokenId }) => tokenId === id);
  }

  #published(config: IntegrationConfig): void {
    const { chronicle, truth } = this.#stage;
    const publication = chronicle.notePublication(config, truth);
    if (!publication) return;
    const life = chronicle.life(config.name);
    // Whatever it is: a rollback to another token is over by now.
    life.comingBack = undefined;
    const prior = life.publications.at(-2);
    // What was published since it began for the first time is its own, which an ordinary rotation may supersede in the same run.
    const { emergencySince: since = Number.NEGATIVE_INFINITY } = life;
    const isOlder = life.publications.some(({ tokenId, at }) => tokenId === prior?.tokenId && at < since);
    if (prior && isOlder) life.condemned.add(prior.tokenId);
    this.#minting.published(config.name);
    this.deployments(config.name);
  }

  /** Does anything show by now that what was published has been deployed? */
  deployments(integration: string): void {
    for (const publication of this.#stage.chronicle.life(integration).publications)
      if (publication.deployedAt === undefined && this.#isDeployed(integration, publication))
        publication.deployedAt = this.#stage.truth;
  }

  #isDeployed(integration: string, { tokenId }: Publication): boolean {
    const { chronicle, ledger, sites } = this.#stage;
    const value = chronicle.tokens.get(tokenId)?.value ?? '';
    if (ledger.usages.get(integration)?.some((usage) => usage.deployed?.tokenId === tokenId)) return true;
    const pages = ledger.configs.get(integration)?.sites ?? [];
    return pages.length > 0 && pages.every(({ url }) => !sites.down.has(url) && sites.serving.get(url)?.has(value));
  }

  scanned(url: string, { superseded }: { superseded: string }, verdict: string): void {
    this.scans.note(url, superseded, verdict === 'current', this.#stage.truth);
  }

  saved(before: IntegrationState, after: IntegrationState, records: readonly AuditRecord[]): void {
    const { actor } = this.#stage;
    this.#stage.reached.saved(after, records);
    if (actor?.wish) this.#accept(actor, actor.wish);
    this.trail.saved(before, after, records);
  }

  #accept(run: Run, wish: Wish): void {
    run.wish = undefined;
    const { chronicle, truth } = this.#stage;
    const life = chronicle.life(wish.integration);
    const { what, tokenId } = wish;
    if (what === 'force' && tokenId && life.comingBack === tokenId)
      this.fault(`the revocation of ${tokenId} was taken, which is coming back by a rollback`);
    if (what === 'rollback' && tokenId && life.condemned.has(tokenId))
      this.fault(`a rollback to ${tokenId} was taken, which somebody has condemned`);
    this.trail.accepted(wish);
    if (what === 'pause') life.pausedSince = truth;
    if (what === 'resume') life.pausedSince = undefined;
    if (what === 'pause' || what === 'resume') this.healing.paused(wish.integration, what === 'pause');
    if (what === 'hold' && tokenId) life.held.add(tokenId);
    if (what === 'release' && tokenId) life.held.delete(tokenId);
    if (what === 'rotate' || what === 'emergency') this.#asked(life);
    if (what === 'rollback') life.comingBack = tokenId;
    if (what === 'adopt') this.adopted(tokenId, wish.integration);
    if (what === 'force' && tokenId) life.condemned.add(tokenId);
    if (what !== 'emergency') return;
    life.emergencySince = truth;
    life.comingBack = undefined;
    if (tokenId) life.condemned.add(tokenId);
    const [last, prior] = life.publications.slice(-2).reverse();
    if (last) life.condemned.add(last.tokenId);
    if (prior && !last?.confirmed) life.condemned.add(prior.tokenId);
  }

  #asked(life: Life): void {
    life.asked += 1;
    life.askedAt = this.#stage.truth;
  }

  adopted(tokenId: string | undefined, integration: string): void {
    if (!tokenId) return;
    const { mayTake, toTake } = this.#stage.chronicle.life(integration);
    mayTake.add(tokenId);
    toTake.add(tokenId);
  }

  ended(run: Run, result: Result | 'died'): void {
    const { reached, chronicle } = this.#stage;
    reached.ended(result);
    this.#asWished(run.integration);
    const { published } = chronicle.life(run.integration);
    // While its rotation waits for its next attempt, it does not know that every target has the token.
    const state = result !== 'died' && result.outcome === 'settled' ? result.snapshot.state : undefined;
    // What failed in the run may have been something else; and what a person wrote by hand, nobody has read yet.
    const current = state?.tokens.find(({ status }) => status === 'current')?.id;
    const knows = current === undefined ? !run.failed : current === published?.tokenId;
    if (published && state && !state.rotation && knows) this.#confirm(run.integration, published);
    this.#minting.ended(run, result === 'died');
    this.healing.ended(run, result);
    this.check();
  }

  /** What a person has written by hand, and told us to take over: every target holds it already, and nothing is written. */
  #asWished(integration: string): void {
    const { chronicle } = this.#stage;
    const config = this.#stage.config(integration);
    const token = chronicle.tokenWith(config.targets[0] && chronicle.textAt(config.targets[0]));
    const life = chronicle.life(integration);
    if (!token || token.owner !== integration) return;
    if (life.comingBack === token.id || life.toTake.has(token.id)) this.#published(config);
  }

  /** A run has come to its end since: it knows by now what it has published. */
  #confirm(integration: string, published: Publication): void {
    const { chronicle } = this.#stage;
    const life = chronicle.life(integration);
    // The prior token is superseded by now, with the grace that is configured now.
    const prior = published.confirmed ? undefined : chronicle.tokens.get(life.publications.at(-2)?.tokenId ?? '');
    if (prior?.served) prior.served.graceMs = Math.min(prior.served.graceMs, this.#stage.config(integration).graceMs);
    published.confirmed = true;
    if (life.emergencySince !== undefined && published.at >= life.emergencySince) life.emergencySince = undefined;
    if (published.at >= life.askedAt) life.asked = 0;
  }

  /** 1: seen at any moment, every target of a published integration holds a token that lives, or that others have ended. */
  check(): void {
    const { names, chronicle } = this.#stage;
    for (const name of names) {
      if (!chronicle.life(name).published) continue;
      for (const target of this.#stage.config(name).targets) {
        const token = chronicle.tokenWith(chronicle.textAt(target));
        if (token?.revoked?.by !== 'us') continue;
        // A target that came from another integration, whose people revoked by name what still stood in it.
        const owner = token.owner ?? name;
        if (owner !== name && chronicle.life(owner).condemned.has(token.id)) continue;
        // What a person writes by hand may be dead.
        if (chronicle.writerOf(target) === 'us')
          this.fault(`${target.name} of ${name} holds ${token.id}, which we have revoked`);
      }
    }
    this.healing.check();
  }
}

function ledgerOwner(configs: Iterable<IntegrationConfig>, target: Target): string | undefined {
  for (const { name, targets } of configs)
    if (targets.some((own) => own.kind === target.kind && own.name === target.name)) return name;
  return undefined;
}

/** Where the token belongs; the whole of what cannot be read. */
function textIn(target: Target, content: string | undefined): string | undefined {
  const isJson = jsonKeyOf(target) !== undefined && content?.startsWith('{');
  return isJson ? valueAt(target, content) : content;
}

/** The content with a gap where the token stands. */
const around = (content: string, text: string | undefined): string =>
  text === undefined ? content : content.replace(text, '');
