/** 8: each change has exactly one record, and the trail tells who did what as Paddle's own history has it. */
import type { AuditRecord, IntegrationState, Token } from '../../../lambdas/domain/model.ts';
import { SECOND } from '../../../lambdas/domain/time.ts';
import type { Wish } from './chronicle.ts';
import type { Stage } from './stage.ts';

const CHANGES = [
  ...['token.minted', 'token.adopted', 'token.orphaned', 'token.published', 'token.superseded', 'token.revoking'],
  ...['token.revocation-interrupted', 'token.revoked', 'token.lost', 'token.adoption-abandoned', 'token.taken-back'],
];
const RECORD_OF: Record<string, readonly string[]> = {
  minted: ['token.minted', 'token.adopted'],
  current: ['token.published'],
  superseded: ['token.superseded', 'token.revocation-interrupted'],
  orphan: ['token.orphaned', 'token.revocation-interrupted', 'token.adoption-abandoned'],
  revoking: ['token.revoking'],
  revoked: ['token.revoked', 'token.lost'],
};

/** What a wish leaves in the trail when it changes something, under its own reason. */
const RECORD_OF_WISH: Record<string, readonly string[]> = {
  ...{ pause: ['integration.paused'], resume: ['integration.resumed'] },
  ...{ hold: ['token.held'], release: ['token.released'], force: ['token.forced'] },
};

/** Paddle's clock may be off by 20 s, and a minute is forgiven; and by as much as ours has been set back. */
const SKEWS = 80 * SECOND;

export class Trail {
  readonly #stage: Stage;
  readonly #fault: (text: string) => void;
  readonly #ids = new Set<string>();
  readonly #wishes: Wish[] = [];
  readonly #reasons = new Map<string, number>();

  constructor(stage: Stage, fault: (text: string) => void) {
    this.#stage = stage;
    this.#fault = fault;
  }

  accepted(wish: Wish): void {
    this.#wishes.push(wish);
  }

  saved(before: IntegrationState, after: IntegrationState, records: readonly AuditRecord[]): void {
    for (const { id, type, reason } of records) {
      if (this.#ids.has(id)) this.#fault(`record ${id} was written twice`);
      this.#ids.add(id);
      const key = `${type} ${reason}`;
      this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
    }
    if (before.tokens !== after.tokens || records.length > 0) this.#tokens(before, after, records);
    this.#standing(before, after, records);
    for (const record of records) {
      this.#attribution(record, before);
      this.#isTrue(record);
    }
  }

  #tokens(before: IntegrationState, after: IntegrationState, records: readonly AuditRecord[]): void {
    const tokens = new Map(before.tokens.map((token) => [token.id, token]));
    const told = new Set(records.map(({ tokenId }) => tokenId));
    for (const token of after.tokens) {
      const known = tokens.get(token.id);
      if (known !== token || told.has(token.id)) this.#token(known, token, records);
      tokens.delete(token.id);
    }
    for (const token of tokens.values()) {
      const ends = records.some(
        ({ type, tokenId }) => tokenId === token.id && ['token.revoked', 'token.lost'].includes(type),
      );
      if (token.status !== 'revoked' && !ends) this.#fault(`${token.id} was forgotten while ${token.status}`);
    }
  }

  /** Somebody else has written to a target, or the configuration has changed: once more, there may be a drift. */
  acted(integration: string): void {
    this.#acts.set(integration, (this.#acts.get(integration) ?? 0) + 1);
  }
  readonly #acts = new Map<string, number>();
  readonly #told = new Map<string, number>();

  /** What is told of Paddle and of the targets is so. */
  #isTrue({ type, tokenId, integration }: AuditRecord): void {
    const { chronicle } = this.#stage;
    if (type === 'token.revocation-interrupted' && chronicle.tokens.get(tokenId ?? '')?.revoked?.by === 'us')
      this.#fault(`the revocation of ${tokenId} had no effect, says the trail, and Paddle has it revoked`);
    if (type !== 'token.drifted') return;
    if (this.#stage.config(integration).targets.every((target) => chronicle.writerOf(target) === 'us'))
      this.#fault(`somebody overwrote a target of ${integration}, says the trail, and all that they hold is ours`);
    const acts = this.#acts.get(integration) ?? 0;
    if (this.#told.get(integration) === acts) this.#fault(`that ${integration} has drifted was told twice`);
    this.#told.set(integration, acts);
  }

  #token(before: Token | undefined, after: Token, records: readonly AuditRecord[]): void {
    const own = records.filter(({ tokenId }) => tokenId === after.id);
    const told = own.filter(({ type }) => CHANGES.includes(type)).map(({ type }) => type);
    if (before?.status !== after.status) {
      const fits = told.filter((type) => RECORD_OF[after.status]?.includes(type));
      if (fits.length !== 1)
        this.#fault(`${after.id} became ${after.status} and the trail says: ${told.join(', ') || 'nothing'}`);
    } else if (told.length > 0)
      this.#fault(`${after.id} stayed ${after.status} and the trail says: ${told.join(', ')}`);
    const word = (type: string) => own.filter((record) => record.type === type).length;
    if (!before?.manualHold && after.manualHold && word('token.held') !== 1)
      this.#fault(`${after.id} is held by a person without a record`);
    if (before?.manualHold && !after.manualHold && word('token.released') !== 1 && after.status !== 'revoked')
      this.#fault(`${after.id} is no longer held, and nobody has released it`);
  }

  #standing(before: IntegrationState, after: IntegrationState, records: readonly AuditRecord[]): void {
    const count = (...types: string[]) => records.filter(({ type }) => types.includes(type)).length;
    const must = (isSo: boolean, wanted: number, ...types: string[]) => {
      if (isSo && count(...types) !== wanted)
        this.#fault(`${types.join(' or ')} was recorded ${count(...types)} times`);
    };
    const [was, is] = [before.rotation?.rotationId, after.rotation?.rotationId];
    must(is !== undefined && is !== was, 1, 'rotation.intended');
    must(is === was, 0, 'rotation.intended', 'rotation.abandoned');
    must(was !== undefined && is !== was, 1, 'token.published', 'rotation.abandoned');
    must(!before.pause && after.pause !== undefined, 1, 'integration.paused');
    must(before.pause !== undefined && !after.pause, 1, 'integration.resumed');
  }

  /** Who ended a token? Where others were faster than our own PATCH, either answer is right. */
  #attribution({ type, tokenId }: AuditRecord, before: IntegrationState): void {
    if (type !== 'token.revoked' && type !== 'token.lost') return;
    const revoked = this.#stage.chronicle.tokens.get(tokenId ?? '')?.revoked;
    if (!revoked) {
      this.#fault(`${tokenId} is ${type} in the trail and active at Paddle`);
      return;
    }
    const since = before.tokens.find(({ id }) => id === tokenId)?.revokingSince;
    if (type === 'token.lost' && revoked.by === 'us')
      this.#fault(`${tokenId} was revoked by us, and the trail says by others`);
    if (
      type === 'token.revoked' &&
      revoked.by === 'others' &&
      !(since && revoked.byOurClock >= Date.parse(since) - SKEWS - this.#stage.setBackMs)
    )
      this.#fault(`${tokenId} was revoked by others, and the trail says by us`);
  }

  /** At the end: every accepted wish has exactly its one record. */
  finish(): void {
    for (const { what, reason } of this.#wishes)
      for (const type of RECORD_OF_WISH[what] ?? [])
        if (this.#reasons.get(`${type} ${reason}`) !== 1)
          this.#fault(`"${reason}" (${what}) has ${this.#reasons.get(`${type} ${reason}`) ?? 0} records of ${type}`);
  }
}
