/**
 * Finds two token values in a stream of bytes, however a build tool left them: exactly, or tolerantly. The tolerant
 * search errs towards *found* for the superseded token, which holds a revocation, and never for the current one, whose
 * discovery is the positive control.
 */
import { decodeText, squeeze } from './decode.ts';

export type Which = 'superseded' | 'current';

/**
 * How a token was found. `bytes` is exact, all others are tolerant: `decoded` (escapes, entities, percent-encoding
 * undone), `joined` (pieces that stand next to each other), `folded` (a constant expression of the script), `base64`,
 * and `fragment` (twelve characters or more of its random part; only ever for the superseded token).
 */
export type How = 'bytes' | 'decoded' | 'joined' | 'folded' | 'base64' | 'fragment';

export interface TokenMatch {
  readonly which: Which;
  readonly match: 'exact' | 'tolerant';
  readonly how: How;
}

export interface Tokens {
  /** Empty: none is searched for. */
  readonly superseded: string;
  /** Further ones that should be gone, which count as superseded. */
  readonly alsoGone?: readonly string[];
  /** Absent: there is no positive control (the command line's `--find` alone). */
  readonly current?: string;
}

/** Paddle's format with a little room, so that a longer token of tomorrow is not refused. */
const TOKEN = /^(?:test|live)_[A-Za-z0-9]{20,120}$/;
export const isToken = (value: string): boolean => TOKEN.test(value);

const BLOCK = 256 * 1024;
/** Longer than any way to write 128 characters that these searches understand. */
const OVERLAP = 8 * 1024;
const FRAGMENT = 12;

/** Three alignments of the value in base64, each without the characters that depend on its neighbours; both alphabets squeezed. */
function base64Needles(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from('\0'.repeat(shift) + value)
      .toString('base64')
      .replace(/=+$/, '');
    return squeeze(encoded.slice(shift === 0 ? 0 : shift + 1, -1));
  });
}

interface Needle {
  readonly which: Which;
  readonly value: string;
  readonly bytes: Buffer;
  readonly base64: readonly string[];
}

const RANK: readonly How[] = ['bytes', 'decoded', 'joined', 'folded', 'base64', 'fragment'];

export interface TokenSearch {
  push(chunk: Buffer): void;
  /** A text that a parser has read out of the same resource: an attribute, a folded constant. */
  pushText(text: string, how: How): void;
  /** The best match of each token that was found. */
  end(): TokenMatch[];
}

export function createTokenSearch(tokens: Tokens): TokenSearch {
  const wanted: (readonly [Which, string | undefined])[] = [
    ['superseded', tokens.superseded],
    ...(tokens.alsoGone ?? []).map((value) => ['superseded', value] as const),
    ['current', tokens.current],
  ];
  const needles: Needle[] = wanted.flatMap(([which, value]) =>
    value ? [{ which, value, bytes: Buffer.from(value), base64: base64Needles(value) }] : [],
  );
  const best = new Map<Which, How>();
  const note = (which: Which, how: How) => {
    const known = best.get(which);
    if (!known || RANK.indexOf(how) < RANK.indexOf(known)) best.set(which, how);
  };
  const isNoted = (which: Which, how: How) =>
    RANK.indexOf(best.get(which) ?? 'fragment') <= RANK.indexOf(how) && best.has(which);

  const searchText = (text: string, how: How) => {
    const open = needles.filter(({ which }) => !isNoted(which, 'bytes'));
    if (open.length === 0) return;
    const decoded = decodeText(text);
    const squeezed = squeeze(decoded);
    for (const { which, value, base64 } of open) {
      if (decoded.includes(value)) note(which, how);
      else if (squeezed.includes(value)) note(which, 'joined');
      else if (base64.some((needle) => squeezed.includes(needle))) note(which, 'base64');
      else if (which === 'superseded' && hasFragment(squeezed, value, tokens.current)) note(which, 'fragment');
    }
  };
  const searchBlock = (block: Buffer) => {
    for (const { which, bytes } of needles) if (block.includes(bytes)) note(which, 'bytes');
    searchText(block.toString('latin1'), 'decoded');
  };

  let waiting: Buffer[] = [];
  let size = 0;
  let fresh = false;
  const flush = (keep: number) => {
    if (!fresh) return;
    const block = waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting, size);
    searchBlock(block);
    const tail = Buffer.from(block.subarray(Math.max(0, block.length - keep)));
    waiting = [tail];
    size = tail.length;
    fresh = false;
  };

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; at += BLOCK) {
        const piece = chunk.subarray(at, at + BLOCK);
        waiting.push(piece);
        size += piece.length;
        fresh = true;
        if (size >= BLOCK) flush(OVERLAP);
      }
    },
    pushText(text, how) {
      searchText(text, how);
    },
    end() {
      flush(0);
      return [...best].map(([which, how]) => ({ which, how, match: how === 'bytes' ? 'exact' : 'tolerant' }));
    },
  };
}

/**
 * Is a run of at least `FRAGMENT` characters of the token's random part in the text, one that is not simply the other
 * token? Every such run contains one of the blocks of six at the offsets 0, 6, 12 …, so only those are searched for.
 */
function hasFragment(text: string, value: string, other = ''): boolean {
  const body = value.slice(value.indexOf('_') + 1);
  for (let offset = 0; offset + 6 <= body.length; offset += 6) {
    const block = body.slice(offset, offset + 6);
    for (let at = text.indexOf(block); at >= 0; at = text.indexOf(block, at + 1)) {
      let before = 0;
      while (before < offset && text[at - before - 1] === body[offset - before - 1]) before += 1;
      let after = 6;
      while (offset + after < body.length && text[at + after] === body[offset + after]) after += 1;
      const run = body.slice(offset - before, offset + after);
      if (run.length >= FRAGMENT && !other.includes(run)) return true;
    }
  }
  return false;
}
