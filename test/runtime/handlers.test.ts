/** @own-modules The handlers read their environment when they are loaded. */
import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { dueShard } from '../../lambdas/adapters/dynamodb/keys.ts';
import { fingerprintOf } from '../../lambdas/domain/fingerprint.ts';
import { loopbackAws } from '../fakes/loopback-aws.ts';
import { actionLine, inserted, webhookLine } from '../observe/fakes.ts';
import { value } from '../usage/fakes.ts';
import { revoked, SECRET } from '../webhook/fakes.ts';
import { capturedOutput } from './captured-output.ts';

/** The handlers as Lambda gets them, with everything behind them, against AWS on the loopback interface. */
const context = { functionName: 'test', awsRequestId: 'request-1' } as Context;
const SETTINGS = {
  LEDGER_TABLE: 'ledger',
  AUDIT_TABLE: 'trail',
  BUS_NAME: 'bus',
  ROTATE_FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:paddlewheel-rotate:operate',
  WEBHOOK_SECRETS: '{"sandbox":{"secret":"webhook-secret"}}',
};

describe('the handlers', () => {
  const before = { ...process.env };
  let aws: Awaited<ReturnType<typeof loopbackAws>>;
  beforeAll(async () => {
    aws = await loopbackAws();
    aws.secrets.set('webhook-secret', SECRET);
    // The client takes the host from the queue's own address.
    const RECONCILE_QUEUE_URL = `${aws.settings.endpoint}/000000000000/reconcile.fifo`;
    Object.assign(process.env, SETTINGS, aws.environment, { RECONCILE_QUEUE_URL });
  });
  afterAll(async () => {
    await aws.close();
    process.env = before;
  });
  beforeEach(() => {
    aws.calls.length = 0;
    aws.sent.length = 0;
    aws.announced.length = 0;
    aws.begun.length = 0;
    aws.down.clear();
  });

  const state = {
    pk: 'INTEGRATION#pricing-page',
    sk: 'STATE',
    integration: 'pricing-page',
    version: 1,
    tokens: [
      {
        id: 'ctkn_b',
        value: value('b'),
        name: 'pricing-page · r2',
        origin: 'minted',
        rotationId: 'r2',
        status: 'current',
      },
    ],
    dueShard: dueShard('pricing-page'),
    dueAt: '2026-01-01T00:00:00.000Z',
  };
  const configured = () => {
    aws.put('ledger', state);
    aws.put('ledger', { pk: 'INTEGRATION#pricing-page', sk: 'CONFIG', account: 'live', environment: 'sandbox' });
    aws.put('ledger', {
      pk: 'TOKEN#ctkn_b',
      sk: 'OWNER',
      integration: 'pricing-page',
      rotationId: 'r2',
      tokenId: 'ctkn_b',
    });
  };

  test('webhook: has read its secret and opened its connection before the first event, and stores that in one call', async () => {
    const { handler } = await import('../../lambdas/webhook.ts');
    const body = JSON.stringify(revoked);
    const ts = Math.floor(Date.now() / 1000);
    const h1 = createHmac('sha256', SECRET).update(`${ts}:${body}`).digest('hex');
    const event = {
      pathParameters: { account: 'sandbox' },
      headers: { 'paddle-signature': `ts=${ts};h1=${h1}` },
      body,
      isBase64Encoded: false,
    } as unknown as APIGatewayProxyEventV2;
    let answer: unknown;
    const lines = await capturedOutput(async () => {
      answer = await handler(event, context);
    });
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(aws.calls.toSorted()).toEqual(['GetSecretValue', 'PutItem', 'PutItem']);
    expect(aws.items('trail')).toMatchObject([{ id: revoked.event_id, account: 'sandbox' }]);
    expect(lines).toEqual([]);

    aws.calls.length = 0;
    expect(await handler(event, context)).toMatchObject({ statusCode: 200 });
    expect(aws.calls).toEqual(['PutItem']);
    const refusal = await capturedOutput(async () => {
      answer = await handler({ ...event, headers: {} }, context);
    });
    expect(answer).toMatchObject({ statusCode: 401 });
    expect(aws.calls).toEqual(['PutItem']);
    expect(JSON.parse(refusal.at(-1) ?? '').SignatureFailure).toBe(1);
  });

  test('heartbeat: fails for the platform to see when the queue is down', async () => {
    configured();
    aws.down.add('SendMessageBatch');
    const { handler } = await import('../../lambdas/heartbeat.ts');
    await capturedOutput(() => expect(handler({}, context)).rejects.toThrow('down'));
  });

  test('heartbeat: asks every shard once, and sends what is due', async () => {
    configured();
    const { handler } = await import('../../lambdas/heartbeat.ts');
    const lines = await capturedOutput(() => handler({}, context));
    expect(aws.calls).toEqual(['Query', 'Query', 'Query', 'Query', 'SendMessageBatch']);
    expect(aws.sent).toEqual([{ integration: 'pricing-page', cause: 'due' }]);
    expect(JSON.parse(lines.at(-1) ?? '').OverdueSeconds).toBeGreaterThan(0);
  });

  test('observe: announces an action, and attributes a webhook that somebody else caused', async () => {
    configured();
    const { handler } = await import('../../lambdas/observe.ts');
    const action = {
      id: '1',
      type: 'token.published' as const,
      at: '2026-11-22T02:58:00.000Z',
      account: 'live',
      integration: 'pricing-page',
      tokenId: 'ctkn_b',
      message: 'Published.',
    };
    const lost = webhookLine({
      id: 'evt_1',
      type: 'client_token.revoked',
      tokenId: 'ctkn_b',
      data: { status: 'revoked' },
    });
    let answer: unknown;
    const lines = await capturedOutput(async () => {
      answer = await handler({ Records: [inserted(actionLine(action)), inserted(lost)] }, context);
    });
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(aws.announced).toMatchObject([
      {
        EventBusName: 'bus',
        Source: 'paddlewheel',
        DetailType: 'Client Token Published',
        Detail: JSON.stringify(action),
      },
    ]);
    expect(aws.sent).toEqual([{ integration: 'pricing-page', cause: 'webhook' }]);
    expect(aws.begun).toEqual([{ [SETTINGS.ROTATE_FUNCTION]: aws.sent[0] }]);
    expect(aws.items('ledger')).toContainEqual(
      expect.objectContaining({ pk: 'REPORTS#pricing-page', sk: 'ctkn_b', source: 'webhook' }),
    );
    expect(aws.items('trail')).toContainEqual(
      expect.objectContaining({ kind: 'attribution', eventId: 'evt_1', actor: 'external' }),
    );
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ OutOfBandChange: 1 });
  });

  test('observe: what cannot begin at once is asked for once, and left to the queue', async () => {
    // Another one: what was begun a moment ago is not begun again.
    const integration = 'checkout';
    const tokens = [{ ...state.tokens[0], id: 'ctkn_c' }];
    aws.put('ledger', { ...state, pk: 'INTEGRATION#checkout', integration, tokens });
    aws.put('ledger', { pk: 'INTEGRATION#checkout', sk: 'CONFIG', account: 'live', environment: 'sandbox' });
    aws.put('ledger', { pk: 'TOKEN#ctkn_c', sk: 'OWNER', integration, rotationId: 'r2', tokenId: 'ctkn_c' });
    aws.down.add('Invoke');
    const { handler } = await import('../../lambdas/observe.ts');
    const data = { status: 'revoked' };
    const lost = webhookLine({ id: 'evt_2', type: 'client_token.revoked', tokenId: 'ctkn_c', data });
    await capturedOutput(async () => {
      expect(await handler({ Records: [inserted(lost)] }, context)).toEqual({ batchItemFailures: [] });
    });
    expect(aws.calls.filter((operation) => operation === 'Invoke')).toHaveLength(1);
    expect(aws.sent).toHaveLength(1);
  });

  test('observe: hands back what could not be followed up', async () => {
    configured();
    aws.down.add('PutEvents');
    const { handler } = await import('../../lambdas/observe.ts');
    const record = inserted({ kind: 'action', type: 'token.published', id: '1', at: '2026-11-22T02:58:00.000Z' });
    await capturedOutput(async () => {
      const answer = await handler({ Records: [record] }, context);
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }] });
    });
  });

  test('seen: reads what it must know once, and writes once in a minute, however many beacons come', async () => {
    configured();
    const config = { account: 'live', environment: 'sandbox', managed: true, seen: { silentForMs: 86_400_000 } };
    aws.put('ledger', { pk: 'INTEGRATION#pricing-page', sk: 'CONFIG', ...config });
    const { handler } = await import('../../lambdas/seen.ts');
    const post = (body: string) =>
      handler(
        {
          ...{ pathParameters: { integration: 'pricing-page' }, headers: {}, isBase64Encoded: false, body },
        } as unknown as APIGatewayProxyEventV2,
        context,
      );
    const lines = await capturedOutput(async () => {
      for (let beacons = 0; beacons < 20; beacons += 1)
        expect(await post(fingerprintOf(value('b')))).toEqual({ statusCode: 204 });
      expect(await post(value('b'))).toEqual({ statusCode: 400 });
    });
    expect(aws.calls).toEqual(['GetItem', 'GetItem', 'UpdateItem']);
    const [seen, ...more] = aws.items('ledger').filter(({ pk }) => pk === 'SEEN#pricing-page');
    expect(more).toEqual([]);
    expect(seen).toMatchObject({
      tokenId: 'ctkn_b',
      count: 1,
      day: String(seen?.last).slice(0, 10),
      first: seen?.last,
    });
    const kept = (Number(seen?.expiresAt) * 1_000 - Date.parse(String(seen?.last))) / 86_400_000;
    expect(Math.round(kept)).toBe(120);
    // Nothing is written for each beacon, not even a line.
    expect(lines).toEqual([]);
  });

  test('usage: answers a build, records a deployment, and asks for a reconcile', async () => {
    configured();
    const { handler } = await import('../../lambdas/usage.ts');
    const build = { integration: 'pricing-page', consumer: 'site', build: '42', phase: 'build' };
    const lines = await capturedOutput(async () => {
      expect(await handler(build, context)).toMatchObject({
        outcome: 'recorded',
        token: { id: 'ctkn_b', value: value('b') },
      });
      expect(await handler({ ...build, phase: 'deploy' }, context)).toMatchObject({
        outcome: 'recorded',
        phase: 'deploy',
      });
      expect(await handler({}, context)).toMatchObject({ outcome: 'rejected' });
    });
    expect(aws.sent).toEqual([{ integration: 'pricing-page', cause: 'usage' }]);
    expect(aws.items('ledger')).toContainEqual(
      expect.objectContaining({
        sk: 'USAGE#site',
        tokenId: 'ctkn_b',
        deployed: expect.objectContaining({ tokenId: 'ctkn_b' }),
      }),
    );
    expect(lines.join()).not.toContain(value('b'));
  });
});
