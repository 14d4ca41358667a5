import { createHmac } from 'node:crypto';
import { Paddle } from '@paddle/paddle-node-sdk';
import fc from 'fast-check';
import { verifySignature } from '../../lambdas/webhook/verify-signature.ts';

// Published with Paddle's SDK: key, time, body and signature.
const SECRET = 'VALID_SECRET';
const TS = 1698796800;
const BODY = '{"data": ["1", "2"]}';
const H1 = 'a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9';

const OTHER = '0'.repeat(64);
const at = (seconds: number) => (TS + seconds) * 1000;
/** Signs as Paddle does; for texts that the published vector does not cover. */
const sign = (ts: string, body: string | Buffer, secret = SECRET) =>
  createHmac('sha256', secret).update(`${ts}:`).update(body).digest('hex');

const verify = (changes: Partial<Parameters<typeof verifySignature>[0]> = {}) =>
  verifySignature({
    header: `ts=${TS};h1=${H1}`,
    rawBody: Buffer.from(BODY),
    secrets: [SECRET],
    now: at(0),
    ...changes,
  });
const verdict = (changes: Partial<Parameters<typeof verifySignature>[0]>) => {
  const result = verify(changes);
  return result.ok ? 'ok' : result.reason;
};

test('the published vector verifies, and tells when it was signed', () => {
  expect(verify()).toEqual({ ok: true, signedAt: at(0) });
});

describe('the header', () => {
  const HEADERS: Record<string, [header: string | undefined, verdict: string]> = {
    'as documented': [`ts=${TS};h1=${H1}`, 'ok'],
    'with spaces around everything': [` ts = ${TS} ; h1 = ${H1} `, 'ok'],
    'the other way round': [`h1=${H1};ts=${TS}`, 'ok'],
    'ending in a semicolon': [`ts=${TS};h1=${H1};`, 'ok'],
    'of a rotation, ours first': [`ts=${TS};h1=${H1};h1=${OTHER}`, 'ok'],
    'of a rotation, ours last': [`ts=${TS};h1=${OTHER};h1=${H1}`, 'ok'],
    'with a key of the future': [`ts=${TS};h1=${H1};h2=whatever=;v=1`, 'ok'],
    'in capitals': [`ts=${TS};h1=${H1.toUpperCase()}`, 'ok'],
    'with a broken h1 beside a good one': [`ts=${TS};h1=abc;h1=${H1}`, 'ok'],
    'with a zero before the time, which was not signed': [`ts=0${TS};h1=${H1}`, 'mismatch'],
    'with another h1': [`ts=${TS};h1=${OTHER}`, 'mismatch'],
    'with two others': [`ts=${TS};h1=${OTHER};h1=${'f'.repeat(64)}`, 'mismatch'],
    'with another time': [`ts=${TS + 1};h1=${H1}`, 'mismatch'],
    absent: [undefined, 'missing'],
    empty: ['', 'missing'],
    blank: ['  ', 'missing'],
    'without ts': [`h1=${H1}`, 'malformed'],
    'with two ts': [`ts=${TS};ts=${TS};h1=${H1}`, 'malformed'],
    'with an empty ts': [`ts=;h1=${H1}`, 'malformed'],
    'with a ts that is no number': [`ts=now;h1=${sign('NaN', BODY)}`, 'malformed'],
    'with a negative ts': [`ts=-${TS};h1=${H1}`, 'malformed'],
    'with a ts in exponents': [`ts=1e9;h1=${H1}`, 'malformed'],
    'with a ts in milliseconds': [`ts=${TS}000;h1=${sign(`${TS}000`, BODY)}`, 'malformed'],
    'without h1': [`ts=${TS}`, 'malformed'],
    'with an empty h1': [`ts=${TS};h1=`, 'malformed'],
    'with a short h1': [`ts=${TS};h1=${H1.slice(1)}`, 'malformed'],
    'with a long h1': [`ts=${TS};h1=${H1}0`, 'malformed'],
    'with an h1 that is not hexadecimal': [`ts=${TS};h1=${'g'.repeat(64)}`, 'malformed'],
    'with only an h2': [`ts=${TS};h2=${H1}`, 'malformed'],
    'with commas': [`ts=${TS},h1=${H1}`, 'malformed'],
    'with a part that is no pair': [`ts=${TS};h1=${H1};junk`, 'malformed'],
    'with eight h1, ours last': [`ts=${TS};${`h1=${OTHER};`.repeat(7)}h1=${H1}`, 'ok'],
    'with nine h1': [`ts=${TS};${`h1=${OTHER};`.repeat(8)}h1=${H1}`, 'malformed'],
    'beyond all length': [`ts=${TS};h1=${H1};x=${'x'.repeat(2_000)}`, 'malformed'],
  };
  test.each(Object.entries(HEADERS))('%s', (_, [header, expected]) => {
    expect(verdict({ header })).toBe(expected);
  });
});

describe('the time', () => {
  const TIMES: Record<string, [number, string]> = {
    'is right': [at(0), 'ok'],
    'five minutes ago': [at(300), 'ok'],
    'a millisecond more than five minutes ago': [at(300) + 1, 'stale'],
    'five minutes ahead': [at(-300), 'ok'],
    'a millisecond more than five minutes ahead': [at(-300) - 1, 'future'],
    'a year ahead': [at(-31_536_000), 'future'],
    'no time at all': [Number.NaN, 'stale'],
  };
  test.each(Object.entries(TIMES))('%s', (_, [now, expected]) => {
    expect(verdict({ now })).toBe(expected);
  });

  test('has the tolerance that it is given', () => {
    expect(verdict({ toleranceSeconds: 5, now: at(5) })).toBe('ok');
    expect(verdict({ toleranceSeconds: 5, now: at(6) })).toBe('stale');
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('never has the tolerance %d', (toleranceSeconds) => {
    expect(() => verify({ toleranceSeconds })).toThrow(RangeError);
  });

  test('is not read before somebody with a secret has signed it', () => {
    expect(verdict({ header: `ts=${TS};h1=${OTHER}`, now: at(9_999) })).toBe('mismatch');
  });
});

describe('the secrets', () => {
  const SECRETS: Record<string, [readonly string[], string]> = {
    'ours among others': [['a', SECRET, 'b'], 'ok'],
    'another one': [['a'], 'mismatch'],
    none: [[], 'no-secret'],
    'an empty one': [[''], 'no-secret'],
    'a blank one': [[' \n'], 'no-secret'],
    'an empty one beside ours': [['', SECRET], 'ok'],
  };
  test.each(Object.entries(SECRETS))('%s', (_, [secrets, expected]) => {
    expect(verdict({ secrets })).toBe(expected);
  });

  test('never include the empty one, even when it signed', () => {
    const header = `ts=${TS};h1=${sign(String(TS), BODY, '')}`;
    expect(verdict({ header, secrets: [''] })).toBe('no-secret');
    expect(verdict({ header, secrets: ['', SECRET] })).toBe('mismatch');
  });
});

describe('the body', () => {
  test('counts byte for byte, text or not', () => {
    const rawBody = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0xc3, 0x28]);
    const header = `ts=${TS};h1=${sign(String(TS), rawBody)}`;
    expect(verdict({ rawBody, header })).toBe('ok');
    expect(verdict({ rawBody: Buffer.from(rawBody.toString('utf8')), header })).toBe('mismatch');
  });

  test('may be empty, if so it was signed', () => {
    expect(verdict({ rawBody: Buffer.alloc(0) })).toBe('mismatch');
    expect(verdict({ rawBody: Buffer.alloc(0), header: `ts=${TS};h1=${sign(String(TS), '')}` })).toBe('ok');
  });

  test('with any one bit changed is refused', () => {
    const bits = fc.integer({ min: 0, max: Buffer.byteLength(BODY) * 8 - 1 });
    fc.assert(
      fc.property(bits, (bit) => {
        const rawBody = Buffer.from(BODY);
        rawBody[bit >> 3] = (rawBody[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verdict({ rawBody })).toBe('mismatch');
      }),
    );
  });
});

test('whatever the header holds, there is a verdict and it is not ok', () => {
  const junk = fc.oneof(fc.string(), fc.stringMatching(/^(ts|h1|h2)?=?[0-9a-f; =]{0,80}$/));
  fc.assert(fc.property(junk, (header) => !verify({ header }).ok));
});

test('says nothing of the secret and the right signature', () => {
  for (const header of [`ts=${TS};h1=${OTHER}`, `ts=x;h1=${H1}`, `ts=${TS}`]) {
    const text = JSON.stringify(verify({ header }));
    expect(text).not.toContain(H1);
    expect(text).not.toContain(SECRET);
  }
});

describe("beside Paddle's own verifier", () => {
  const official = new Paddle('not a key').webhooks;
  /** The SDK asks the real clock, so these are signed now. It throws for what it cannot parse. */
  async function sdk(header: string, body = BODY): Promise<boolean> {
    try {
      return await official.isSignatureValid(body, SECRET, header);
    } catch {
      return false;
    }
  }
  const now = Date.now();
  const seconds = (offset: number) => String(Math.floor(now / 1000) + offset);
  const both = async (header: string) => ({
    ours: verify({ header, now: Date.now() }).ok,
    theirs: await sdk(header),
  });
  const signed = (offset: number, extra = '') => `ts=${seconds(offset)};h1=${sign(seconds(offset), BODY)}${extra}`;

  const AGREED: Record<string, [header: string, ok: boolean]> = {
    'a genuine header': [signed(30), true],
    'a key of the future': [signed(30, ';h2=abc'), true],
    'two h1, ours last': [`ts=${seconds(30)};h1=${OTHER};h1=${sign(seconds(30), BODY)}`, true],
    'a wrong h1': [`ts=${seconds(30)};h1=${OTHER}`, false],
    'a very old header': [signed(-3_600), false],
    'no h1': [`ts=${seconds(30)}`, false],
    'no ts': [`h1=${OTHER}`, false],
    nothing: ['', false],
  };
  test.each(Object.entries(AGREED))('agrees on %s', async (_, [header, ok]) => {
    expect(await both(header)).toEqual({ ours: ok, theirs: ok });
  });

  const DIFFERENT: Record<string, [header: string, ours: boolean]> = {
    'accepts two h1 with ours first: the SDK reads the last only': [signed(30, `;h1=${OTHER}`), true],
    'accepts a minute on the way: the SDK gives up after 5 s': [signed(-60), true],
    'accepts spaces: the SDK throws': [signed(30).replace(';', '; '), true],
    'refuses a year ahead: the SDK has no bound': [signed(31_536_000), false],
    'refuses a time that is no number: for the SDK it never ages': [`ts=never;h1=${sign('NaN', BODY)}`, false],
    'refuses two times: the SDK takes the last': [`ts=1;${signed(30)}`, false],
    'refuses letters after the time: the SDK ignores them': [signed(30).replace(';', 'x;'), false],
  };
  test.each(Object.entries(DIFFERENT))('differs on purpose: %s', async (_, [header, ours]) => {
    expect(await both(header)).toEqual({ ours, theirs: !ours });
  });

  test('differs on purpose: refuses an empty secret', async () => {
    const header = `ts=${seconds(30)};h1=${sign(seconds(30), BODY, '')}`;
    expect(verify({ header, secrets: [''], now }).ok).toBe(false);
    expect(await official.isSignatureValid(BODY, '', header)).toBe(true);
  });
});
