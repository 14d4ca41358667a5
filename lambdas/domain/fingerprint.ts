/** Names a token without telling it: what may be compared, stored and logged where its value may not. */
import { createHash } from 'node:crypto';

/** @returns the first 128 bits of the value's SHA-256, as 32 hexadecimal digits */
export const fingerprintOf = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 32);
