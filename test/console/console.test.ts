/** The console's markup: what it says of each state, that texts stay texts, and that it stays within its limits. */

import { parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { MOST_READ } from '../../lambdas/console/console.ts';
import type { Loaded } from '../../lambdas/console/ports.ts';
import { parseWanted } from '../../lambdas/console/request.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { parseRequest } from '../../lambdas/rotation/request.ts';
import { CONSOLE, consoleOf, NOW, ROTATE, readingsOf, SCENES, type Scene, show, tokenId } from './scenes.ts';

/** Lambda takes 6 MB; a page that is read every minute should be far below. */
const MOST_BYTES = 256 * 1024;

const elementsOf = (html: string): Tree.Element[] => {
  const inside = (node: Tree.ParentNode): Tree.Element[] =>
    node.childNodes.flatMap((child) => ('tagName' in child ? [child, ...inside(child)] : []));
  return inside(parseFragment(html));
};
const textOf = (node: Tree.Node): string =>
  'value' in node ? String(node.value) : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
const attribute = ({ attrs }: Tree.Element, name: string) => attrs.find((one) => one.name === name)?.value;
const words = (html: string): string =>
  textOf(parseFragment(html.replace(/<style>.*?<\/style>|<cwdb-action.*?<\/cwdb-action>/gs, ''))).replace(/\s+/g, ' ');
const firstLine = (html: string): string => {
  const [line] = elementsOf(html).filter((element) => attribute(element, 'class')?.includes('pw-verdict'));
  return line ? textOf(line).slice(1) : '';
};
const actionsOf = (html: string) =>
  elementsOf(html)
    .filter(({ tagName }) => tagName === 'cwdb-action')
    .map((element) => ({
      endpoint: attribute(element, 'endpoint'),
      display: attribute(element, 'display'),
      confirmation: attribute(element, 'confirmation'),
      payload: JSON.parse(textOf(element)),
    }));
const changesOf = (html: string) => actionsOf(html).filter(({ endpoint }) => endpoint === ROTATE);

describe('the first line', () => {
  test.each<[keyof typeof SCENES, string]>([
    ['empty', 'No integration is registered yet.'],
    ['new', 'No checkout is at stake for pricing-page.'],
    ['healthy', 'No checkout is at stake for pricing-page.'],
    ['held', 'No checkout is at stake for pricing-page.'],
    ['stake', 'Checkout is at stake. Pages serve a token that was revoked by somebody else: no checkout opens there.'],
    ['busy', 'Checkout is at stake: checkout-eu'],
    ['thousand', 'Checkout is at stake: shop-0008, shop-0339, shop-0670'],
  ])('of %s: %s', async (scene, line) => {
    expect(firstLine(await show(SCENES[scene]))).toBe(line);
  });
});

describe('last seen', () => {
  const day = NOW.slice(0, 10);
  const seen = [
    { tokenId: tokenId('a'), day, first: later(NOW, -HOUR), last: later(NOW, -MINUTE), count: 42 },
    { tokenId: tokenId('b'), day, first: later(NOW, -HOUR), last: later(NOW, -30 * MINUTE), count: 7 },
    { tokenId: tokenId('c'), day, first: later(NOW, -HOUR), last: later(NOW, -HOUR), count: 1 },
  ];

  test('tells which tokens pages used, by their beacon, and that one of them is revoked', async () => {
    const [{ config, state }] = SCENES.held.integrations;
    const listens = { config: { ...config, seen: { silentForMs: DAY } }, state };
    const text = words(await show({ integrations: [listens], seen }));
    expect(text).toContain(`ctkn_…aaaaaa current42 times on ${day}1 minute ago`);
    expect(text).toContain(`ctkn_…bbbbbb NOT the current one7 times on ${day}30 minutes ago`);
    expect(text).toContain(`ctkn_…cccccc NOT the current one, REVOKED1 times on ${day}`);
  });

  test('asks for nothing where nobody listens', async () => {
    expect(words(await show({ integrations: SCENES.held.integrations, seen }))).not.toContain('beacon');
  });
});

describe('why nothing happens, and what ends it', () => {
  test.each<[keyof typeof SCENES, string]>([
    ['new', 'none yet'],
    ['healthy', 'Healthy'],
    [
      'grace',
      'ctkn_…bbbbbb is in grace: pages that were not deployed since still sell with it.Its grace ends in 1 day',
    ],
    [
      'held',
      'ctkn_…bbbbbb is due and not revoked: https://example.com/pricing still serves ctkn_…bbbbbb in /assets/checkout-1f0c.js. ' +
        'Seen at 25 Nov 2026, 21:11:00 UTC.Deploy that page with the current token. It is looked at again in 41 minutes.',
    ],
    ['stake', 'It is tried again in 40 seconds: Paddle answered 429 and asked to wait 60 seconds.'],
    ['paused', 'Paused by ada 1 hour ago: Black Friday.Resume it.'],
  ])('%s', async (scene, text) => {
    expect(words(await show(SCENES[scene]))).toContain(text);
  });

  test('a consumer that has deployed a revoked token is named once, and its build by the beginning of its digest', async () => {
    const [healthy] = SCENES.healthy.integrations;
    if (!healthy) throw new Error('no integration');
    const place = `consumer website (build sha256:1234abcd${'0'.repeat(56)})`;
    const message = `${place} has deployed ${tokenId('b')}, which is revoked`;
    const served = [{ tokenId: tokenId('b'), by: 'report' as const, place, message, since: NOW }];
    const broken = { ...healthy, state: { ...healthy.state, watch: { tokens: [], served } } };
    expect(firstLine(await show({ integrations: [broken] }))).toBe(
      'Checkout is at stake. Consumer website (build sha256:1234abcd…) has deployed ctkn_…bbbbbb, which is revoked, since 25 Nov 2026, 21:30:00 UTC.',
    );
  });

  test('what is late comes now, not some time ago', async () => {
    const [first] = SCENES.held.integrations;
    if (!first) throw new Error('no integration');
    const tokens = first.state.tokens.map((token) =>
      token.hold ? { ...token, hold: { ...token.hold, nextCheckAt: later(NOW, -MINUTE) } } : token,
    );
    const late = { ...first, state: { ...first.state, tokens } };
    expect(words(await show({ integrations: [late] }))).toContain('It is looked at again now.');
  });

  test('a pause that keeps a broken checkout from being mended is named as what must end', async () => {
    const [broken] = SCENES.stake.integrations;
    if (!broken) throw new Error('no integration');
    const paused = { ...broken, state: { ...broken.state, retry: undefined, pause: { since: NOW } } };
    expect(words(await show({ integrations: [paused] }))).toContain('A pause keeps it from being mended: resume it.');
  });
});

describe('the list', () => {
  const namesOf = (html: string) =>
    elementsOf(html)
      .filter(({ tagName }) => tagName === 'h2')
      .map(textOf);

  test('begins with the worst, and within the same with the name', async () => {
    expect(namesOf(await show(SCENES.busy))).toEqual([
      ...['checkout-eu', 'pricing-page', 'mobile-web', 'campaign', 'docs-upgrade', 'sandbox-shop', 'old-shop'],
    ]);
  });

  test('finds by a part of the name, and says when nothing is called so', async () => {
    const typed = { view: 'search', widgetContext: { forms: { all: { search: ' PRICING ' } } } };
    const { integrations } = SCENES.busy;
    expect(namesOf(await consoleOf({ integrations })(typed, CONSOLE))).toEqual(['pricing-page']);
    expect(words(await show(SCENES.busy, { search: 'nowhere' }))).toContain('No integration is called like “nowhere”.');
  });

  test('shows twenty on a page, and each of them once on one of the pages', async () => {
    const hundred = { integrations: SCENES.thousand.integrations.slice(0, 100) };
    const pages = await Promise.all([1, 2, 3, 4, 5].map(async (page) => namesOf(await show(hundred, { page }))));
    expect(pages.map((names) => names.length)).toEqual([20, 20, 20, 20, 20]);
    expect(new Set(pages.flat()).size).toBe(100);
    expect(namesOf(await show(hundred, { page: 99 }))).toEqual(pages[4]);
  });

  test.each([1, 25, 50])('of a thousand stays small on page %i', async (page) => {
    const html = await show(SCENES.thousand, { page });
    expect(namesOf(html)).toHaveLength(20);
    expect(Buffer.byteLength(html)).toBeLessThan(MOST_BYTES);
  });

  test('gives no all-clear for what was not read', async () => {
    const [calm] = SCENES.healthy.integrations;
    if (!calm) throw new Error('no integration');
    const integrations = Array.from({ length: MOST_READ + 500 }, (_, index) => ({
      ...calm,
      config: { ...calm.config, name: `shop-${index}` },
    }));
    const html = await show({ integrations });
    expect(firstLine(html)).toBe('No checkout is at stake in the 2000 integrations that were read.');
    expect(words(html)).toContain('2000 integrations of 2500 (only 2000 are read at once: search to narrow it down)');
  });
});

describe('texts stay texts', () => {
  const EVIL = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e\u0000&lt;`;
  const VALUE = `live_${'z'.repeat(27)}`;
  const [held] = SCENES.held.integrations;
  if (!held) throw new Error('no integration');
  const reason = `${EVIL} ${VALUE}`;
  const evil: Scene = {
    integrations: [
      {
        config: { ...held.config, sites: [{ url: `https://example.com/${EVIL}`, extraOrigins: [] }] },
        state: {
          ...held.state,
          drift: { targets: [EVIL], since: NOW },
          tokens: held.state.tokens.map((token) => ({
            ...token,
            value: VALUE,
            name: EVIL,
            manualHold: { reason, requestedBy: EVIL, since: NOW },
          })),
        },
      },
    ],
    usage: [{ consumer: EVIL, tokenId: tokenId('a'), build: EVIL, phase: 'deploy', at: NOW }],
    trail: [
      { sk: '1', kind: 'action', type: EVIL, at: NOW, tokenId: tokenId('a'), message: reason, requestedBy: EVIL },
    ],
  };
  const two: Scene = { ...evil, integrations: [...evil.integrations, ...SCENES.grace.integrations] };

  test.each<[string, () => Promise<string>]>([
    ['in the details', () => show(evil)],
    ['in the list', () => show(two)],
    ['in what was searched', () => show(two, { search: EVIL })],
    ['in what was asked for', () => show(two, { integration: EVIL })],
  ])('%s', async (_, shown) => {
    const html = await shown();
    expect(html).not.toMatch(/<script|<img|\u202e|\0/i);
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain(VALUE);
  });

  test.each(Object.keys(SCENES) as (keyof typeof SCENES)[])(
    '%s has nothing that CloudWatch takes out',
    async (scene) => {
      for (const element of elementsOf(await show(SCENES[scene]))) {
        expect(['script', 'iframe', 'use', 'object', 'embed', 'link', 'a']).not.toContain(element.tagName);
        for (const { name, value } of element.attrs) {
          expect(name).not.toMatch(/^on/);
          expect(value).not.toMatch(/javascript:|url\(/i);
        }
      }
    },
  );

  test("no token's value is shown", async () => {
    for (const scene of Object.values(SCENES)) expect(await show(scene)).not.toMatch(/(live|test)_[a-z\d]{20}/);
  });
});

describe('buttons', () => {
  test.each(Object.keys(SCENES) as (keyof typeof SCENES)[])('of %s ask before they change anything', async (scene) => {
    for (const { endpoint, display, confirmation, payload } of actionsOf(await show(SCENES[scene]))) {
      expect([CONSOLE, ROTATE]).toContain(endpoint);
      if (endpoint === CONSOLE) expect(display).toBe('widget');
      else {
        expect({ display, confirmation }).toEqual({ display: 'popup', confirmation: expect.stringMatching(/\?/) });
        expect(parseRequest(payload)).toMatchObject({
          request: { action: payload.action, requestedBy: payload.requestedBy },
        });
      }
    }
  });

  test('offer what the state allows', async () => {
    const offered = async (scene: Scene) =>
      changesOf(await show(scene)).map(({ payload }) => `${payload.action} ${payload.tokenId ?? ''}`.trim());
    const [a, b] = [tokenId('a'), tokenId('b')];
    const always = ['rotate', 'reconcile', 'pause', 'pause', 'pause'];
    expect(await offered(SCENES.healthy)).toEqual([...always, `hold ${a}`]);
    expect(await offered(SCENES.grace)).toEqual([...always, `hold ${a}`, `rollback ${b}`, `hold ${b}`]);
    expect(await offered(SCENES.paused)).toEqual(['resume', `hold ${a}`]);
    const [grace] = SCENES.grace.integrations;
    if (!grace) throw new Error('no integration');
    const tokens = grace.state.tokens.map((token) => ({ ...token, manualHold: { reason: 'wait', since: NOW } }));
    const held = await offered({ integrations: [{ ...grace, state: { ...grace.state, tokens } }] });
    expect(held).toContain(`release ${b}`);
    const unmanaged = { ...grace, config: { ...grace.config, managed: false } };
    expect(await offered({ integrations: [unmanaged] })).toEqual([]);
  });

  test('pause with an end', async () => {
    const pauses = changesOf(await show(SCENES.healthy)).filter(({ payload }) => payload.action === 'pause');
    expect(pauses.map(({ payload }) => payload.until)).toContain(later(NOW, DAY));
  });

  test('of one page are one request each, however often they are pressed', async () => {
    const ids = changesOf(await show(SCENES.grace)).map(({ payload }) => payload.requestId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a crowded integration', () => {
  test.each<[string, (scene: Loaded, long: string) => Loaded]>([
    [
      'a hold',
      ({ state, ...rest }, long) => ({
        ...rest,
        state: {
          ...state,
          tokens: state.tokens.map((token) =>
            token.hold ? { ...token, hold: { ...token.hold, message: long } } : token,
          ),
        },
      }),
    ],
    [
      'an attempt that failed',
      ({ state, ...rest }, message) => ({
        ...rest,
        state: {
          ...state,
          retry: { step: 'mint', attempts: 9, reason: 'x', message, nextAttemptAt: NOW, since: NOW } as never,
        },
      }),
    ],
    [
      'targets that were overwritten',
      ({ state, ...rest }, long) => ({
        ...rest,
        state: { ...state, drift: { targets: Array.from({ length: 200 }, () => long.slice(0, 2_000)), since: NOW } },
      }),
    ],
    [
      'a pause',
      ({ state, ...rest }, reason) => ({ ...rest, state: { ...state, pause: { since: NOW, reason } } as never }),
    ],
  ])('however long the text of %s is', async (_, changed) => {
    const [held] = SCENES.held.integrations;
    if (!held) throw new Error('no integration');
    const one = changed(held, `<script>"'&\u202e `.repeat(8_000));
    const many = Array.from({ length: 60 }, (_, index) => ({
      ...one,
      config: { ...one.config, name: `shop-${index}` },
    }));
    for (const integrations of [[one], many])
      expect(Buffer.byteLength(await show({ integrations }))).toBeLessThan(MOST_BYTES);
  });

  test('a text that is cut shows no part of a token', async () => {
    const [held] = SCENES.held.integrations;
    if (!held) throw new Error('no integration');
    for (let length = 420; length < 520; length += 1) {
      const reason = `${'-'.repeat(length)} live_${'z'.repeat(27)}`;
      const state = { ...held.state, pause: { since: NOW, reason } };
      expect(await show({ integrations: [{ ...held, state }] })).not.toContain('zzzzzzzz');
    }
  });

  test('is drawn within bounds', async () => {
    const [held] = SCENES.held.integrations;
    if (!held) throw new Error('no integration');
    const [current, waiting] = held.state.tokens;
    if (!current || !waiting) throw new Error('no tokens');
    const id = (index: number) => `ctkn_01kb${String(index).padStart(22, '0')}`;
    const tokens = [current, ...Array.from({ length: 50 }, (_, index) => ({ ...waiting, id: id(index) }))];
    const trail = tokens.flatMap(({ id: ofToken }) =>
      Array.from({ length: 60 }, (_, index) => ({
        ...{ sk: `${ofToken}${index}`, kind: 'action', type: 'token.held', at: NOW, tokenId: ofToken },
        message: 'waits '.repeat(80),
      })),
    );
    const usage = Array.from({ length: 500 }, (_, index) => ({
      ...{ consumer: `consumer-${index}`, tokenId: current.id, phase: 'build' as const, at: NOW },
    }));
    const html = await show({ integrations: [{ ...held, state: { ...held.state, tokens } }], trail, usage });
    expect(Buffer.byteLength(html)).toBeLessThan(MOST_BYTES);
    expect(words(html)).toContain('43 older tokens are not drawn.');
  });
});

describe('what is wanted', () => {
  test.each<[string, unknown, object]>([
    ['nothing', undefined, { search: '', page: 1, theme: 'light', describe: false }],
    ['the dark theme', { widgetContext: { theme: 'dark' } }, { theme: 'dark' }],
    [
      "the widget's own parameters",
      { widgetContext: { params: { search: 'eu', page: 2 } } },
      { search: 'eu', page: 2 },
    ],
    [
      "a button's parameters, and not the widget's",
      { view: 'list', widgetContext: { params: { integration: 'x' } } },
      { search: '', page: 1 },
    ],
    ['odd values', { search: 7, page: -1, integration: {} }, { search: '', page: 1 }],
    ['a page of the future', { page: 1e9 }, { page: 1 }],
  ])('%s', (_, event, wanted) => {
    expect(parseWanted(event)).toMatchObject(wanted);
  });

  test('its documentation', async () => {
    expect(await consoleOf(SCENES.empty)({ describe: true }, CONSOLE)).toMatch(/^## Paddlewheel\n/);
  });

  test('an integration that is not there leads to the list', async () => {
    expect(words(await show(SCENES.busy, { integration: 'nowhere' }))).toContain(
      'No integration is called like “nowhere”.',
    );
    expect((await readingsOf(SCENES.busy).load(['nowhere'])).length).toBe(0);
  });
});
