import { h1 } from '../../local/paddle/signatures.ts';
import type { PaddleSimulator } from '../../local/paddle/simulator.ts';
import {
  ask,
  type Endpoint,
  endpoint,
  mint,
  type Received,
  revoke,
  simulator,
  standingClock,
  stopAll,
  subscribe,
} from './helpers.ts';

afterEach(stopAll);

async function subscribed(quirks: Parameters<PaddleSimulator['control']['setQuirks']>[0] = {}) {
  const paddle = await simulator({ quirks });
  const hook = await endpoint();
  return { paddle, hook, setting: await subscribe(paddle, hook.url) };
}

const settled = (paddle: PaddleSimulator) => paddle.control.deliveries.idle();

/** `ts` and every `h1` of a delivery. */
function signature({ headers }: Received): { ts: number; h1s: string[] } {
  const parts = String(headers['paddle-signature']).split(';');
  const values = (name: string) => parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(3));
  return { ts: Number(values('ts')[0]), h1s: values('h1') };
}

const first = (hook: Endpoint): Received => {
  const [received] = hook.received;
  if (!received) throw new Error('nothing was received');
  return received;
};

const attempts = (paddle: PaddleSimulator) =>
  paddle.control.state().deliveries.map(({ status, attempts: all }) => [status, all.map((each) => each.response_code)]);

test('the signature is the one of the published test vector', () => {
  expect(h1('VALID_SECRET', 1698796800, '{"data": ["1", "2"]}')).toBe(
    'a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9',
  );
});

test('one creation is one webhook, one revocation is two', async () => {
  const { paddle, hook } = await subscribed();
  await revoke(paddle, (await mint(paddle, 'a')).id);
  await settled(paddle);
  expect(hook.types()).toEqual(['client_token.created', 'client_token.updated', 'client_token.revoked']);
  expect(String(first(hook).headers['user-agent'])).toContain('Paddle');
  expect(attempts(paddle)).toEqual([
    ['delivered', [200]],
    ['delivered', [200]],
    ['delivered', [200]],
  ]);
});

test('what a dashboard user does is told as well', async () => {
  const { paddle, hook } = await subscribed();
  const { id } = paddle.control.dashboard.create({ name: 'by hand' });
  paddle.control.dashboard.rename(id, { name: 'renamed by hand' });
  paddle.control.dashboard.revoke(id);
  await settled(paddle);
  expect(hook.received.map(({ json }) => [json.event_type, json.data.name, json.data.status])).toEqual([
    ['client_token.created', 'by hand', 'active'],
    ['client_token.updated', 'renamed by hand', 'active'],
    ['client_token.updated', 'renamed by hand', 'revoked'],
    ['client_token.revoked', 'renamed by hand', 'revoked'],
  ]);
});

test('every destination gets the same event under a notification id of its own', async () => {
  const { paddle, hook } = await subscribed();
  const other = await endpoint();
  await subscribe(paddle, other.url);
  await mint(paddle, 'a');
  await settled(paddle);
  expect(first(other).json.event_id).toBe(first(hook).json.event_id);
  expect(first(other).json.notification_id).not.toBe(first(hook).json.notification_id);
});

test('nobody is told who is inactive, did not subscribe, wants simulations only or lives elsewhere', async () => {
  const paddle = await simulator();
  const hook = await endpoint();
  const { id } = await subscribe(paddle, `${hook.url}/1`);
  await ask(paddle, 'PATCH', `/notification-settings/${id}`, { body: { active: false } });
  await subscribe(paddle, `${hook.url}/2`, { subscribed_events: ['client_token.revoked'] });
  await subscribe(paddle, `${hook.url}/3`, { traffic_source: 'simulation' });
  await subscribe(paddle, `${hook.url}/4`);
  paddle.control.dashboard.create({ name: 'live', environment: 'live' });
  expect(paddle.control.state().deliveries).toEqual([]);
  paddle.control.dashboard.create({ name: 'sandbox' });
  expect(paddle.control.state().deliveries).toHaveLength(1);
});

describe('an attempt that is not answered with 200 is repeated', () => {
  test('with the same body under a fresh signature, until it is accepted', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { webhooks: { retryFirstMs: 5000 } } });
    const hook = await endpoint();
    const { endpoint_secret_key: secret } = await subscribe(paddle, hook.url);
    hook.answerWith(500);
    await mint(paddle, 'a');
    while (hook.received.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    hook.answerWith(200);
    while (paddle.control.state().deliveries[0]?.attempts.length !== 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    clock.ms += 5000;
    await settled(paddle);
    const [one, two] = hook.received.map((received) => ({ ...received, ...signature(received) }));
    expect(two?.text).toBe(one?.text);
    expect(two?.ts).toBe((one?.ts ?? 0) + 5);
    expect(two?.h1s).toEqual([h1(secret, two?.ts ?? 0, two?.text ?? '')]);
    expect(attempts(paddle)).toEqual([['delivered', [500, 200]]]);
  });

  test.each([
    ['sandbox', 3],
    ['live', 60],
  ] as const)('in %s at most %d times', async (environment, most) => {
    const paddle = await simulator({ environment, quirks: { webhooks: { retryFirstMs: 0, unreachable: true } } });
    await subscribe(paddle, 'http://127.0.0.1:9/hook');
    await mint(paddle, 'a');
    await settled(paddle);
    expect(attempts(paddle)).toEqual([['failed', Array.from({ length: most }, () => 0)]]);
  });

  test.each([201, 302, 404, 500])('%d is no 200', async (status) => {
    const { paddle, hook } = await subscribed({ webhooks: { retryFirstMs: 0, maxAttempts: 2 } });
    hook.answerWith(status);
    await mint(paddle, 'a');
    await settled(paddle);
    expect(attempts(paddle)).toEqual([['failed', [status, status]]]);
  });

  test('neither is silence', async () => {
    const { paddle, hook } = await subscribed({ webhooks: { timeoutMs: 50, maxAttempts: 1 } });
    hook.answerWith('hang');
    await mint(paddle, 'a');
    await settled(paddle);
    expect(attempts(paddle)).toEqual([['failed', [0]]]);
  });
});

describe('replays', () => {
  test('send the same event under a new notification id, once', async () => {
    const { paddle, hook } = await subscribed();
    await mint(paddle, 'a');
    await settled(paddle);
    const original = first(hook).json;
    const replay = await ask(paddle, 'POST', `/notifications/${original.notification_id}/replay`);
    await settled(paddle);
    expect(replay.status).toBe(202);
    expect(hook.received[1]?.json).toEqual({ ...original, notification_id: replay.json.data.notification_id });
    const again = await ask(paddle, 'POST', `/notifications/${replay.json.data.notification_id}/replay`);
    expect(again.json.error.code).toBe('notification_replay_invalid_origin_type');
  });

  test('are refused while the notification still waits', async () => {
    const { paddle } = await subscribed({ webhooks: { paused: true } });
    await mint(paddle, 'a');
    const [waiting] = (await ask(paddle, 'GET', '/notifications?status=not_attempted')).json.data;
    const reply = await ask(paddle, 'POST', `/notifications/${waiting.id}/replay`);
    expect(reply.json.error.code).toBe('notification_cannot_replay');
  });
});

describe('knobs', () => {
  test('a dropped notification never comes, while its event is listed', async () => {
    const { paddle, hook } = await subscribed({ webhooks: { dropShare: 1 } });
    await mint(paddle, 'a');
    await settled(paddle);
    expect(hook.received).toEqual([]);
    expect(paddle.control.state().deliveries).toMatchObject([{ status: 'failed', lost: true, attempts: [] }]);
    expect((await ask(paddle, 'GET', '/events')).json.data).toHaveLength(1);
  });

  test('a duplicate is the same notification once more', async () => {
    const { paddle, hook } = await subscribed({ webhooks: { duplicateShare: 1 } });
    await mint(paddle, 'a');
    await settled(paddle);
    expect(hook.received).toHaveLength(2);
    expect(hook.received[1]?.text).toBe(first(hook).text);
  });

  test('shares fall in the same way from the same seed', async () => {
    const { paddle } = await subscribed({ webhooks: { dropShare: 0.5 } });
    const lost = () => {
      paddle.control.reseed(42);
      const before = paddle.control.state().deliveries.length;
      for (let index = 0; index < 40; index += 1) paddle.control.dashboard.create({ name: `${index}` });
      const fates = paddle.control.state().deliveries.slice(before);
      return fates.map((delivery) => delivery.lost);
    };
    const fates = lost();
    expect(new Set(fates)).toEqual(new Set([true, false]));
    expect(lost()).toEqual(fates);
  });

  test('delays between two bounds shuffle', async () => {
    const { paddle, hook } = await subscribed({ webhooks: { minDelayMs: 1000, maxDelayMs: 60_000 } });
    paddle.control.clock.freeze();
    for (let index = 0; index < 10; index += 1) await mint(paddle, `${index}`);
    paddle.control.clock.advance(999);
    expect(hook.received).toEqual([]);
    paddle.control.clock.advance(60_000);
    await settled(paddle);
    const order = hook.received.map(({ json }) => json.data.name);
    expect(order).not.toEqual(order.toSorted());
    expect(order.toSorted()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test('revoked comes before updated', async () => {
    const { paddle, hook } = await subscribed({ webhooks: { revokedBeforeUpdated: true } });
    await revoke(paddle, (await mint(paddle, 'a')).id);
    await settled(paddle);
    expect(hook.types()).toEqual(['client_token.created', 'client_token.revoked', 'client_token.updated']);
  });

  test('a pause holds everything back, and resuming sends it', async () => {
    const { paddle, hook } = await subscribed();
    paddle.control.deliveries.pause();
    await mint(paddle, 'a');
    await settled(paddle);
    expect(hook.received).toEqual([]);
    paddle.control.deliveries.resume();
    await settled(paddle);
    expect(hook.types()).toEqual(['client_token.created']);
  });

  test('signatures can be late or early', async () => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { webhooks: { signatureSkewSeconds: -600 } } });
    const hook = await endpoint();
    await subscribe(paddle, hook.url);
    await mint(paddle, 'a');
    await settled(paddle);
    expect(signature(first(hook)).ts).toBe(clock.ms / 1000 - 600);
  });

  test.each([
    ['machine', 0],
    ['simulator', 3600],
  ] as const)('after the clock was advanced, signatures have the time of the %s', async (signatureTime, ahead) => {
    const clock = standingClock();
    const paddle = await simulator({ clock, quirks: { webhooks: { signatureTime } } });
    const hook = await endpoint();
    await subscribe(paddle, hook.url);
    paddle.control.clock.advance(3_600_000);
    await mint(paddle, 'a');
    await settled(paddle);
    expect(signature(first(hook)).ts).toBe(clock.ms / 1000 + ahead);
  });

  test.each([
    ['new-first', (fresh: string, old: string) => [fresh, old]],
    ['old-first', (fresh: string, old: string) => [old, fresh]],
  ] as const)('while a secret is rotated there are two h1, %s', async (order, expected) => {
    const { paddle, hook, setting } = await subscribed();
    paddle.control.secrets.rotate(setting.id, order);
    const fresh = (await ask(paddle, 'GET', `/notification-settings/${setting.id}`)).json.data.endpoint_secret_key;
    expect(fresh).not.toBe(setting.endpoint_secret_key);
    await mint(paddle, 'a');
    await settled(paddle);
    const sign = (secret: string) => h1(secret, signature(first(hook)).ts, first(hook).text);
    expect(signature(first(hook)).h1s).toEqual(expected(fresh, setting.endpoint_secret_key).map(sign));
    paddle.control.secrets.finish(setting.id);
    await mint(paddle, 'b');
    await settled(paddle);
    expect(hook.received.slice(1).flatMap((received) => signature(received).h1s)).toHaveLength(1);
  });
});

test('a deleted destination gets nothing more, and its logs are gone', async () => {
  const { paddle, hook, setting } = await subscribed({ webhooks: { paused: true } });
  await mint(paddle, 'a');
  expect((await ask(paddle, 'DELETE', `/notification-settings/${setting.id}`)).status).toBe(204);
  paddle.control.deliveries.resume();
  await settled(paddle);
  expect(hook.received).toEqual([]);
  expect((await ask(paddle, 'GET', '/notifications')).json.data).toEqual([]);
});

test('a simulation to a destination that takes platform events only is refused', async () => {
  const { paddle, setting } = await subscribed();
  const simulation = await ask(paddle, 'POST', '/simulations', {
    body: { notification_setting_id: setting.id, type: 'client_token.revoked', name: 'x' },
  });
  const run = await ask(paddle, 'POST', `/simulations/${simulation.json.data.id}/runs`);
  expect([run.status, run.json.error.code]).toEqual([
    409,
    'notification_simulation_run_notification_settings_conflict',
  ]);
});

test('a simulated event comes under ids of its own, with the payload that was given', async () => {
  const paddle = await simulator();
  const hook = await endpoint();
  const setting = await subscribe(paddle, hook.url, { traffic_source: 'all' });
  const simulation = await ask(paddle, 'POST', '/simulations', {
    body: {
      notification_setting_id: setting.id,
      type: 'client_token.revoked',
      name: 'x',
      payload: { id: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvz' },
    },
  });
  await ask(paddle, 'POST', `/simulations/${simulation.json.data.id}/runs`);
  await settled(paddle);
  expect(first(hook).json).toMatchObject({
    event_id: expect.stringMatching(/^ntfsimevt_[a-z\d]{26}$/),
    notification_id: expect.stringMatching(/^ntfsimntf_[a-z\d]{26}$/),
    event_type: 'client_token.revoked',
    data: { id: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvz', status: 'revoked' },
  });
  const { ts, h1s } = signature(first(hook));
  expect(h1s).toEqual([h1(setting.endpoint_secret_key, ts, first(hook).text)]);
  expect((await ask(paddle, 'GET', '/events')).json.data).toEqual([]);
});
