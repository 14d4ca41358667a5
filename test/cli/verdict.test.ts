/** The verdict that `status` answers: one for the command line, the console and whoever asks the function. */
import type { IntegrationConfig, IntegrationState, Token } from '../../lambdas/domain/model.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { standingsOf } from '../../lambdas/domain/verdict.ts';
import { anIntegration } from '../builders/integration.ts';
import { aState } from '../builders/state.ts';
import { installation } from './world.ts';

const NOW = '2026-11-26T12:00:00.000Z';
const IN_TWO_DAYS = '2026-11-28T12:00:00.000Z';
const AGO = '2026-11-26T11:00:00.000Z';
const current = { id: 'ctkn_new', status: 'current' } as Token;
const old = { id: 'ctkn_old', status: 'superseded' } as Token;
const hold = {
  ...{ reason: 'site_serves_superseded', message: 'The page serves ctkn_old.', since: AGO },
  nextCheckAt: IN_TWO_DAYS,
} as Token['hold'];
const retry = { message: 'Paddle answered 503.', nextAttemptAt: IN_TWO_DAYS, attempts: 1 } as IntegrationState['retry'];

/** @returns `word: why ends`, as the command line prints them */
function told(state: object, more: { config?: Partial<IntegrationConfig>; atStake?: readonly string[] } = {}) {
  const judged = {
    config: anIntegration(more.config),
    state: aState({ tokens: [current], ...state }),
    next: { reason: 'publish', message: 'Publishing ctkn_new.' },
    atStake: more.atStake ?? [],
  };
  return standingsOf(judged, NOW, IN_TWO_DAYS);
}
const lines = (...given: Parameters<typeof told>) =>
  told(...given).map(({ word, why, ends }) => `${word}: ${why} ${ends}`);

test.each<[string, object, string]>([
  [
    'nothing waits',
    {},
    'Healthy: The current token is everywhere; nothing waits. It rotates in 2 days (2026-11-28T12:00:00.000Z).',
  ],
  [
    'a grace window',
    { tokens: [current, { ...old, revokeAfter: IN_TWO_DAYS }] },
    'In grace: ctkn_old is in grace: pages that were not deployed since still sell with it. Its grace ends in 2 days (2026-11-28T12:00:00.000Z); then the evidence decides.',
  ],
  [
    'a grace that has not begun',
    { tokens: [current, old] },
    'In grace: The grace of ctkn_old has not begun: nobody has reported the current token deployed. Report the deployment: npx paddlewheel deployed.',
  ],
  [
    'a grace that is over',
    { tokens: [current, { ...old, revokeAfter: AGO }] },
    'Rotating: The grace of ctkn_old is over. The evidence is gathered next.',
  ],
  [
    'a hold',
    { tokens: [current, { ...old, hold }] },
    'Held: ctkn_old is due and not revoked: The page serves ctkn_old. Deploy that page with the current token. It is looked at again in 2 days (2026-11-28T12:00:00.000Z).',
  ],
  [
    "a person's hold, even of the current token",
    { tokens: [{ ...current, manualHold: { reason: 'an old app', requestedBy: 'ada', since: AGO } }] },
    'Held: ctkn_new is held by ada 1 hour ago: an old app It stays until somebody releases it.',
  ],
  [
    'a rotation that waits',
    { rotation: {}, retry },
    'Rotating: A rotation waits: Paddle answered 503. It is tried again in 2 days (2026-11-28T12:00:00.000Z) (1 so far).',
  ],
  [
    'a rotation that waits for long',
    { rotation: {}, retry: { ...retry, attempts: 3 } },
    'Needs attention: A rotation waits: Paddle answered 503. It is tried again in 2 days (2026-11-28T12:00:00.000Z) (3 so far).',
  ],
  [
    'a rotation under way',
    { rotation: {} },
    'Rotating: A rotation is under way: Publishing ctkn_new. It goes on by itself.',
  ],
  [
    'a pause with an end',
    { pause: { since: AGO, until: IN_TWO_DAYS } },
    'Paused: Paused 1 hour ago. It ends by itself in 2 days (2026-11-28T12:00:00.000Z), or when somebody resumes it.',
  ],
  ['a pause without one', { pause: { since: AGO, reason: 'launch' } }, 'Paused: Paused 1 hour ago: launch. Resume it.'],
  [
    'a target that was overwritten',
    { drift: { targets: ['ssm:/x'], since: AGO } },
    'Needs attention: Somebody else has overwritten ssm:/x 1 hour ago. Put the current token back there, rotate, or configure drift: restore.',
  ],
  [
    'a deployment that does not come',
    { deployment: { overdue: { message: 'It is not live.' } } },
    'Needs attention: It is not live. Start the build again, or report its deployment.',
  ],
])('%s', (_, state, said) => {
  expect(lines(state)).toEqual([said]);
});

test('no token yet', () => {
  expect(lines({ tokens: [] })).toEqual([
    expect.stringMatching(/^Rotating: The first token is minted and published with the next heartbeat/),
  ]);
});

test('a page with a revoked token, and what mends it', () => {
  const atStake = ['https://a/ serves ctkn_old, which is revoked.'];
  expect(lines({}, { atStake })).toEqual([
    'Checkout at stake: https://a/ serves ctkn_old, which is revoked. Deploy those pages with the current token.',
  ]);
  expect(lines({ tokens: [] }, { atStake })[0]).toMatch(
    /A fresh token is minted and published next; then deploy the pages\.$/,
  );
  expect(lines({ tokens: [], pause: { since: AGO } }, { atStake })[0]).toMatch(/A pause keeps it from being mended/);
});

test('an integration that has left', () => {
  expect(lines({ pause: { since: AGO } }, { config: { managed: false }, atStake: ['no'] })).toEqual([
    'Not managed: It has left the configuration: nothing is minted, published or revoked. Put it back into the configuration and deploy.',
  ]);
});

test('the worst comes first, and nothing is left out', () => {
  const tokens = [current, { ...old, hold }, { ...old, id: 'ctkn_grace', revokeAfter: IN_TWO_DAYS }];
  const all = { tokens, pause: { since: AGO }, drift: { targets: ['a'], since: AGO } };
  expect(told(all, { atStake: ['A page serves it.'] }).map(({ level }) => level)).toEqual([
    ...['stake', 'attention', 'held', 'paused', 'grace'],
  ]);
});

describe('on the command line', () => {
  test('a life: healthy, in grace, paused', async () => {
    const { command, harness } = await installation();
    const first = async () => (await command('status')).out.split(/ \(|\n/)[0];
    expect(await first()).toBe('pricing-page: healthy');
    const before = harness.current?.id;
    await command('rotate pricing-page');
    expect(await first()).toBe('pricing-page: in grace');
    expect((await command('why pricing-page')).out).toMatch(
      new RegExp(
        `^in grace: ${before} is in grace: .* Its grace ends in \\d+ (days?|hours?) \\(.*Z\\); then the evidence decides\\.\n$`,
      ),
    );
    await command(`pause pricing-page --until ${later(new Date(harness.clock.now()).toISOString(), DAY)}`);
    const { out } = await command('why pricing-page --json');
    expect(JSON.parse(out)).toMatchObject({
      integration: 'pricing-page',
      standings: [{ level: 'paused' }, { level: 'grace', tokenId: before }],
    });
    await command('resume pricing-page');
    await command(`hold pricing-page --token ${before} --reason 'an old app'`);
    expect(await first()).toBe('pricing-page: held');
    expect((await command('why nowhere')).exit).toBe(1);
  });
});
