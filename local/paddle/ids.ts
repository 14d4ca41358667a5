import { monotonicFactory } from 'ulid';
import type { SimulatorClock } from './clock.ts';
import type { Environment } from './state.ts';

/** A small seeded generator (mulberry32), so that a run with shares can be repeated. Values in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const HEX = '0123456789abcdef';
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BASE64 = `${ALPHANUMERIC}+/`;

export interface Ids {
  /** `<prefix>_` and 26 lowercase characters; sorts as text in the order of creation. */
  next(prefix: string): string;
  /** `test_` or `live_`, and 27 characters. */
  tokenValue(environment: Environment): string;
  /** Real secrets hold `+` and `/`, whatever the published pattern says. */
  endpointSecret(): string;
  /** 69 characters; the 26 in the middle are those of the key's entity id. */
  apiKey(environment: Environment, apiKeyId: string): string;
}

export function createIds(random: () => number, clock: SimulatorClock): Ids {
  const ulid = monotonicFactory(random);
  const pick = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  const unique = () => ulid(clock.now()).toLowerCase();
  return {
    next: (prefix) => `${prefix}_${unique()}`,
    tokenValue: (environment) => `${environment === 'live' ? 'live' : 'test'}_${pick(HEX, 27)}`,
    endpointSecret: () => `pdl_ntfset_${unique()}_${pick(BASE64, 32)}`,
    apiKey: (environment, apiKeyId) =>
      `pdl_${environment === 'live' ? 'live' : 'sdbx'}_${apiKeyId}_${pick(ALPHANUMERIC, 22)}_${pick(ALPHANUMERIC, 3)}`,
  };
}
