/** Installations to look at: each a moment of one, with the readings that the console would get there. */
import { judge } from '../../lambdas/composition/console.ts';
import { createConsole } from '../../lambdas/console/console.ts';
import type { Loaded, Readings } from '../../lambdas/console/ports.ts';
import type { TrailEntry } from '../../lambdas/console/view.ts';
import type {
  IntegrationConfig,
  IntegrationState,
  Rotation,
  SeenDay,
  Token,
  Usage,
} from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import { anIntegration } from '../builders/integration.ts';

export const NOW = '2026-11-25T21:30:00.000Z';
export const CONSOLE = 'arn:aws:lambda:eu-west-1:123456789012:function:paddlewheel-console';
export const ROTATE = 'arn:aws:lambda:eu-west-1:123456789012:function:paddlewheel-rotate:operate';
const ago = (ms: number) => later(NOW, -ms);
const ahead = (ms: number) => later(NOW, ms);

export const tokenId = (letter: string) => `ctkn_01kb${letter.repeat(22)}`;

export const aToken = (letter: string, changes: Partial<Token> = {}): Token => ({
  id: tokenId(letter),
  value: `live_${letter.repeat(27)}`,
  name: `pricing-page · 01KB${letter.toUpperCase().repeat(22)}`,
  origin: 'minted',
  rotationId: `01KB${letter.toUpperCase().repeat(22)}`,
  status: 'current',
  createdAt: ago(3 * DAY),
  publishedAt: ago(3 * DAY - 4_000),
  ...changes,
});

export const aState = (changes: Partial<IntegrationState> = {}): IntegrationState => ({
  ...{ integration: 'pricing-page', version: 7, tokens: [aToken('a')], sweeps: [], requests: [] },
  ...{ scheduleAnchor: ago(3 * DAY), targetsCheckedAt: ago(2 * HOUR) },
  ...changes,
});

const configured = (changes: Partial<IntegrationConfig> = {}): IntegrationConfig =>
  anIntegration({
    ...{ account: 'live', environment: 'live', scheduleSince: ago(40 * DAY) },
    ...{ schedule: { cron: '0 3 1 * *', timezone: 'Europe/London' }, consumers: ['marketing-site'] },
    ...changes,
  });

export interface Scene {
  readonly integrations: readonly Loaded[];
  readonly usage?: readonly Usage[];
  readonly trail?: readonly TrailEntry[];
  readonly seen?: readonly SeenDay[];
}

let serial = 0;
const record = (
  type: string,
  at: string,
  token: string | undefined,
  message: string,
  more: object = {},
): TrailEntry => {
  serial += 1;
  const tokenOf = token === undefined ? {} : { tokenId: token };
  return { sk: `${at}#${serial}`, kind: 'action', type, at, message, ...tokenOf, ...more };
};

/** A token's ordinary life in the trail. */
function life({ id, createdAt, publishedAt = createdAt }: Token): TrailEntry[] {
  const webhook = {
    sk: `${createdAt}#evt_${id}`,
    kind: 'webhook',
    type: 'client_token.created',
    at: createdAt,
    tokenId: id,
  };
  return [
    record('token.minted', createdAt, id, `${id} is minted.`),
    webhook,
    {
      sk: `${webhook.sk}#attribution`,
      kind: 'attribution',
      type: webhook.type,
      at: createdAt,
      tokenId: id,
      actor: 'paddlewheel',
    },
    record('token.published', publishedAt, id, `${id} is published to 2 targets.`, { requestedBy: 'ada' }),
    record('hook.called', later(publishedAt, 3 * MINUTE), id, 'The deploy hook of github was called: 204.'),
  ];
}

const scanned = { details: { evidence: { items: [{ kind: 'current' }, { kind: 'sites' }] } } };

const old = aToken('c', {
  ...{ status: 'revoked', createdAt: ago(33 * DAY), publishedAt: ago(33 * DAY), supersededAt: ago(18 * DAY) },
  ...{
    revokeAfter: ago(16 * DAY),
    revokedAt: ago(16 * DAY - 5 * HOUR),
    revokedBy: 'paddlewheel',
    deployedAt: ago(32 * DAY),
  },
});
const prior = aToken('b', {
  ...{ status: 'superseded', createdAt: ago(18 * DAY), publishedAt: ago(18 * DAY), deployedAt: ago(17 * DAY) },
  ...{ supersededAt: ago(5 * DAY), supersededBy: tokenId('a'), revokeAfter: ago(3 * DAY) },
});
const current = aToken('a', { createdAt: ago(5 * DAY), publishedAt: ago(5 * DAY), deployedAt: ago(4 * DAY) });
const held = {
  ...prior,
  hold: {
    ...{ reason: 'site_serves_superseded', since: ago(3 * DAY), attempts: 71, nextCheckAt: ahead(41 * MINUTE) },
    message: `https://example.com/pricing still serves ${tokenId('b')} in /assets/checkout-1f0c.js. Seen at ${ago(19 * MINUTE)}.`,
  },
};

const usage: readonly Usage[] = [
  {
    ...{ consumer: 'marketing-site', tokenId: tokenId('a'), build: '4182', phase: 'deploy', at: ago(4 * DAY) },
    deployed: { tokenId: tokenId('a'), build: '4182', at: ago(4 * DAY) },
  },
  {
    ...{ consumer: 'mobile-web', tokenId: tokenId('b'), build: '77', phase: 'deploy', at: ago(17 * DAY) },
    deployed: { tokenId: tokenId('b'), build: '77', at: ago(17 * DAY) },
  },
];

const trail: readonly TrailEntry[] = [
  ...[old, prior, current].flatMap(life),
  record('token.superseded', ago(18 * DAY), old.id, `${old.id} is superseded.`),
  record('token.deployed', ago(17 * DAY), prior.id, `${prior.id} is deployed.`),
  record('token.revoking', ago(16 * DAY - 5 * HOUR), old.id, `${old.id} is out of use; it is revoked.`, scanned),
  record('token.superseded', ago(5 * DAY), prior.id, `${prior.id} is superseded.`),
  record('token.held', ago(3 * DAY), prior.id, `Revoking ${prior.id} waits: the page still serves it.`, scanned),
  record('token.held', ago(1 * DAY), prior.id, `Revoking ${prior.id} waits: the page still serves it.`, scanned),
].sort((a, b) => (a.sk < b.sk ? 1 : -1));

const site = { url: 'https://example.com/pricing', extraOrigins: [] };
const config = configured({ sites: [site] });
const one = (
  state: Partial<IntegrationState>,
  name = 'pricing-page',
  changes: Partial<IntegrationConfig> = {},
): Loaded => ({
  config: { ...config, name, ...changes },
  state: aState({ ...state, integration: name }),
});

const lost = { ...current, status: 'revoked', revokedAt: ago(4 * MINUTE), revokedBy: 'external' } as const;
const retry = {
  ...{ step: 'mint', code: 'rate_limited', message: 'Paddle answered 429 and asked to wait 60 seconds.' },
  ...{ since: ago(3 * MINUTE), attempts: 2, nextAttemptAt: ahead(40_000) },
};
const healing: Rotation = {
  ...{ rotationId: 'R1', trigger: 'heal', source: { kind: 'mint' }, tokenName: 'pricing-page · R1', emergency: false },
  ...{ intendedAt: ago(3 * MINUTE), phase: 'intended', mayHavePosted: false, emptyLists: 0, doubted: false },
};

/** Names are made up, and spread over the ways in which an integration can stand. */
const many = (count: number): Loaded[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `shop-${String(index + 1).padStart(4, '0')}`;
    if (index % 331 === 7) return one({ tokens: [lost, old], rotation: healing, retry }, name);
    if (index % 97 === 3) return one({ tokens: [current, held, old] }, name);
    if (index % 41 === 5) return one({ pause: { since: ago(DAY), until: ahead(2 * DAY), requestedBy: 'ada' } }, name);
    if (index % 9 === 1) return one({ tokens: [current, { ...prior, revokeAfter: ahead(30 * HOUR) }, old] }, name);
    return one({ tokens: [current, old] }, name);
  });

export const SCENES = {
  empty: { integrations: [] },
  new: { integrations: [one({ tokens: [], scheduleAnchor: undefined })] },
  healthy: {
    integrations: [one({ tokens: [current, { ...prior, status: 'revoked', revokedAt: ago(2 * DAY) }, old] })],
    usage,
    trail,
  },
  grace: { integrations: [one({ tokens: [current, { ...prior, revokeAfter: ahead(DAY) }, old] })], usage, trail },
  held: { integrations: [one({ tokens: [current, held, old] })], usage, trail },
  stake: { integrations: [one({ tokens: [lost, old], rotation: healing, retry })], usage, trail },
  paused: {
    integrations: [
      one({ tokens: [current, old], pause: { since: ago(HOUR), reason: 'Black Friday', requestedBy: 'ada' } }),
    ],
    usage,
    trail,
  },
  busy: {
    integrations: [
      one({ tokens: [lost, old], rotation: healing, retry }, 'checkout-eu'),
      one({ tokens: [current, held, old] }, 'pricing-page'),
      one({ tokens: [current, { ...prior, revokeAfter: ahead(30 * HOUR) }, old] }, 'docs-upgrade'),
      one(
        { tokens: [current, old], pause: { since: ago(HOUR), until: ahead(7 * HOUR), requestedBy: 'ada' } },
        'campaign',
      ),
      one({ tokens: [current, old], rotation: { ...healing, trigger: 'schedule' } }, 'mobile-web'),
      one({ tokens: [current, old] }, 'sandbox-shop', { environment: 'sandbox', account: 'sandbox' }),
      one({ tokens: [current, old] }, 'old-shop', { managed: false }),
    ],
  },
  thousand: { integrations: many(1_000) },
} as const satisfies Record<string, Scene>;

/** Readings of a scene. */
export const readingsOf = ({
  integrations,
  usage: reports = [],
  trail: records = [],
  seen: days = [],
}: Scene): Readings => ({
  names: async () => integrations.map(({ config: { name } }) => name),
  load: async (names) => integrations.filter(({ config: { name } }) => names.includes(name)),
  usage: async () => reports,
  seen: async () => days,
  trail: async (_, ids) => records.filter(({ tokenId: id }) => id === undefined || ids.includes(id)),
});

export const consoleOf = (scene: Scene) =>
  createConsole({
    readings: readingsOf(scene),
    clock: { now: () => Date.parse(NOW) },
    ids: { next: () => '01KBRENDER' },
    rotate: ROTATE,
    judge,
  });

/** What the widget shows. */
export const show = (scene: Scene, event: object = {}, theme: 'light' | 'dark' = 'light'): Promise<string> =>
  consoleOf(scene)({ ...event, widgetContext: { theme, params: {}, forms: { all: {} } } }, CONSOLE);
