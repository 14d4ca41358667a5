import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import type { AuditRecord } from '../../lambdas/domain/model.ts';
import { actionLine, inserted, NAME, observing, ROTATION, TOKEN, webhookLine } from './fakes.ts';

const published: AuditRecord = {
  id: '01JKB92MPL7V4RFG8X3Q5WZ7BP',
  type: 'token.published',
  at: '2026-11-22T02:58:00.000Z',
  account: 'live',
  integration: 'pricing-page',
  tokenId: 'ctkn_new',
  rotationId: ROTATION,
  trigger: 'schedule',
  message: 'Every target reads it back.',
  details: { targets: ['/paddle/pricing-page/client-token'] },
};

/** pricing-page holds `ctkn_new` as current and `ctkn_old` as superseded, and is revoking `ctkn_oldest`. */
function midRotation() {
  const world = observing();
  const token = (id: string, status: 'current' | 'superseded' | 'revoking', rotationId: string) => {
    world.owners.set(id, 'pricing-page');
    return { id, status, rotationId, origin: 'minted' as const, name: `pricing-page · ${rotationId}` };
  };
  const tokens = [
    token('ctkn_new', 'current', ROTATION),
    token('ctkn_old', 'superseded', 'r2'),
    token('ctkn_oldest', 'revoking', 'r1'),
  ];
  world.states.set('pricing-page', { config: { account: 'live' }, state: { tokens } });
  return world;
}

const lostCurrent = webhookLine({
  id: 'evt_1',
  type: 'client_token.revoked',
  tokenId: 'ctkn_new',
  data: { status: 'revoked' },
});

describe('an action of ours', () => {
  test('is announced on the bus, as the record it is', async () => {
    const { run, announced } = observing();
    expect(await run(inserted(actionLine(published)))).toEqual({ batchItemFailures: [] });
    expect(announced).toEqual([published]);
  });

  test('is announced without the value of any token', async () => {
    const { run, announced } = observing();
    await run(inserted(actionLine({ ...published, message: `now ${TOKEN}`, details: { [TOKEN]: { value: TOKEN } } })));
    expect(JSON.stringify(announced)).not.toContain(TOKEN.slice(0, -4));
    expect(announced).toMatchObject([{ message: 'now live_7d27…c08' }]);
  });

  test('of a type that nobody could subscribe to is not skipped in silence', async () => {
    const { run } = observing();
    const { batchItemFailures } = await run(inserted({ ...actionLine(published), type: 'token.painted' }));
    expect(batchItemFailures).toHaveLength(1);
  });
});

describe('a webhook about a token', () => {
  test.each([
    ['was in doubt about it', 'live', 'paddlewheel', 'checkout'],
    ['of another Paddle account has the name', 'sandbox', 'external', 'pricing-page'],
  ])(
    'that one of ours made and another took over, is attributed by its name: %s',
    async (_, account, actor, integration) => {
      const { run, attributions, owners, states } = midRotation();
      const name = `checkout · ${ROTATION}`;
      owners.set('ctkn_adopted', 'pricing-page');
      const adopted = { id: 'ctkn_adopted', status: 'current', rotationId: 'r9', origin: 'adopted', name } as const;
      states.set('pricing-page', { config: { account: 'live' }, state: { tokens: [adopted] } });
      const sweeps = [{ at: '2026-11-22T04:00:00.000Z', tokenName: name, rotationId: ROTATION }];
      states.set('checkout', { config: { account }, state: { tokens: [], sweeps } });
      const data = { name, status: 'active' };
      await run(inserted(webhookLine({ id: 'evt_2', type: 'client_token.created', tokenId: 'ctkn_adopted', data })));
      expect([...attributions.values()]).toMatchObject([{ actor, integration }]);
    },
  );

  test('that somebody else revoked under us asks for a reconcile, is counted, and is attributed', async () => {
    const { run, reports, queue, begun, metrics, attributions } = midRotation();
    await run(inserted(lostCurrent));
    expect(begun).toEqual(['pricing-page']);
    expect(reports.taken).toEqual([
      {
        ...{ integration: 'pricing-page', tokenId: 'ctkn_new', source: 'webhook', at: '2026-11-22T03:00:00.000Z' },
        says: 'revoked',
      },
    ]);
    expect(queue.taken).toEqual([{ integration: 'pricing-page', cause: 'webhook', key: 'evt_1' }]);
    expect(metrics.counted).toEqual(['OutOfBandChange']);
    expect([...attributions.values()]).toEqual([
      {
        pk: 'TOKEN#ctkn_new',
        sk: '2026-11-22T02:59:00.123456Z#evt_1#attribution',
        day: '2026-11-22',
        writtenIn: '2026-11-22T03',
        kind: 'attribution',
        source: 'observe',
        id: 'evt_1#attribution',
        eventId: 'evt_1',
        type: 'client_token.revoked',
        at: '2026-11-22T02:59:00.123456Z',
        attributedAt: '2026-11-22T03:00:00.000Z',
        account: 'live',
        tokenId: 'ctkn_new',
        actor: 'external',
        reason: 'not-revoked-by-us',
        integration: 'pricing-page',
      },
    ]);
  });

  test('that we are revoking is ours, and nothing to reconcile', async () => {
    const { run, queue, begun, metrics, attributions } = midRotation();
    await run(
      inserted(
        webhookLine({ id: 'evt_2', type: 'client_token.revoked', tokenId: 'ctkn_oldest', data: { status: 'revoked' } }),
      ),
    );
    expect([...attributions.values()]).toMatchObject([{ actor: 'paddlewheel', rotationId: 'r1' }]);
    expect([queue.taken, begun, metrics.counted]).toEqual([[], [], []]);
  });

  test('that somebody else revoked is not lost when nothing can begin at once', async () => {
    const { run, queue, failures, log, attributions } = midRotation();
    failures.set('direct', 1);
    expect(await run(inserted(lostCurrent))).toEqual({ batchItemFailures: [] });
    expect(queue.taken).toHaveLength(1);
    expect(log.lines.join()).toContain('the queue has it');
    expect(attributions.size).toBe(1);
  });

  test('of a thousand at once begins a few, each integration once; the queue has them all', async () => {
    const { run, owners, states, queue, begun, clock } = observing();
    const lost = Array.from({ length: 40 }, (_, at) => {
      const [integration, tokenId] = [`shop-${at % 20}`, `ctkn_${at}`];
      owners.set(tokenId, integration);
      const token = { id: tokenId, status: 'current', rotationId: 'r', origin: 'minted', name: 'x' } as const;
      const before = states.get(integration)?.state.tokens ?? [];
      states.set(integration, { config: { account: 'live' }, state: { tokens: [...before, token] } });
      return webhookLine({ id: `evt_${at}`, type: 'client_token.revoked', tokenId, data: { status: 'revoked' } });
    });
    await run(...lost.map((line) => inserted(line)));
    expect(queue.taken).toHaveLength(40);
    expect(begun).toEqual(['shop-0', 'shop-1', 'shop-2', 'shop-3', 'shop-4']);
    // However small the batches are in which they come.
    for (const line of lost) await run(inserted(line));
    expect(begun).toHaveLength(5);
    clock.advance(15_000);
    await run(...lost.map((line) => inserted(line)));
    expect(begun).toHaveLength(10);
  });

  test('that changed and lives on waits for its turn in the queue', async () => {
    const { run, queue, begun } = midRotation();
    const changed = { id: 'evt_7', type: 'client_token.updated', tokenId: 'ctkn_new', data: { status: 'active' } };
    await run(inserted(webhookLine(changed)));
    expect([queue.taken.length, begun]).toEqual([1, []]);
  });

  test('that comes before our own record of the token is found by the name that our intent gave it', async () => {
    const { run, states, attributions } = observing();
    const rotation = { rotationId: ROTATION, tokenName: NAME, trigger: 'schedule' as const };
    states.set('pricing-page', { config: { account: 'live' }, state: { tokens: [], rotation } });
    await run(
      inserted(webhookLine({ id: 'evt_3', type: 'client_token.created', tokenId: 'ctkn_9', data: { name: NAME } })),
    );
    expect([...attributions.values()]).toMatchObject([
      { actor: 'paddlewheel', integration: 'pricing-page', rotationId: ROTATION, trigger: 'schedule' },
    ]);
  });

  test('of a stranger is external and no concern of ours', async () => {
    const { run, queue, attributions } = midRotation();
    await run(
      inserted(
        webhookLine({ id: 'evt_4', type: 'client_token.revoked', tokenId: 'ctkn_theirs', data: { name: 'Theirs' } }),
      ),
    );
    expect([...attributions.values()]).toMatchObject([{ actor: 'external', reason: 'no-integration' }]);
    expect(queue.taken).toEqual([]);
  });

  test('that another account vouched for cannot raise an alarm about our token', async () => {
    const { run, queue, metrics, attributions } = midRotation();
    await run(inserted({ ...lostCurrent, account: 'sandbox' }));
    expect([...attributions.values()]).toMatchObject([
      { actor: 'external', account: 'sandbox', reason: 'no-integration' },
    ]);
    expect([queue.taken, metrics.counted]).toEqual([[], []]);
  });
});

test.each<[what: string, record: DynamoDBRecord]>([
  ['an attribution, which is our own write', inserted({ ...lostCurrent, kind: 'attribution' })],
  ['a simulation', inserted({ ...lostCurrent, kind: 'simulation' })],
  ['an event that is about no token', inserted(webhookLine({ id: 'evt_5', type: 'api_key.updated' }))],
  ['a change, which the trail never sees', inserted(lostCurrent, 'MODIFY')],
  ['a record without an image', { eventName: 'INSERT', dynamodb: { SequenceNumber: '1' } }],
])('nothing follows from %s', async (_, record) => {
  const { run, queue, announced, attributions, log } = midRotation();
  expect(await run(record)).toEqual({ batchItemFailures: [] });
  expect([queue.taken, announced, [...attributions], log.lines]).toEqual([[], [], [], []]);
});

describe('every line is chained', () => {
  test('whatever follows from it', async () => {
    const { run, chained } = midRotation();
    const lines = [
      lostCurrent,
      { ...lostCurrent, sk: 'a', kind: 'attribution' },
      { ...lostCurrent, sk: 's', kind: 'simulation' },
    ];
    await run(...lines.map((line) => inserted(line)), inserted(actionLine(published)));
    expect(chained).toHaveLength(4);
  });

  test('also one that nobody can announce', async () => {
    const { run, chained } = observing();
    expect((await run(inserted({ ...actionLine(published), type: 'token.painted' }))).batchItemFailures).toHaveLength(
      1,
    );
    expect(chained).toHaveLength(1);
  });

  test('but no link', async () => {
    const { run, chained } = observing();
    await run(inserted({ pk: 'CHAIN#TOKEN#ctkn_new', sk: '000000000001', seq: 1 }));
    expect(chained).toEqual([]);
  });

  test('and when it cannot be chained, what follows from it happens all the same, and the line comes again', async () => {
    const { run, chained, failures, queue } = midRotation();
    failures.set('chain', 1);
    expect((await run(inserted(lostCurrent))).batchItemFailures).toHaveLength(1);
    expect(queue.taken).toHaveLength(1);
    await run(inserted(lostCurrent));
    expect(chained).toHaveLength(1);
  });
});

describe('when an effect fails', () => {
  test('the batch is handed back from the line that failed, and the lines before it are not repeated', async () => {
    const { run, failures, announced, log } = observing();
    const records = ['1', '2', '3'].map((id) => inserted(actionLine({ ...published, id })));
    failures.set('bus', 0);
    await run(...records.slice(0, 1));
    failures.set('bus', 1);
    const answer = await run(...records.slice(1));
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: records[1]?.dynamodb?.SequenceNumber }]);
    expect(log.lines.join()).toContain('bus is away');
    await run(...records.slice(1));
    expect(announced.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  test.each(['ledger', 'reports', 'queue', 'trail'])('at the %s, the repeat does what was not done', async (effect) => {
    const { run, failures, queue, attributions } = midRotation();
    failures.set(effect, 1);
    const record = inserted(lostCurrent);
    expect((await run(record)).batchItemFailures).toHaveLength(1);
    expect(attributions.size).toBe(0);
    expect((await run(record)).batchItemFailures).toEqual([]);
    expect(queue.taken).toHaveLength(1);
    expect(attributions.size).toBe(1);
  });

  test('a reconcile is never asked for before what it is about is in the ledger', async () => {
    const { run, failures, reports, queue } = midRotation();
    failures.set('reports', 1);
    await run(inserted(lostCurrent));
    expect([reports.taken, queue.taken]).toEqual([[], []]);
    failures.set('queue', 1);
    await run(inserted(lostCurrent));
    expect(reports.taken).toHaveLength(1);
  });

  test('nothing is attributed before the reconcile was asked for: a crash between repeats, and never skips', async () => {
    const { run, failures, attributions } = midRotation();
    failures.set('queue', 1);
    await run(inserted(lostCurrent));
    expect(attributions.size).toBe(0);
  });
});

test('an attribution stands: a repeat that comes after the state has moved on does not change it', async () => {
  const { run, states, attributions } = midRotation();
  const line = webhookLine({ id: 'evt_2', type: 'client_token.revoked', tokenId: 'ctkn_oldest' });
  await run(inserted(line));
  states.set('pricing-page', { config: { account: 'live' }, state: { tokens: [] } });
  await run(inserted(line));
  expect([...attributions.values()]).toMatchObject([{ actor: 'paddlewheel' }]);
});

test('whatever the order, the repetitions, the batches and the failures: the same attributions, reconciles and announcements', async () => {
  const statuses = { created: 'active', updated: 'revoked', revoked: 'revoked' };
  const lines = [
    ...['ctkn_new', 'ctkn_old', 'ctkn_oldest', 'ctkn_theirs'].flatMap((tokenId) =>
      Object.entries(statuses).map(([type, status]) =>
        webhookLine({ id: `evt_${tokenId}_${type}`, type: `client_token.${type}`, tokenId, data: { status } }),
      ),
    ),
    ...['1', '2'].map((id) => actionLine({ ...published, id })),
  ];
  const outcome = ({ attributions, reports, queue, announced, chained }: ReturnType<typeof midRotation>) => ({
    chained: chained.toSorted(),
    attributions: new Map([...attributions].sort()),
    // A repeat may report again, which costs a question; whoever listens to the bus tells repeats by their id.
    reported: [...new Set(reports.taken.map(({ tokenId }) => tokenId))].sort(),
    reconciles: queue.taken.map(({ integration, key }) => `${integration} ${key}`).sort(),
    // The bus may get one twice; whoever listens tells them by their id.
    announced: [...new Set(announced.map(({ id }) => id))].sort(),
  });
  const reference = midRotation();
  await reference.run(...lines.map((line) => inserted(line)));
  expect(reference.attributions.size).toBe(12);
  expect(reference.queue.taken).toHaveLength(4);

  const deliveries = fc
    .array(fc.constantFrom(...lines), { maxLength: 10 })
    .chain((more) => fc.shuffledSubarray([...lines, ...more], { minLength: lines.length + more.length }));
  const outages = fc.dictionary(fc.constantFrom('bus', 'ledger', 'reports', 'queue', 'trail', 'chain'), fc.nat(3));
  await fc.assert(
    fc.asyncProperty(deliveries, outages, fc.integer({ min: 1, max: 5 }), async (sent, away, size) => {
      const world = midRotation();
      for (const [effect, times] of Object.entries(away)) world.failures.set(effect, times);
      for (let at = 0; at < sent.length; at += size) {
        let batch = sent.slice(at, at + size).map((line) => inserted(line));
        // The stream comes again from the first line that failed.
        for (let tries = 0; batch.length > 0; tries += 1) {
          expect(tries).toBeLessThan(20);
          const failed = (await world.run(...batch)).batchItemFailures[0]?.itemIdentifier;
          const from = batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed);
          batch = from < 0 ? [] : batch.slice(from);
        }
      }
      expect(outcome(world)).toEqual(outcome(reference));
    }),
    { numRuns: 60 },
  );
});
