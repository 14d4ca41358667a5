/** Decisions and outcomes, and which fields of which token each may change. */
import type { IntegrationState, PaddleToken, Rotation, Token } from '../../lambdas/domain/model.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import type { Context } from '../../lambdas/rotation/change.ts';
import type { DecisionKind } from '../../lambdas/rotation/decision.ts';
import type { Outcome } from '../../lambdas/rotation/outcome.ts';
import { anIntegration, START } from '../builders/integration.ts';

export const NOW = later(START, 10 * DAY);
export const hold = { reason: 'x', message: 'x', since: START, attempts: 2, nextCheckAt: START };

/** `Required`: a field that is added to the model must be added here. */
export const full = (id: string, status: Token['status']): Required<Token> => ({
  ...{ id, status, value: `test_${id}`, name: `pricing-page · ${id}`, origin: 'minted', rotationId: `r-${id}` },
  ...{ createdAt: START, publishedAt: START, deployedAt: START, supersededAt: START, supersededBy: 'ctkn_x' },
  ...{ revokeAfter: START, emergency: { reason: 'leaked', requestedBy: 'ana' }, hold },
  ...{ manualHold: { reason: 'app in the store', requestedBy: 'ana', since: START } },
  ...{ cleanScans: [START], cleanScansOf: 'x', scanRound: { of: 'x', scanned: 1, since: START, at: START } },
  ...{
    revokingBy: 'me',
    revokingSince: START,
    revokingFrom: 'superseded' as const,
    revocationTriedAt: START,
    servedAt: START,
    servedUntil: START,
    failures: 1,
    stuckSince: START,
  },
  ...{ revokedAt: START, revokedBy: 'external' as const },
});

export const rotation: Required<Rotation> = {
  ...{ rotationId: 'r-new', trigger: 'manual', source: { kind: 'mint' }, tokenName: 'pricing-page · r-new' },
  ...{ intendedAt: START, reason: 'x', requestedBy: 'ana', emergency: false, phase: 'minted', tokenId: 'minted' },
  ...{ clearedBy: 'me', mayHavePosted: true, emptyLists: 1, doubted: true, rounds: 1 },
};
export const retry = {
  step: 'publish',
  code: 'x',
  message: 'x',
  since: START,
  attempts: 1,
  nextAttemptAt: START,
  told: [],
};
export const repair = { id: 'r', reason: 'x', since: START, attempts: 1, nextAttemptAt: START };

export const before: IntegrationState = {
  integration: 'pricing-page',
  version: 7,
  tokens: [
    full('current', 'current'),
    full('superseded', 'superseded'),
    full('orphan', 'orphan'),
    full('revoking', 'revoking'),
    full('minted', 'minted'),
    full('revoked', 'revoked'),
  ],
  ...{ rotation, retry, repair, scheduleAnchor: START, targetsCheckedAt: START, targetsUnread: 2, dueAt: NOW },
  drift: { targets: ['ssm:x'], since: START },
  pause: { since: START, reason: 'x', requestedBy: 'ana' },
  lease: { runId: 'me', until: NOW },
  sweeps: [{ at: START, tokenName: 'pricing-page · r-old', rotationId: 'r-old' }],
  requests: [{ requestId: 'q', rotationId: 'r-q' }],
  lastEmergency: { rotationId: 'r-e', at: START },
  crowdedSince: START,
  publishedTo: anIntegration().targets,
  watch: { tokens: [{ id: 'dead', value: 'test_dead', since: NOW }], nextAt: START, cached: undefined },
  unclaimed: [
    {
      ...{ id: 'unclaimed', value: 'test_u', name: 'pricing-page · r-u', rotationId: 'r-u', createdAt: START },
      ...{ provenance: 'known', since: START, nextCheckAt: START },
    },
  ],
};

let ids = 0;
export const context: Context = {
  now: NOW,
  runId: 'me',
  config: anIntegration(),
  nextId: () => {
    ids += 1;
    return `id-${ids}`;
  },
};

export const atPaddle = (id: string, changes: Partial<PaddleToken> = {}): PaddleToken => ({
  ...{ id, token: `test_${id}`, name: `pricing-page · ${id}`, status: 'active', createdAt: START },
  ...changes,
});
const gone = (id: string) => atPaddle(id, { status: 'revoked', revokedAt: NOW });
export const token = (answer?: PaddleToken): Outcome => ({ kind: 'token', token: answer });
export const failed: Outcome = { kind: 'failed', failure: { class: 'transient', code: 'down', message: 'down' } };
const evidence = (satisfied: boolean, more = {}): Outcome => ({
  kind: 'evidence',
  evidence: { satisfied, gatheredAt: NOW, items: [{ kind: 'usage', satisfied, reason: 'y', message: 'y' }] },
  ...more,
});

const LOST = ['status', 'revokedAt', 'revokedBy', 'hold'];
const BACK = ['status', 'revokingBy', 'revokingSince', 'revocationTriedAt', 'hold', 'failures'];
const CURRENT = [
  ...['status', 'publishedAt', 'deployedAt', 'supersededAt', 'supersededBy', 'revokeAfter', 'emergency', 'hold'],
  ...['cleanScans', 'scanRound', 'servedAt', 'servedUntil'],
];
const SUPERSEDED = ['status', 'supersededAt', 'supersededBy', 'cleanScans', 'scanRound', 'revokeAfter'];

type Row = [
  what: string,
  decision: { kind: DecisionKind; tokenId?: string; [more: string]: unknown },
  outcome: Outcome,
  tokens: Record<string, readonly string[]>,
  state: readonly (keyof IntegrationState)[],
  given?: Partial<IntegrationState>,
];

const published: Outcome = { kind: 'published', targets: ['ssm:x'] };
const SETTLED = ['rotation', 'retry', 'repair', 'drift', 'targetsCheckedAt', 'targetsUnread'] as const;
export const adopting = { ...rotation, source: { kind: 'adopt', tokenId: 'minted' } } as const;
const rollingBack = {
  ...rotation,
  source: { kind: 'rollback', tokenId: 'superseded' },
  tokenId: 'superseded',
} as const;

export const rows: Row[] = [
  [
    'intend',
    { kind: 'intend', trigger: 'schedule', source: { kind: 'mint' } },
    { kind: 'done' },
    {},
    ['rotation', 'retry', 'crowdedSince', 'scheduleAnchor'],
  ],
  ['crowded', { kind: 'report-crowded' }, { kind: 'done' }, {}, ['crowdedSince']],
  ['abandon', { kind: 'abandon' }, { kind: 'done' }, { minted: ['status'] }, ['rotation', 'retry', 'repair']],
  ['clear', { kind: 'clear' }, { kind: 'done' }, {}, ['rotation']],
  ['minted', { kind: 'mint' }, token(atPaddle('new')), { new: ['*'] }, ['rotation', 'retry', 'sweeps']],
  ['mint failed', { kind: 'mint' }, failed, {}, ['rotation', 'retry']],
  [
    'found',
    { kind: 'find' },
    { kind: 'tokens', tokens: [atPaddle('a'), atPaddle('b')] },
    { a: ['*'], b: ['*'] },
    ['rotation', 'retry', 'sweeps'],
  ],
  ['found nothing', { kind: 'find' }, { kind: 'tokens', tokens: [] }, {}, ['rotation', 'retry']],
  [
    'found only revoked ones',
    { kind: 'find' },
    { kind: 'tokens', tokens: [gone('a')] },
    { minted: ['status'] },
    ['rotation', 'retry', 'repair', 'sweeps', 'crowdedSince', 'scheduleAnchor'],
  ],
  ['verified', { kind: 'verify', tokenId: 'minted' }, token(atPaddle('minted')), {}, ['rotation']],
  ['verified as unknown', { kind: 'verify', tokenId: 'minted' }, token(), {}, ['rotation', 'retry']],
  [
    'verified as revoked',
    { kind: 'verify', tokenId: 'minted' },
    token(gone('minted')),
    { minted: LOST },
    ['rotation', 'retry', 'repair', 'crowdedSince', 'scheduleAnchor', 'targetsCheckedAt', 'targetsUnread', 'watch'],
  ],
  [
    'an adoption verified as revoked',
    { kind: 'verify', tokenId: 'minted' },
    token(gone('minted')),
    { minted: LOST },
    ['rotation', 'retry', 'repair', 'targetsCheckedAt', 'targetsUnread', 'watch'],
    { rotation: adopting },
  ],
  [
    'a rollback verified',
    { kind: 'verify', tokenId: 'superseded' },
    token(atPaddle('superseded')),
    {},
    ['rotation'],
    { rotation: rollingBack },
  ],
  ['published', { kind: 'publish', tokenId: 'minted' }, published, { minted: CURRENT, current: SUPERSEDED }, SETTLED],
  [
    'published in an emergency',
    { kind: 'publish', tokenId: 'minted' },
    published,
    { minted: CURRENT, current: [...SUPERSEDED, 'emergency'] },
    SETTLED,
    { rotation: { ...rotation, emergency: true } },
  ],
  [
    'rolled back',
    { kind: 'publish', tokenId: 'superseded' },
    published,
    { superseded: CURRENT, current: SUPERSEDED },
    SETTLED,
    { rotation: rollingBack },
  ],
  ['publish failed', { kind: 'publish', tokenId: 'minted' }, failed, {}, ['rotation', 'retry']],
  [
    'restored',
    { kind: 'restore', tokenId: 'current' },
    published,
    {},
    ['repair', 'drift', 'targetsCheckedAt', 'targetsUnread'],
  ],
  ['restore failed', { kind: 'restore', tokenId: 'current' }, failed, {}, ['repair']],
  [
    'targets checked',
    { kind: 'check-targets', tokenId: 'current' },
    { kind: 'targets', differing: [] },
    {},
    ['drift', 'targetsCheckedAt', 'targetsUnread'],
  ],
  ['targets unread', { kind: 'check-targets', tokenId: 'current' }, failed, {}, ['targetsCheckedAt', 'targetsUnread']],
  [
    'not deployed, and not waited for any more',
    { kind: 'check-deployed', tokenId: 'superseded' },
    { kind: 'deployment', usage: [] },
    { superseded: ['revokeAfter', 'hold', 'scanRound'] },
    [],
  ],
  [
    'deployed',
    { kind: 'check-deployed', tokenId: 'superseded' },
    { kind: 'deployment', usage: [], deployedAt: NOW },
    { superseded: ['revokeAfter', 'hold', 'scanRound'], current: ['deployedAt'] },
    [],
  ],
  [
    'check-deployed failed',
    { kind: 'check-deployed', tokenId: 'superseded' },
    failed,
    { superseded: ['hold', 'failures', 'revokingBy'] },
    [],
  ],
  [
    'proved',
    { kind: 'prove', tokenId: 'superseded' },
    evidence(true),
    { superseded: ['status', 'revokingBy', 'revokingSince', 'revokingFrom', 'hold', 'scanRound'] },
    [],
  ],
  [
    'not proved',
    { kind: 'prove', tokenId: 'superseded' },
    evidence(false, { cleanScan: true }),
    { superseded: ['hold', 'cleanScans', 'cleanScansOf', 'scanRound'] },
    [],
  ],
  [
    'not proved, for the current token is lost',
    { kind: 'prove', tokenId: 'superseded' },
    evidence(false, { currentLost: true }),
    { superseded: ['hold', 'scanRound'], current: LOST },
    ['retry', 'watch'],
  ],
  [
    'prove failed',
    { kind: 'prove', tokenId: 'superseded' },
    failed,
    { superseded: ['hold', 'failures', 'revokingBy'] },
    [],
  ],
  [
    'confirmed as active',
    { kind: 'confirm', tokenId: 'revoking' },
    token(atPaddle('revoking')),
    { revoking: BACK },
    [],
  ],
  [
    'confirmed as revoked',
    { kind: 'confirm', tokenId: 'revoking' },
    token(gone('revoking')),
    { revoking: [...LOST, 'stuckSince'] },
    ['watch'],
  ],
  [
    'confirm failed',
    { kind: 'confirm', tokenId: 'revoking' },
    failed,
    { revoking: ['hold', 'failures', 'revokingBy'] },
    [],
  ],
  [
    'revoked',
    { kind: 'revoke', tokenId: 'revoking' },
    token(gone('revoking')),
    { revoking: [...LOST, 'stuckSince'] },
    ['watch'],
  ],
  [
    'revoke failed',
    { kind: 'revoke', tokenId: 'revoking' },
    failed,
    { revoking: ['hold', 'failures', 'revokingBy'] },
    [],
  ],
  ['inspected as active', { kind: 'inspect', tokenId: 'current' }, token(atPaddle('current')), {}, []],
  [
    'inspected as revoked',
    { kind: 'inspect', tokenId: 'current' },
    token(gone('current')),
    { current: LOST },
    ['retry', 'watch'],
  ],
  ['inspect failed', { kind: 'inspect', tokenId: 'current' }, failed, {}, []],
  [
    'a late twin claimed',
    { kind: 'claim', tokenId: 'late' },
    { kind: 'unclaimed', provenance: 'intended', token: atPaddle('late') },
    { late: ['*'] },
    [],
  ],
  [
    'a token that only bears our name',
    { kind: 'claim', tokenId: 'late' },
    { kind: 'unclaimed', provenance: 'none', token: atPaddle('late') },
    {},
    ['unclaimed'],
  ],
  ['claim failed', { kind: 'claim', tokenId: 'unclaimed' }, failed, {}, ['unclaimed']],
  [
    'swept',
    { kind: 'sweep' },
    { kind: 'tokens', tokens: [atPaddle('late', { name: 'pricing-page · r-old' })] },
    { late: ['*'] },
    ['sweeps'],
  ],
  ['sweep failed', { kind: 'sweep' }, failed, {}, ['sweeps']],
  [
    'other targets are configured',
    { kind: 'retarget' },
    { kind: 'done' },
    {},
    ['publishedTo', 'formerTargets', 'repair'],
    { publishedTo: [{ kind: 'ssm', name: '/former' }] },
  ],
  [
    'a revoked token that is served',
    { kind: 'watch' },
    {
      ...{ kind: 'watched', unread: [], calls: [], seen: [] },
      served: [{ tokenId: 'dead', by: 'site', place: 'https://a.test/', message: 'it serves dead' }],
    },
    {},
    ['watch'],
  ],
  [
    'pages that show nothing',
    { kind: 'watch' },
    { kind: 'watched', served: [], unread: [], calls: [], seen: [] },
    {},
    ['watch'],
  ],
  [
    'a beacon of a page with a revoked token',
    { kind: 'watch' },
    { kind: 'watched', served: [], unread: [], calls: [], seen: [{ tokenId: 'dead', last: NOW }] },
    {},
    ['watch'],
  ],
  ['watch failed', { kind: 'watch' }, failed, {}, ['watch']],
  ['pause over', { kind: 'resume' }, { kind: 'done' }, {}, ['pause']],
];
