/** The verdict that `status` begins with, and that `why` is. */
import { standingsOf } from '../../cli/verdict.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { installation } from './world.ts';

const NOW = '2026-11-26T12:00:00.000Z';
const IN_TWO_DAYS = '2026-11-28T12:00:00.000Z';
const AGO = '2026-11-26T11:00:00.000Z';
const current = { id: 'ctkn_new', status: 'current' };
const old = { id: 'ctkn_old', status: 'superseded' };
const hold = { reason: 'site_serves_superseded', message: 'The page serves ctkn_old.', nextCheckAt: AGO };
const healthy = { managed: true, token: current, tokens: [current], nextRotationAt: IN_TWO_DAYS };

test.each<[string, object, string]>([
  ['nothing waits', {}, 'healthy: Nothing waits. Rotates in 2 days (2026-11-28T12:00:00.000Z).'],
  [
    'no token yet',
    { token: undefined, tokens: [] },
    'new: The first token is minted and published with the next heartbeat, within a minute.',
  ],
  [
    'a grace window',
    { tokens: [current, { ...old, revokeAfter: IN_TWO_DAYS }] },
    'in grace: ctkn_old stays valid for 2 days, until 2026-11-28T12:00:00.000Z; then the evidence decides.',
  ],
  [
    'a grace that has not begun',
    { tokens: [current, old] },
    'in grace: ctkn_old stays valid until a deployment is reported; then the evidence decides.',
  ],
  [
    'a grace that is over',
    { tokens: [current, { ...old, revokeAfter: AGO }] },
    'rotating: The grace of ctkn_old is over; the evidence is gathered next.',
  ],
  [
    'a hold of several tokens',
    { tokens: [current, { ...old, hold }, { ...old, id: 'ctkn_older', hold }] },
    'held: ctkn_old, ctkn_older: The page serves ctkn_old. Deploy that page with the current token. Looked at again now.',
  ],
  [
    "a person's hold, even of the current token",
    { tokens: [{ ...current, manualHold: { reason: 'an old app', requestedBy: 'ada', since: AGO } }] },
    'held: ctkn_new: "an old app" by ada, until somebody releases it.',
  ],
  [
    'a retry',
    { retry: { message: 'Paddle answered 503.', nextAttemptAt: IN_TWO_DAYS } },
    'waiting: Paddle answered 503. Tried again in 2 days (2026-11-28T12:00:00.000Z).',
  ],
  [
    'a rotation under way',
    { rotation: { intendedAt: AGO } },
    'rotating: A rotation was begun 1 hour ago; it goes on by itself.',
  ],
  [
    'a pause with an end',
    { paused: { since: AGO, until: IN_TWO_DAYS } },
    'paused: Nothing is minted, published or revoked. It ends in 2 days (2026-11-28T12:00:00.000Z).',
  ],
  [
    'a pause without one',
    { paused: { since: AGO } },
    'paused: Nothing is minted, published or revoked. It has no end: resume it.',
  ],
  [
    'a target that was overwritten',
    { drift: { targets: ['ssm:/x'], since: AGO } },
    'needs attention: Somebody else has overwritten ssm:/x 1 hour ago.',
  ],
  [
    'a deployment that does not come',
    { deployment: { state: 'overdue', message: 'It is not live.' } },
    'needs attention: It is not live.',
  ],
  [
    'a page with a revoked token',
    { checkoutDown: true, servedRevoked: [{ message: 'https://a/ serves ctkn_old, which is revoked', since: AGO }] },
    'CHECKOUT AT STAKE: https://a/ serves ctkn_old, which is revoked, since 1 hour ago. Deploy a build with the current token.',
  ],
  [
    'a current token that somebody revoked',
    { checkoutDown: true },
    'CHECKOUT AT STAKE: Pages serve a token that was revoked by somebody else. A fresh one is on its way: deploy it.',
  ],
  [
    'an integration that has left',
    { managed: false, checkoutDown: true },
    'not managed: It has left the configuration: nothing is rotated or revoked.',
  ],
])('%s', (_, status, said) => {
  expect(standingsOf({ ...healthy, ...status }, NOW).map(({ word, why }) => `${word}: ${why}`)).toEqual([said]);
});

test('the worst comes first, and nothing is left out', () => {
  const tokens = [current, { ...old, hold }, { ...old, id: 'ctkn_grace', revokeAfter: IN_TWO_DAYS }];
  const all = { ...healthy, tokens, checkoutDown: true, paused: { since: AGO }, drift: { targets: ['a'], since: AGO } };
  expect(standingsOf(all, NOW).map(({ word }) => word)).toEqual([
    ...['CHECKOUT AT STAKE', 'needs attention', 'held', 'paused', 'in grace'],
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
        `^in grace: ${before} stays valid for \\d+ (days?|hours?), until .*Z; then the evidence decides\\.\n$`,
      ),
    );
    await command(`pause pricing-page --until ${later(new Date(harness.clock.now()).toISOString(), DAY)}`);
    const { out } = await command('why pricing-page --json');
    expect(JSON.parse(out)).toMatchObject({
      integration: 'pricing-page',
      standings: [{ word: 'paused' }, { word: 'in grace' }],
    });
    await command('resume pricing-page');
    await command(`hold pricing-page --token ${before} --reason 'an old app'`);
    expect(await first()).toBe('pricing-page: held');
    expect((await command('why nowhere')).exit).toBe(1);
  });
});
