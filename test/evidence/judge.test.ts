import { cacheWords, judgePage, matches, withinGrace } from '../../lambdas/evidence/sites/judge.ts';
import { blindObservation, type PageObservation } from '../../lambdas/evidence/sites/observation.ts';

const PAGE = 'https://shop.example/pricing';
const TAG = 'https://tags.example/t.js';
const current = { which: 'current', place: 'response', url: PAGE, how: 'bytes' } as const;
const superseded = { ...current, which: 'superseded' } as const;
const unread = { url: TAG, code: 'status', message: 'the server answered 404' };

const seen = (source: PageObservation['source'], more: Partial<PageObservation> = {}): PageObservation => ({
  ...blindObservation(source, '', ''),
  failure: undefined,
  ownOrigins: ['https://shop.example'],
  sightings: [current],
  ...more,
});
const reader = (more: Partial<PageObservation> = {}) => seen('reader', more);
const browser = (more: Partial<PageObservation> = {}) => seen('browser', more);
const wrong = { code: 'wrong_environment', url: PAGE } as const;
const initialised = [{ token: 'current', environment: 'sandbox', frame: PAGE }] as const;

const cases: Record<string, [observations: PageObservation[], verdict: string, codes: string[]]> = {
  'both saw the current token': [[reader(), browser()], 'current', []],
  'one saw it, the other nothing': [[reader({ sightings: [] }), browser()], 'current', []],
  'nobody saw any': [[reader({ sightings: [] }), browser({ sightings: [] })], 'incomplete', ['current_not_seen']],
  'one saw the superseded one': [
    [reader(), browser({ sightings: [current, superseded] })],
    'superseded',
    ['superseded_seen'],
  ],
  'the superseded one outweighs a failure': [
    [reader({ sightings: [superseded] }), blindObservation('browser', 'crashed', 'it crashed')],
    'superseded',
    ['superseded_seen', 'crashed'],
  ],
  'the browser failed': [[reader(), blindObservation('browser', 'crashed', 'it crashed')], 'incomplete', ['crashed']],
  'both failed': [
    [blindObservation('reader', 'status', '500'), blindObservation('browser', 'status', '500')],
    'unreadable',
    ['status', 'status'],
  ],
  'nobody was asked': [[], 'unreadable', []],
  'what one could not read, the other read': [[reader({ unread: [unread] }), browser({ read: [TAG] })], 'current', []],
  'the reader alone could not read it': [[reader({ unread: [unread], missing: [TAG] })], 'incomplete', ['status']],
  'a missing script of another origin never ran': [
    [reader({ unread: [unread], missing: [TAG] }), browser()],
    'current',
    [],
  ],
  'one that fails is not missing': [[reader({ unread: [unread] }), browser()], 'incomplete', ['status']],
  'a missing script of the site itself': [
    [
      reader({ unread: [{ ...unread, url: `${PAGE}.js` }], missing: [`${PAGE}.js`] }),
      browser({ missing: [`${PAGE}.js`] }),
    ],
    'incomplete',
    ['status'],
  ],
  'a doubt is not settled by reading': [
    [reader({ read: [PAGE] }), browser({ doubts: [{ url: PAGE, code: 'click_missing', message: 'x' }] })],
    'incomplete',
    ['click_missing'],
  ],
  'the text of a script says the wrong environment': [
    [reader({ misconfigurations: [{ ...wrong, certainty: 'likely' }] }), browser()],
    'misconfigured',
    ['wrong_environment'],
  ],
  'and the browser saw the right one': [
    [reader({ misconfigurations: [{ ...wrong, certainty: 'likely' }] }), browser({ initialised })],
    'current',
    [],
  ],
  'the browser saw the wrong one': [
    [reader(), browser({ initialised, misconfigurations: [{ ...wrong, certainty: 'certain' }] })],
    'misconfigured',
    ['wrong_environment'],
  ],
  'and the browser saw another token than the current one': [
    [
      reader({ misconfigurations: [{ ...wrong, certainty: 'likely' }] }),
      browser({ initialised: [{ ...initialised[0], token: 'third' }] }),
    ],
    'misconfigured',
    ['wrong_environment'],
  ],
  'a script of another origin is missing, and the browser that could tell has failed': [
    [reader({ unread: [unread], missing: [TAG] }), blindObservation('browser', 'crashed', 'it crashed')],
    'incomplete',
    ['crashed', 'status'],
  ],
  'a missing script of another origin is missing to the browser, too': [
    [reader(), browser({ unread: [unread], missing: [TAG] })],
    'current',
    [],
  ],
  'something without an origin went unread': [
    [reader({ unread: [{ ...unread, url: 'not an address' }], missing: ['not an address'] }), browser()],
    'incomplete',
    ['status'],
  ],
  'what one source could not read, it has not read itself': [
    [reader({ unread: [unread], read: [TAG] }), browser()],
    'incomplete',
    ['status'],
  ],
  'what both could not read is one reason': [
    [reader({ unread: [unread] }), browser({ unread: [unread] })],
    'incomplete',
    ['status'],
  ],
  'a part of it was read, whatever stands behind the hash': [
    [reader({ unread: [{ ...unread, url: `${TAG}#a` }] }), browser({ read: [`${TAG}#b`] })],
    'current',
    [],
  ],
  'an empty setting and no token': [
    [reader({ sightings: [], misconfigurations: [{ code: 'empty_token', url: PAGE, certainty: 'hint' }] })],
    'misconfigured',
    ['empty_token', 'current_not_seen'],
  ],
  'an empty setting beside the current token is only a hint': [
    [reader({ misconfigurations: [{ code: 'empty_token', url: PAGE, certainty: 'hint' }] })],
    'current',
    [],
  ],
};

test.each(Object.entries(cases))('%s', (_name, [observations, verdict, codes]) => {
  const finding = judgePage({ url: PAGE }, observations);
  expect([finding.verdict, finding.reasons.map(({ code }) => code)]).toEqual([verdict, codes]);
});

test('a waiver lets something go unread, stands in the finding, and waives no token', () => {
  const ignore = [{ url: 'https://tags.example/*', reason: 'nobody sells with it' }];
  const finding = judgePage({ url: PAGE, ignore }, [reader({ unread: [unread] }), browser()]);
  expect(finding).toMatchObject({ verdict: 'current', waived: [{ url: TAG, reason: 'nobody sells with it' }] });
  const sightings = [current, { ...superseded, url: TAG }];
  expect(judgePage({ url: PAGE, ignore }, [reader({ sightings })]).verdict).toBe('superseded');
});

describe('the finding tells a person', () => {
  const finding = (...observations: PageObservation[]) => judgePage({ url: PAGE }, observations);

  test('how much was read, and whether Paddle.js took the token', () => {
    const read = [PAGE, TAG];
    expect(finding(reader({ read }), browser({ read: [PAGE] })).message).toMatch(/\(3 answers\) serve the current/);
    expect(finding(reader({ read }), browser({ initialised })).message).toMatch(/hand Paddle.js the current token/);
    const others = browser({ initialised: [...initialised, { ...initialised[0], token: 'third' }] });
    expect(finding(reader({ read }), others).message).toMatch(/hand Paddle.js the current token/);
    const third = browser({ initialised: [{ ...initialised[0], token: 'third' }] });
    expect(finding(reader({ read }), third).message).toMatch(/serve the current token/);
  });

  test('the first reason, and how many more there are', () => {
    const one = finding(reader({ unread: [unread] }));
    expect(one.message).toBe(`${PAGE} proves nothing: ${one.reasons[0]?.message}`);
    const two = finding(reader({ unread: [unread], sightings: [] }));
    expect(two.message).toBe(`${PAGE} proves nothing: ${two.reasons[0]?.message} (and 1 more)`);
    for (const surely of [
      finding(reader({ sightings: [superseded] })),
      finding(reader({ misconfigurations: [{ ...wrong, certainty: 'certain' }] })),
    ])
      expect(surely.message).toBe(surely.reasons[0]?.message);
    expect(finding().message).toBe(`${PAGE} proves nothing: `);
  });

  test('where the token that decides was found: in the hands of Paddle.js rather than anywhere else, and exactly', () => {
    const at = (place: 'paddle' | 'response' | 'request' | 'message', url: string, how: 'bytes' | 'folded' = 'bytes') =>
      ({ which: 'superseded', place, url, how }) as typeof superseded & { how: 'bytes' };
    const found = (...sightings: PageObservation['sightings']) => finding(reader({ sightings })).foundIn;
    expect(found(at('message', 'a'), at('paddle', 'b'), at('response', 'c'))).toBe('b');
    expect(found(at('request', 'a'), at('response', 'b'))).toBe('b');
    expect(found(at('paddle', 'a', 'folded'), at('message', 'b'))).toBe('b');
    expect(found(current, at('message', 'b'))).toBe('b');
    expect(found(current)).toBe(PAGE);
    expect(finding(reader({ unread: [unread] })).foundIn).toBeUndefined();
  });

  test('who saw the page, what each saw, and nothing of what was not the case', () => {
    const failed = finding(reader({ read: [PAGE] }), blindObservation('browser', 'crashed', 'it crashed'));
    expect(failed.seenBy).toEqual(['reader']);
    expect(failed.details).toStrictEqual({
      reader: { read: 1, initialised: [], unread: 0, missing: 0 },
      browser: { read: 0, initialised: [], unread: 0, missing: 0, failure: { code: 'crashed', message: 'it crashed' } },
    });
    const returned = finding(browser({ returned: true, details: { requests: 7 } }));
    expect(returned.details).toMatchObject({ browser: { returned: true, requests: 7 } });
    for (const absent of ['waived', 'cache', 'foundIn']) expect(failed).not.toHaveProperty(absent);
  });

  test.each([
    [undefined, /^without end: /],
    [172_800, /^for 2 days: /],
    [172_801, /^for 3 days: /],
    [172_799, /^for 48 hours: /],
    [7_200, /^for 2 hours: /],
    [7_199, /^for 7199 seconds: /],
  ])('for how long a cache keeps it: %p s', (seconds, words) => {
    const http = { url: PAGE, by: 'http', header: 'cache-control: x', seconds } as const;
    expect(cacheWords(http)).toMatch(words);
    expect(cacheWords(http)).toContain(`${PAGE} sends "cache-control: x"`);
    expect(cacheWords({ ...http, by: 'service-worker' })).toContain(`${PAGE}: cache-control: x`);
  });
});

describe('caches', () => {
  const kept = { url: PAGE, by: 'http', header: 'cache-control: max-age=864000', seconds: 864_000 } as const;
  const worker = { url: PAGE, by: 'service-worker', header: 'a worker' } as const;

  test('the longest counts, up to what a person has written', () => {
    const caching = [{ ...kept, seconds: 5 }, kept];
    expect(judgePage({ url: PAGE }, [reader({ caching })]).cache?.seconds).toBe(864_000);
    const acknowledged = judgePage({ url: PAGE, acknowledgedCaching: 172_800 }, [reader({ caching })]);
    expect(acknowledged.cache).toMatchObject({ seconds: 172_800, acknowledged: true });
  });

  test('one without an end is longer than any', () => {
    const endless = { ...worker, seconds: undefined };
    for (const caching of [
      [kept, endless],
      [endless, kept],
    ])
      expect(judgePage({ url: PAGE }, [reader({ caching })]).cache).toMatchObject({ by: 'service-worker' });
    const acknowledged = judgePage({ url: PAGE, acknowledgedCaching: 60 }, [reader({ caching: [endless] })]);
    expect(acknowledged.cache).toMatchObject({ seconds: 60, acknowledged: true });
  });

  test.each([864_000, 864_001])('what a person has written to be enough makes none longer: %i s', (enough) => {
    const { cache } = judgePage({ url: PAGE, acknowledgedCaching: enough }, [reader({ caching: [kept] })]);
    expect(cache).toEqual(kept);
  });

  test('one that is waived does not count', () => {
    const ignore = [{ url: PAGE, reason: 'nobody has seen it yet' }];
    const finding = judgePage({ url: PAGE, ignore }, [reader({ caching: [kept] })]);
    expect(finding).toMatchObject({ verdict: 'current', waived: ignore });
    expect(finding.cache).toBeUndefined();
  });

  test('only a worker that the reader assumes is outweighed, not what the server sends, nor what the browser saw', () => {
    const both = [kept, worker];
    const tried = (caching: PageObservation['caching']) => browser({ returned: true, caching });
    expect(judgePage({ url: PAGE }, [reader({ caching: both }), tried([])]).cache).toEqual(kept);
    expect(judgePage({ url: PAGE }, [reader(), tried([worker])]).cache).toEqual(worker);
    expect(judgePage({ url: PAGE }, [reader({ returned: true, caching: [worker] })]).cache).toEqual(worker);
  });

  test('a page that is not current, or that no cache keeps, is what it was', () => {
    const clean = judgePage({ url: PAGE }, [reader()]);
    expect(withinGrace(clean, 0)).toBe(clean);
    const bad = judgePage({ url: PAGE }, [reader({ sightings: [superseded], caching: [kept] })]);
    expect(withinGrace(bad, 0)).toBe(bad);
  });

  test('what the browser tried outweighs what the reader assumes of a service worker', () => {
    const suspected = reader({ caching: [worker] });
    expect(judgePage({ url: PAGE }, [suspected]).cache).toMatchObject({ by: 'service-worker' });
    expect(judgePage({ url: PAGE }, [suspected, browser({ returned: true })]).cache).toBeUndefined();
    expect(judgePage({ url: PAGE }, [suspected, browser({ returned: false })]).cache).toBeDefined();
  });

  test('a page that is kept for longer than the grace is not proved', () => {
    const finding = judgePage({ url: PAGE }, [reader({ caching: [kept] })]);
    expect([withinGrace(finding, 864_000).verdict, withinGrace(finding, 863_999).verdict]).toEqual([
      'current',
      'incomplete',
    ]);
    const endless = judgePage({ url: PAGE }, [reader({ caching: [worker] })]);
    expect(withinGrace(endless, 1e12).reasons.map(({ code }) => code)).toEqual(['cache_outlives_grace']);
  });
});

test.each<[string, string, boolean]>([
  ['https://a.example/x.js', 'https://a.example/x.js', true],
  ['https://a.example/x.js', 'https://a.example/x.js?1', false],
  ['https://a.example/*', 'https://a.example/', true],
  ['https://a.example/*', 'https://a.example.evil/x', false],
  ['https://a.example/*/t.js', 'https://a.example/1/2/t.js', true],
  ['https://a.example/*/t.js', 'https://a.example/t.js', false],
  ['https://a.example/*/v2/*/t.js', 'https://a.example/x/v2/y/t.js', true],
  ['https://a.example/*/v2/*/t.js', 'https://a.example/x/v3/y/t.js', false],
  ['https://a.example/*/v2/*/t.js', 'https://a.example/x/v2/t.js', false],
  ['*one*one*', 'https://a.example/one', false],
  ['*one*one*', 'https://a.example/one/one', true],
  ['*example*', 'https://a.example/one', true],
])('the waiver %s of %s: %s', (pattern, url, expected) => {
  expect(matches(pattern, url)).toBe(expected);
});
