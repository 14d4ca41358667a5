/**
 * In the bulk, one list of 200 tokens answers for all integrations of an account whose evidence needs the health of their current
 * token, in place of a question about each. Only "active" is taken from a list, and only for a short time: about everything else
 * Paddle is asked itself.
 */
import type { Clock } from '../domain/ports.ts';
import { instant, MINUTE, millis } from '../domain/time.ts';
import type { Health } from '../evidence/check.ts';
import type { Paddle } from '../paddle/client-tokens.ts';
import type { Reading, Readings } from './ports.ts';

/** A reading serves so long: no longer than a run may take from its evidence to the revocation anyway. */
const SERVES_MS = 2 * MINUTE;

export function readTogether(account: string, paddle: Paddle, readings: Readings, clock: Clock): Health {
  return {
    async get(tokenId) {
      const known = await readings.find(account);
      if (known && isFresh(known, clock) && known.active.includes(tokenId)) return inList(known);
      const before = known?.active.filter((id) => id < tokenId).at(-1);
      const readAt = instant(clock.now());
      const page = await paddle.active(before);
      const reading = { readAt, active: page.map(({ id }) => id).sort() };
      if (reading.active.includes(tokenId)) {
        await readings.store(account, reading);
        return inList(reading);
      }
      const token = await paddle.get(tokenId);
      // From here on the next page answers for those that follow.
      if (token?.status === 'active') await readings.store(account, { ...reading, active: [tokenId] });
      return token;
    },
  };
}

const isFresh = ({ readAt }: Reading, clock: Clock): boolean => {
  const age = clock.now() - millis(readAt);
  return age >= 0 && age <= SERVES_MS;
};

const inList = ({ readAt }: Reading) => ({ status: 'active' as const, readAt });
