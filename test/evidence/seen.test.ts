/** The silence of a superseded token as evidence: what it needs, what breaks it, and when it is over. */
import type { IntegrationConfig, SeenDay, Token } from '../../lambdas/domain/model.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/domain/time.ts';
import type { Case, EvidenceSources } from '../../lambdas/evidence/check.ts';
import { checkSeen } from '../../lambdas/evidence/seen.ts';
import { freshState } from '../../lambdas/rotation/snapshot.ts';
import { anAccount, anIntegration, START } from '../builders/integration.ts';

const NOW = later(START, 20 * DAY);
const ago = (ms: number) => later(NOW, -ms);
const token = (id: string, more: Partial<Token>): Token => ({
  ...{ id, value: id, name: id, origin: 'minted', rotationId: 'r', status: 'superseded', createdAt: START },
  ...more,
});
const SILENT = { silentForMs: 3 * DAY };

/** @param seen token -> how long ago it was seen first and last (ms) */
async function evidence(
  seen: { old?: readonly [number, number]; fresh?: readonly [number, number] },
  changes: { old?: Partial<Token>; config?: Partial<IntegrationConfig> } = {},
) {
  const days = Object.entries(seen).flatMap(([tokenId, [first, last]]): SeenDay[] => [
    { tokenId, day: ago(first).slice(0, 10), first: ago(first), last: ago(first), count: 1 },
    { tokenId, day: ago(last).slice(0, 10), first: ago(last), last: ago(last), count: 1 },
  ]);
  const [old, current] = [
    token('old', { supersededAt: ago(4 * DAY), ...changes.old }),
    token('fresh', { status: 'current' }),
  ];
  const config = anIntegration({ seen: SILENT, ...changes.config });
  const subject: Case = {
    ...{ now: NOW, account: anAccount(), config, token: old, current },
    state: { ...freshState(config.name), tokens: [old, current] },
  };
  const ledger = { seen: async () => days, usage: async () => [] };
  return checkSeen(subject, { ledger } as unknown as EvidenceSources);
}

const heard = [4 * DAY, MINUTE] as const;

test('without the setting it does not apply, whatever was seen', async () => {
  expect(await evidence({ old: [DAY, 0], fresh: heard }, { config: { seen: undefined } })).toBeUndefined();
});

describe.each<[string, Parameters<typeof evidence>, readonly [boolean, string]]>([
  ['both were heard, and the old one is silent', [{ old: [9 * DAY, 4 * DAY], fresh: heard }], [true, 'seen_silent']],
  ['the old one was never heard', [{ fresh: heard }], [true, 'seen_silent']],
  ['the old one was heard an hour ago', [{ old: [9 * DAY, HOUR], fresh: heard }], [false, 'seen_recently']],
  ['the old one is heard again', [{ old: [HOUR, HOUR], fresh: heard }], [false, 'seen_recently']],
  // A minute that a process may not have written yet.
  ['the old one was heard three days ago', [{ old: [9 * DAY, 3 * DAY], fresh: heard }], [false, 'seen_recently']],
  ['the same, and the minute is over', [{ old: [9 * DAY, 3 * DAY + MINUTE], fresh: heard }], [true, 'seen_silent']],
  ['nothing was ever heard', [{}], [false, 'seen_no_beacon']],
  ['the current one was never heard', [{ old: [9 * DAY, 4 * DAY] }], [false, 'seen_no_beacon']],
  ['nobody is heard any more', [{ old: [9 * DAY, 4 * DAY], fresh: [4 * DAY, 4 * DAY] }], [false, 'seen_no_beacon']],
  ['the current one was heard just in time', [{ fresh: [9 * DAY, 3 * DAY] }], [true, 'seen_silent']],
  ['the current one was heard too long ago', [{ fresh: [9 * DAY, 3 * DAY + MINUTE] }], [false, 'seen_no_beacon']],
  ['the first beacon came yesterday', [{ fresh: [DAY, MINUTE] }], [false, 'silence_in_progress']],
  [
    'it was superseded yesterday',
    [{ fresh: heard }, { old: { supersededAt: ago(DAY) } }],
    [false, 'silence_in_progress'],
  ],
  [
    'a target held it until yesterday',
    [{ fresh: heard }, { old: { servedAt: ago(2 * DAY), servedUntil: ago(DAY) } }],
    [false, 'silence_in_progress'],
  ],
  ['a target may hold it', [{ fresh: heard }, { old: { servedAt: ago(DAY) } }], [false, 'silence_in_progress']],
])('%s', (_, given, [satisfied, reason]) => {
  test(`${satisfied ? 'satisfies' : 'holds'}: ${reason}`, async () => {
    const found = await evidence(...given);
    expect(found).toMatchObject({ kind: 'seen', satisfied, reason, message: expect.any(String) });
  });
});

test('it says until when, by whichever is the latest', async () => {
  const recently = await evidence({ old: [9 * DAY, HOUR], fresh: heard });
  expect(recently?.details).toMatchObject({ until: later(NOW, 3 * DAY - HOUR + MINUTE), last: ago(HOUR) });
  expect(recently?.message).toContain(later(NOW, 3 * DAY - HOUR + MINUTE));
  const superseded = await evidence({ fresh: heard }, { old: { supersededAt: ago(DAY) } });
  expect(superseded?.details).toMatchObject({ until: later(NOW, 2 * DAY) });
  const first = await evidence({ fresh: [DAY, MINUTE] });
  expect(first?.details).toMatchObject({ until: later(NOW, 2 * DAY) });
});

test('it says whether the old token was ever heard', async () => {
  expect((await evidence({ fresh: heard }))?.message).toContain('was never seen');
  expect((await evidence({ old: [9 * DAY, 4 * DAY], fresh: heard }))?.message).toContain(
    `last seen at ${ago(4 * DAY)}`,
  );
});
