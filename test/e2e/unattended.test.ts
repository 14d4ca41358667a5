/**
 * Nobody does anything: the schedule fires by itself. First tokens come, a run that was killed is healed, a token from
 * the dashboard is taken over. No suite ever invokes the heartbeat, so what happens here is the schedule's doing.
 */
import { CreateFunctionCommand, GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { EVENT_TYPES, NAMES, type RecordType } from '../../lambdas/contract.ts';
import { expectSound } from './soundness.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

/**
 * A minute to the schedule's first tick, one more until a killed run's lease is over and the next tick has come; and
 * generous, since a busy machine is no fault.
 */
const TWO_TICKS_MS = 300_000;
/** The same code as rotate's, with less time: what is done to it concerns no other suite. */
const SHORT_LIVED = 'e2e-rotate-short-lived';
/** Less than the client waits for Paddle, and enough to get to the mint on a busy machine. */
const SHORT_LIVED_SECONDS = 8;

let stack: Stack;
let killed: Awaited<ReturnType<typeof killWhileMinting>>;

beforeAll(async () => {
  stack = await connectStack();
  killed = await killWhileMinting('killed');
}, START_MS);

/** Paddle commits the mint and never answers; the platform ends the function before the function gives up. */
async function killWhileMinting(integration: string) {
  const paddle = stack.paddle('dying');
  const prior = await stack.firstToken(integration);
  const before = await posts();
  const fault = { method: 'POST', path: '/client-tokens', contains: integration } as const;
  await paddle.fault({ ...fault, commit: 'done', answer: 'hang' });
  await copyOfRotate(new LambdaClient(stack.clientSettings));
  const failure = await stack.invoke(SHORT_LIVED, { integration, requestedBy: 'e2e' }).then(
    () => undefined,
    (error) => error,
  );
  const { state } = await stack.state(integration);
  return { prior, before, failure, state, posts: (await posts()) - before };
}

async function copyOfRotate(lambda: LambdaClient): Promise<void> {
  const { Configuration = {} } = await lambda.send(new GetFunctionCommand({ FunctionName: NAMES.rotate }));
  const { Handler, Role, Runtime, Environment } = Configuration;
  await lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName: SHORT_LIVED, Handler, Role, Runtime, Timeout: SHORT_LIVED_SECONDS },
      Environment: { Variables: Environment?.Variables },
      Code: stack.coordinates.rotateCode,
    }),
  );
}

const posts = async () =>
  (await stack.paddle('dying').requests()).filter((request) => request === 'POST /client-tokens').length;

const tokensOfTheRotation = async () =>
  (await stack.paddle('dying').tokensNamedFor('killed')).filter(
    ({ name }) => name === killed.state.rotation?.tokenName,
  );

describe('a run that is killed after the mint was committed and before it was answered', () => {
  test('leaves one token at Paddle, and only the intent in the ledger', async () => {
    expect(killed.failure).toMatchObject({ message: expect.stringMatching(/timed out/i) });
    expect(killed.posts).toBe(1);
    expect(await tokensOfTheRotation()).toEqual([expect.objectContaining({ status: 'active' })]);
    expect(killed.state.rotation).toMatchObject({ phase: 'intended' });
    expect(killed.state.tokens.map(({ id }) => id)).toEqual([killed.prior.id]);
  });
});

describe('the schedule', () => {
  const firstToken = (integration: string) =>
    stack.until(
      `the first token of ${integration}`,
      async () => {
        const status = await stack.status(integration);
        return status.token ? status : undefined;
      },
      TWO_TICKS_MS,
    );

  test.each([
    ['by-schedule', 'sandbox', /^test_/],
    ['by-schedule-live', 'live-eu', /^live_/],
  ])(
    'brings %s its first token of its account %s to both targets, unasked',
    async (integration, account, prefix) => {
      const { token, published } = await firstToken(integration);
      const value = (await stack.current(integration)).value;
      expect(value).toMatch(prefix);
      expect(published).toEqual([`ssm:/e2e/${integration}/client-token`, `secret:e2e/${integration}/client-token`]);
      expect(await stack.paddle(account).statusOf(String(token?.id))).toBe('active');
      const [intended] = await stack.trail(integration);
      expect(intended).toMatchObject({ type: 'rotation.intended', trigger: 'first' });
      expect(intended).not.toHaveProperty('requestedBy');
      await expectSound(stack, integration);
    },
    TWO_TICKS_MS + 60_000,
  );

  test(
    'takes over the token that the configuration adopts, and mints nothing',
    async () => {
      const { token } = await firstToken('adopted');
      expect(token?.id).toBe(stack.coordinates.adopt);
      expect(await stack.paddle().tokensNamedFor('adopted')).toEqual([]);
      expect(await stack.actions('adopted')).toEqual(['rotation.intended', 'token.adopted', 'token.published']);
      await expectSound(stack, 'adopted');
    },
    TWO_TICKS_MS + 60_000,
  );
});

describe('a life', () => {
  let first: string;
  let second: string;

  test('a person rotates: the fresh token is everywhere, the prior one is valid for its grace window', async () => {
    const { old, fresh } = await stack.rotate('by-schedule', { reason: 'a new month' });
    [first, second] = [old.id, fresh.id];
    const { superseded } = await stack.status('by-schedule');
    expect(superseded).toMatchObject([{ id: first, status: 'superseded' }]);
    expect(await stack.paddle().statusOf(first)).toBe('active');
    await expectSound(stack, 'by-schedule');
  });

  test('when grace is over, the prior token is revoked', async () => {
    await stack.graceOver('by-schedule', first);
    const token = await stack.revoked('by-schedule', first);
    expect(Date.parse(String(token.revokedAt))).toBeGreaterThanOrEqual(Date.parse(String(token.revokeAfter)));
    expect(await stack.paddle().statusOf(first)).toBe('revoked');
    await expectSound(stack, 'by-schedule');
  });

  test('every state change has one record, and every record was announced on the bus, once', async () => {
    const actions = (await stack.trail('by-schedule')).filter(({ kind }) => kind === 'action');
    expect(actions.map(({ type, tokenId }) => [type, tokenId])).toEqual([
      ['rotation.intended', undefined],
      ['token.minted', first],
      ['token.published', first],
      ['rotation.intended', undefined],
      ['token.minted', second],
      ['token.published', second],
      ['token.superseded', first],
      ['token.revoking', first],
      ['token.revoked', first],
    ]);
    const events = await announced('by-schedule', actions.length);
    expect(events.map(({ detail }) => detail.id).sort()).toEqual(actions.map(({ id }) => id).sort());
    for (const { 'detail-type': type, detail } of events) expect(type).toBe(EVENT_TYPES[detail.type]);
    for (const record of actions) expect(JSON.stringify(record)).not.toMatch(/(?:test|live)_[0-9a-z]{20}/i);
  });

  test("Paddle's webhooks are in the trail, once each, and known to be our doing", async () => {
    const entries = await stack.until('the attributions', async () => {
      const trail = await stack.trail('by-schedule');
      return trail.filter(({ kind }) => kind === 'attribution').length >= 4 ? trail : undefined;
    });
    const webhooks = entries.filter(({ kind }) => kind === 'webhook');
    expect(webhooks.map(({ type, tokenId }) => `${type} ${tokenId}`).sort()).toEqual(
      [
        `client_token.created ${first}`,
        `client_token.created ${second}`,
        `client_token.revoked ${first}`,
        `client_token.updated ${first}`,
      ].sort(),
    );
    const attributions = entries.filter(({ kind }) => kind === 'attribution');
    expect(attributions.map(({ eventId }) => eventId).sort()).toEqual(webhooks.map(({ id }) => id).sort());
    for (const { actor, integration } of attributions)
      expect({ actor, integration }).toEqual({ actor: 'paddlewheel', integration: 'by-schedule' });
  });
});

// Last: it waits for a tick after the lease of the run that was killed is over.
describe('the run that was killed', () => {
  test(
    'is healed by the next tick: the token is found by its name and published; nothing is posted again',
    async () => {
      const current = await stack.until(
        'the adoption',
        async () => {
          const token = await stack.current('killed');
          return token.id === killed.prior.id ? undefined : token;
        },
        TWO_TICKS_MS,
      );
      const [only, ...others] = await tokensOfTheRotation();
      expect(others).toEqual([]);
      expect(only).toMatchObject({ id: current.id, status: 'active' });
      expect((await posts()) - killed.before).toBe(1);
      const records = (await stack.trail('killed')).filter(
        ({ rotationId }) => rotationId === killed.state.rotation?.rotationId,
      );
      expect(records.filter(({ kind }) => kind === 'action').map(({ type }) => type)).toEqual([
        'rotation.intended',
        'token.minted',
        'token.published',
        'token.superseded',
      ]);
      const { state } = await stack.state('killed');
      expect(state.sweeps.map(({ tokenName }) => tokenName)).toEqual([only?.name, only?.name]);
      await expectSound(stack, 'killed');
    },
    TWO_TICKS_MS + 60_000,
  );
});

interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: { readonly id: string; readonly integration: string; readonly type: RecordType };
}

/** Takes what the bus delivered from the queue until there are so many events of the integration, and then what else comes. */
async function announced(integration: string, count: number): Promise<BusEvent[]> {
  const sqs = new SQSClient(stack.clientSettings);
  const QueueUrl = stack.coordinates.eventsQueueUrl;
  const events: BusEvent[] = [];
  const receive = async (): Promise<number> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { Body = '', ReceiptHandle } of Messages) {
      const event: BusEvent = JSON.parse(Body);
      if (event.detail.integration === integration) events.push(event);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return Messages.length;
  };
  await stack.until('all events on the bus', async () => {
    while ((await receive()) > 0);
    return events.length >= count ? true : undefined;
  });
  while ((await receive()) > 0);
  return events;
}
