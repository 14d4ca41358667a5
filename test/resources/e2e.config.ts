/**
 * What the end-to-end tests deploy: every test has integrations of its own, so that none disturbs another. Accounts
 * whose Paddle misbehaves have a Paddle of their own for the same reason.
 */
import { defineConfig } from '../../infra/config.ts';
import type { AccountInput, IntegrationInput } from '../../infra/config-input.ts';

/** JSON: account -> address of its Paddle. */
const paddles: Readonly<Record<string, string>> = JSON.parse(process.env.PADDLEWHEEL_E2E_PADDLES ?? '{}');
const pages = process.env.PADDLEWHEEL_E2E_PAGES ?? 'http://127.0.0.1:1';
/** Made in the dashboard before the deploy. */
const adopt = process.env.PADDLEWHEEL_E2E_ADOPT;

const account = (name: string, environment: 'sandbox' | 'live' = 'sandbox', more: Partial<AccountInput> = {}) => ({
  environment,
  apiKey: { secret: `paddlewheel/${name}/api-key` },
  apiUrl: paddles[name],
  // The tests register destinations themselves; `zero-touch.test.ts` is about the registrar's doing it.
  webhooks: 'manual' as const,
  maxRevocationsPerRun: 100,
  ...more,
});

/** `npm run self-heal`: the same story ten times, each with an integration of its own. */
export const SELF_HEALS = Array.from(
  { length: Number(process.env.PADDLEWHEEL_SELF_HEALS) || 1 },
  (_, index) => `healed-while-busy${index === 0 ? '' : `-${index + 1}`}`,
);

/** Nothing rotates by itself while the tests run; grace is over at once, unless a test needs a window. */
const integration = (name: string, more: Partial<IntegrationInput> = {}): IntegrationInput => ({
  name,
  account: 'sandbox',
  rotate: { every: '30 days' },
  grace: '2 seconds',
  publishTo: [{ ssmParameter: `/e2e/${name}/client-token` }],
  scans: { count: 1, over: '1 second' },
  ...more,
});

const both = (name: string) => [
  { ssmParameter: `/e2e/${name}/client-token` },
  { secret: `e2e/${name}/client-token` },
];
const window = { grace: '1 hour' };
/** Long enough to arrange what must be the case when it is over, also on a busy machine; the schedule does not wait. */
const arranged = { grace: '10 seconds' };

export default defineConfig({
  platform: { credentials: 'e2e-sellers/*', targets: ['/e2e-sellers/*'] },
  accounts: {
    // The Paddle of the sellers, who come without a deploy.
    sellers: account('sellers'),
    sandbox: account('sandbox'),
    'live-eu': account('live-eu', 'live', {
      apiKey: { ssmParameter: '/paddlewheel/live-eu/api-key' },
      webhookSecret: { ssmParameter: '/paddlewheel/live-eu/webhook-secret' },
    }),
    dying: account('dying'),
    rough: account('rough'),
    quiet: account('quiet'),
    busy: account('busy'),
    keyless: account('keyless'),
    racing: account('racing'),
    capped: account('capped', 'sandbox', { maxRevocationsPerRun: 1 }),
    // No machine is so busy that a page which is in use is silent for so long.
    listening: account('listening', 'sandbox', { seen: { silentFor: '1 hour' } }),
  },
  integrations: [
    // unattended
    integration('by-schedule', { ...arranged, publishTo: both('by-schedule') }),
    integration('by-schedule-live', { account: 'live-eu', publishTo: both('by-schedule-live') }),
    integration('adopted', { adopt }),
    integration('killed', { account: 'dying', publishTo: both('killed') }),
    // rough Paddle
    integration('rough-html', { account: 'rough' }),
    integration('rough-empty', { account: 'rough' }),
    integration('rough-json', { account: 'rough' }),
    integration('rough-drop', { account: 'rough' }),
    integration('rough-late', { account: 'rough' }),
    integration('busy-one', { account: 'busy' }),
    integration('busy-two', { account: 'busy' }),
    integration('keyless', { account: 'keyless' }),
    integration('reconfigured', { ...arranged, account: 'quiet' }),
    // manual use
    ...['plain', 'adopting', 'pausing', 'urgent', 'rolling', 'forced', 'repeated', 'other'].map(
      (name) => integration(`manual-${name}`, window),
    ),
    integration('manual-holding', arranged),
    integration('console', window),
    integration('manual-racing', { ...window, account: 'racing' }),
    integration('manual-live', { account: 'live-eu' }),
    // self-heal
    integration('healed', { publishTo: both('healed') }),
    ...SELF_HEALS.map((name) => integration(name, { ...window, publishTo: both(name) })),
    // evidence
    integration('bound', { consumers: [{ name: 'shop', role: 'arn:aws:iam::000000000000:role/shop-build' }] }),
    integration('proof-current', arranged),
    integration('proof-lost', { ...arranged, account: 'quiet' }),
    integration('proof-targets', { ...arranged, publishTo: both('proof-targets'), drift: 'report' }),
    integration('proof-drift', { publishTo: both('proof-drift') }),
    integration('proof-usage', { consumers: ['shop'] }),
    integration('proof-sites', { ...arranged, sites: [`${pages}/proof-sites/`] }),
    integration('proof-tags', { ...arranged, sites: [`${pages}/proof-tags/`] }),
    integration('proof-cached', { ...arranged, sites: [`${pages}/proof-cached/`] }),
    integration('proof-worker', { ...arranged, sites: [`${pages}/proof-worker/`] }),
    integration('proof-hook', {
      ...{ ...window, sites: [`${pages}/proof-hook/`], deployWithin: '3 seconds' },
      deployHooks: [{ kind: 'webhook', url: { secret: 'e2e/proof-hook/hook' } }],
    }),
    integration('proof-seen', { ...arranged, account: 'listening' }),
    integration('proof-cap-one', { account: 'capped' }),
    integration('proof-cap-two', { account: 'capped' }),
    // stories
    integration('story-rollback', window),
    integration('story-twice', { grace: '20 seconds' }),
    integration('story-emergency', { ...window, publishTo: both('story-emergency') }),
    integration('story-pause', { account: 'quiet' }),
    integration('story-deployed', { graceFrom: 'deployed', consumers: ['shop'] }),
    // restored ledger
    ...['restored-adopted', 'restored-alone'].map((name) => integration(name, window)),
    // usage
    integration('used', { ...window, consumers: ['shop'] }),
    // recipes: the name that stands on the page
    integration('pricing-page', window),
    // Asks for a token that nobody knows, so it never gets one.
    integration('never-ready', { adopt: 'ctkn_00000000000000000000000000' }),
  ],
});
