/**
 * What has happened at the edges of the world: at Paddle, at the targets, on the pages, and what people asked for. Written by the
 * fakes at the moment when it happens, and never from what the code under test wrote down.
 */
import type { IntegrationConfig, PaddleToken, Target } from '../../../lambdas/domain/model.ts';

/** One run of the reconciler, as those who watch it from outside know it. */
export interface Run {
  readonly integration: string;
  readonly startedAt: number;
  readonly startedByOurClock: number;
  /** Acts of others before it began: what they do meanwhile, the run need not have seen. */
  readonly othersBefore: number;
  died: boolean;
  /** Something that it did was not answered. */
  failed?: boolean;
  /** Calls that were answered. */
  answers?: number;
  lists?: number;
  /** The wish that it was given, until it is known to be accepted. */
  wish?: Wish;
}

export interface Wish {
  readonly what: string;
  readonly integration: string;
  readonly reason: string;
  readonly tokenId?: string;
  readonly at: number;
}

export interface TokenLife {
  readonly id: string;
  readonly value: string;
  readonly name: string;
  /** The integration that posted it, or that a person or the configuration told to take it over. */
  owner?: string;
  readonly createdAt: number;
  revoked?: { readonly at: number; readonly byOurClock: number; readonly by: 'us' | 'others' };
  /** The last moment when a target was known to hold it, and the grace that was configured then. */
  served?: { at: number; graceMs: number; graceFrom: IntegrationConfig['graceFrom'] };
}

interface Place {
  readonly target: Target;
  text: string | undefined;
  by: 'us' | 'others';
  readAt?: number;
}

export interface Publication {
  readonly tokenId: string;
  readonly at: number;
  /** Since when a consumer or every page has shown that it was deployed. */
  deployedAt?: number;
  /** The run that published it has told so to the end. */
  confirmed: boolean;
}

/** What one integration's people and targets have gone through. */
export class Life {
  readonly publications: Publication[] = [];
  readonly held = new Set<string>();
  /** Tokens that somebody has condemned: no grace, no evidence. */
  readonly condemned = new Set<string>();
  pausedSince: number | undefined;
  /** Begun and not yet published. */
  emergencySince: number | undefined;
  comingBack: string | undefined;
  /** Requests to rotate that no publication has answered yet. */
  asked = 0;
  askedAt = 0;
  /** Tokens that a person or the configuration has named to be taken over. */
  readonly mayTake = new Set<string>();
  /** Of these, the ones whose publication is still to come. */
  readonly toTake = new Set<string>();
  managed = true;
  scheduleSince = 0;
  lastBegun: number | undefined;
  /** For how long nothing ran: since then, and between it and the one before. */
  idleMs = 0;
  idleMsBefore = 0;
  /** Every grace that was ever configured, and since when. */
  readonly graces: { readonly at: number; readonly ms: number }[] = [];

  get published(): Publication | undefined {
    return this.publications.at(-1);
  }
}

const keyOf = ({ kind, name }: Target): string => `${kind}:${name}`;
export const isTokenText = (text: string): boolean => /^(test|live)_[A-Za-z0-9]{27}$/.test(text);

export class Chronicle {
  readonly tokens = new Map<string, TokenLife>();
  readonly lives = new Map<string, Life>();
  readonly places = new Map<string, Place>();
  /** How often anybody but us has acted. */
  others = 0;

  life(integration: string): Life {
    const known = this.lives.get(integration) ?? new Life();
    this.lives.set(integration, known);
    return known;
  }

  tokenWith(value: string | undefined): TokenLife | undefined {
    return value === undefined ? undefined : this.#byValue.get(value);
  }
  readonly #byValue = new Map<string, TokenLife>();

  created({ id, token: value, name }: PaddleToken, owner: string | undefined, at: number): void {
    const life: TokenLife = { id, value, name, owner, createdAt: at };
    this.tokens.set(id, life);
    this.#byValue.set(value, life);
  }

  textAt(target: Target): string | undefined {
    return this.places.get(keyOf(target))?.text;
  }

  writerOf(target: Target): 'us' | 'others' | undefined {
    return this.places.get(keyOf(target))?.by;
  }

  /** The places, of whomever, that hold this token. */
  holding(value: string): readonly Place[] {
    return [...this.places.values()].filter(({ text }) => text === value);
  }

  read(target: Target, at: number): void {
    const place = this.places.get(keyOf(target));
    if (place) place.readAt = at;
  }

  /** A token that leaves a target was served until then, if we took it away, or else until we last saw it there. */
  wrote(
    target: Target,
    after: string | undefined,
    by: 'us' | 'others',
    at: number,
    configOf: (owner: string | undefined) => IntegrationConfig | undefined,
  ): void {
    const before = this.places.get(keyOf(target));
    const left = this.tokenWith(before?.text);
    if (left && before?.text !== after) {
      const until = by === 'us' ? at : before?.readAt;
      // A target may have gone from one integration to another: the token's own counts.
      const config = configOf(left.owner);
      if (until !== undefined && until >= (left.served?.at ?? 0))
        left.served = { at: until, graceMs: config?.graceMs ?? 0, graceFrom: config?.graceFrom ?? 'published' };
    }
    this.places.set(keyOf(target), { target, text: after, by });
  }

  /** Every target holds the same living token of the integration: it is published, and no other one is. */
  notePublication(config: IntegrationConfig, at: number): Publication | undefined {
    const texts = config.targets.map((target) => this.textAt(target));
    const token = this.tokenWith(texts[0]);
    if (!token || token.owner !== config.name || texts.some((text) => text !== token.value)) return undefined;
    const life = this.life(config.name);
    if (life.published?.tokenId === token.id) return undefined;
    // The grace is the one that is configured when the token is superseded, which may be after it was last served.
    const prior = this.tokens.get(life.published?.tokenId ?? '');
    if (prior?.served) prior.served.graceMs = Math.min(prior.served.graceMs, config.graceMs);
    const publication = { tokenId: token.id, at, confirmed: false };
    life.publications.push(publication);
    life.condemned.delete(token.id);
    life.toTake.delete(token.id);
    return publication;
  }
}
