import { keyProblemOf } from '../../lambdas/observe/api-key-problem.ts';
import { inserted, observing, webhookLine } from './fakes.ts';

const OURS = `apikey_${'a'.repeat(26)}`;
const OTHER = `apikey_${'b'.repeat(26)}`;
const at = '2026-11-22T03:00:00.000000Z';

describe('an event about an API key', () => {
  test.each<[string, string, object, string | undefined, string | undefined]>([
    ['our key expires', 'api_key.expiring', { id: OURS }, OURS, 'our-api-key'],
    ['our key has expired', 'api_key.expired', { id: OURS }, OURS, 'our-api-key'],
    ['our key was revoked', 'api_key.revoked', { id: OURS }, OURS, 'our-api-key'],
    [
      'our key was found in public',
      'api_key_exposure.created',
      { id: 'apkexp_1', api_key_id: OURS },
      OURS,
      'our-api-key',
    ],
    ['another key expires', 'api_key.expiring', { id: OTHER }, OURS, 'other-api-key'],
    [
      'another key was found in public',
      'api_key_exposure.created',
      { id: OURS, api_key_id: OTHER },
      OURS,
      'other-api-key',
    ],
    ['a key expires and ours is not known', 'api_key.expiring', { id: OTHER }, undefined, 'api-key-unknown'],
    ['the event names no key', 'api_key.revoked', { id: 7 }, OURS, 'api-key-unknown'],
    ['a key was made', 'api_key.created', { id: OURS }, OURS, undefined],
    ['a key was renamed', 'api_key.updated', { id: OURS }, OURS, undefined],
    ['the type is a property of every object', 'constructor', { id: OURS }, OURS, undefined],
  ])('%s', (_, type, data, ours, reason) => {
    expect(keyProblemOf({ type, at, data: { ...data } }, ours)?.reason).toBe(reason);
  });

  test('says how many whole days are left', () => {
    const data = { id: OURS, expires_at: '2026-11-29T02:59:59.000000Z' };
    expect(keyProblemOf({ type: 'api_key.expiring', at, data }, OURS)).toMatchObject({
      daysLeft: 6,
      message: `The API key ${OURS} expires soon: 6 day(s) are left.`,
    });
  });
});

describe('observing it', () => {
  const line = (id: string) =>
    inserted(
      webhookLine({
        id: 'evt_1',
        type: 'api_key.expiring',
        data: { id, key: 'pdl_live_apikey_01jkdpbhaz****', expires_at: '2026-11-29T02:59:00Z' },
      }),
    );

  test('counts, names the account, and puts what it means behind the event in the trail', async () => {
    const { run, keyIds, metrics, log, attributions } = observing();
    keyIds.set('live', OURS);
    expect(await run(line(OURS))).toEqual({ batchItemFailures: [] });
    expect(metrics.counted).toEqual(['ApiKeyProblem']);
    expect(log.lines).toEqual([
      expect.stringMatching(/"alarm":"PaddlewheelApiKeyProblem","account":"live".*"daysLeft":6/),
    ]);
    expect([...attributions.values()]).toMatchObject([
      { pk: 'ACCOUNT#live', eventId: 'evt_1', actor: 'external', reason: 'our-api-key', keyId: OURS, daysLeft: 6 },
    ]);
  });

  test('of another key of the account rings for nobody', async () => {
    const { run, keyIds, metrics, log, attributions } = observing();
    keyIds.set('live', OURS);
    await run(line(OTHER));
    expect([metrics.counted, log.lines]).toEqual([[], []]);
    expect([...attributions.values()]).toMatchObject([{ reason: 'other-api-key' }]);
  });

  test('of an account that the API has registered rings for nobody, and is in the trail', async () => {
    const { run, keyIds, sellers, metrics, attributions } = observing();
    keyIds.set('live', OURS);
    sellers.add('live');
    await run(line(OURS));
    expect(metrics.counted).toEqual([]);
    expect([...attributions.values()]).toMatchObject([{ reason: 'our-api-key', keyId: OURS }]);
  });

  test('is repeated when its line could not be stored', async () => {
    const { run, keyIds, failures, attributions } = observing();
    keyIds.set('live', OURS);
    failures.set('trail', 1);
    const record = line(OURS);
    expect((await run(record)).batchItemFailures).toHaveLength(1);
    await run(record);
    expect(attributions.size).toBe(1);
  });
});
