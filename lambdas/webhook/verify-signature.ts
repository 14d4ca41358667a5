/** The signature of a Paddle webhook. Source: https://developer.paddle.com/webhooks/signature-verification */
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How far `ts` may be from our clock, either way, in seconds.
 *
 * Paddle's SDK takes 5, which real deliveries miss: a cold start behind a gateway takes seconds, and its users report
 * genuine webhooks refused at 5 and accepted at 10 (paddle-node-sdk#30). A refused delivery costs a retry: the sandbox
 * makes only 3. Every retry is signed anew with a fresh `ts`, so a long tolerance is not needed for late ones either.
 * What the tolerance bounds is replay, and a replay gains nothing here: the same event is stored once. Five minutes is
 * what other webhook schemes use too (Stripe, Standard Webhooks). The future is bounded as well: a signature that
 * is dated ahead would stay valid for as long as it is ahead.
 */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/** A genuine header has about 80 characters; during a rotation of the secret twice that. */
const MAX_HEADER_LENGTH = 2_048;
/** Every candidate costs a comparison with every secret. */
const MAX_CANDIDATES = 8;

export type SignatureVerdict =
  /** `signedAt`: epoch ms, whole seconds. */
  | { readonly ok: true; readonly signedAt: number }
  | { readonly ok: false; readonly reason: SignatureFault; readonly message: string };

/**
 * `missing`, `malformed`: about the header. `mismatch`: no secret of ours signed this body. `stale`, `future`: one did,
 * too long ago or too far ahead, so these two point to a replay or a wrong clock. `no-secret`: ours to mend.
 */
export type SignatureFault = 'missing' | 'malformed' | 'stale' | 'future' | 'mismatch' | 'no-secret';

/**
 * @param header `Paddle-Signature`: `ts=<unix s>;h1=<hex>`, with several `h1` while Paddle rotates the secret
 * @param rawBody the bytes as they came in, base64 of the gateway already decoded
 * @param secrets the destination's secrets, any of which may have signed; empty ones never do
 * @param now epoch ms
 * @throws RangeError for a tolerance that is no positive number of seconds
 */
export function verifySignature({
  header,
  rawBody,
  secrets,
  now,
  toleranceSeconds = DEFAULT_TOLERANCE_SECONDS,
}: {
  header: string | undefined;
  rawBody: Buffer;
  secrets: readonly string[];
  now: number;
  toleranceSeconds?: number;
}): SignatureVerdict {
  if (!(toleranceSeconds > 0 && toleranceSeconds <= 86_400)) {
    throw new RangeError('toleranceSeconds must be above 0 and at most a day');
  }
  const usable = secrets.filter((secret) => secret.trim() !== '');
  if (usable.length === 0) return fault('no-secret', 'No webhook secret is configured for this account');
  if (header === undefined || header.trim() === '') return fault('missing', 'There is no Paddle-Signature header');
  const signature = parse(header);
  if (typeof signature === 'string') return fault('malformed', signature);

  if (!matches(signature, rawBody, usable)) return fault('mismatch', 'No configured secret signed this body');
  const signedAt = Number(signature.ts) * 1000;
  // Written so that a NaN refuses.
  if (!(now - signedAt <= toleranceSeconds * 1000)) return fault('stale', `Signed over ${toleranceSeconds} s ago`);
  if (!(signedAt - now <= toleranceSeconds * 1000)) return fault('future', `Signed over ${toleranceSeconds} s ahead`);
  return { ok: true, signedAt };
}

interface Signature {
  /** As it was sent: these very digits were signed. */
  readonly ts: string;
  readonly candidates: readonly Buffer[];
}

/** The parts of the header, or what is wrong with it. Keys that we do not know are left to the future. */
function parse(header: string): Signature | string {
  if (header.length > MAX_HEADER_LENGTH) return 'The header is too long';
  const values: Record<'ts' | 'h1', string[]> = { ts: [], h1: [] };
  for (const part of header.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) return 'A part of the header is no key=value';
    const key = part.slice(0, equals).trim();
    if (key === 'ts' || key === 'h1') values[key].push(part.slice(equals + 1).trim());
  }
  const [ts, ...more] = values.ts;
  if (ts === undefined || more.length > 0) return 'The header has not exactly one ts';
  // Twelve digits reach beyond the year 30000; thirteen are milliseconds.
  if (!/^\d{1,12}$/.test(ts)) return 'ts is no number of seconds';
  if (values.h1.length > MAX_CANDIDATES) return 'The header has too many h1';
  const candidates = values.h1.filter((h1) => /^[0-9a-f]{64}$/i.test(h1)).map((h1) => Buffer.from(h1, 'hex'));
  return candidates.length === 0 ? 'The header has no h1 of 64 hexadecimal digits' : { ts, candidates };
}

/** Compares every candidate with every secret, whatever matched before, so that the time tells nothing. */
function matches(signature: Signature, rawBody: Buffer, secrets: readonly string[]): boolean {
  let found = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${signature.ts}:`).update(rawBody).digest();
    for (const candidate of signature.candidates) {
      const same = timingSafeEqual(expected, candidate);
      found = same || found;
    }
  }
  return found;
}

const fault = (reason: SignatureFault, message: string): SignatureVerdict => ({ ok: false, reason, message });
