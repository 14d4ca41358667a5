import { judgePage, matches, withinGrace } from '../../lambdas/evidence/sites/judge.ts';
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

describe('caches', () => {
  const kept = { url: PAGE, by: 'http', header: 'cache-control: max-age=864000', seconds: 864_000 } as const;
  const worker = { url: PAGE, by: 'service-worker', header: 'a worker' } as const;

  test('the longest counts, up to what a person has written', () => {
    const caching = [{ ...kept, seconds: 5 }, kept];
    expect(judgePage({ url: PAGE }, [reader({ caching })]).cache?.seconds).toBe(864_000);
    const acknowledged = judgePage({ url: PAGE, acknowledgedCaching: 172_800 }, [reader({ caching })]);
    expect(acknowledged.cache).toMatchObject({ seconds: 172_800, acknowledged: true });
  });

  test('what the browser tried outweighs what the reader suspects of a service worker', () => {
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
])('the waiver %s of %s: %s', (pattern, url, expected) => {
  expect(matches(pattern, url)).toBe(expected);
});
