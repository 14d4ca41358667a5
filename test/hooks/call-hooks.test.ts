import { GITHUB_TOKEN, github, hooking, netlify, publication } from './world.ts';

type World = Awaited<ReturnType<typeof hooking>>;
let world: World;
const open = async (...hooks: Parameters<typeof hooking>) => {
  world = await hooking(...hooks);
  return world;
};
afterEach(() => world.close());

const again = { status: 500, body: 'later' };
const started = { status: 201, body: {} };

describe('a publication', () => {
  test('calls the hook at its secret address, and the trail says so', async () => {
    const { receiver, trail, deliver } = await open();
    receiver.replies(started);
    expect(await deliver()).toBe(false);
    expect(receiver.asked).toMatchObject([
      { method: 'POST', path: '/build_hooks/5c23?trigger=paddlewheel', body: '{}' },
    ]);
    expect(receiver.asked[0]?.headers).toMatchObject({ 'idempotency-key': publication.id });
    expect([...trail.lines.values()]).toEqual([
      {
        id: expect.stringMatching(/^act_01JKB92MPL7V4RFG8X3Q5WZ7BP#hook-[0-9a-f]{16}$/),
        type: 'hook.called',
        at: '2026-11-22T03:00:00.000Z',
        account: 'live',
        integration: 'pricing-page',
        tokenId: 'ctkn_new',
        rotationId: publication.rotationId,
        message: 'A build of pricing-page was started: the webhook kept in hooks/netlify answered 201.',
        details: { publication: publication.id, hook: 'the webhook kept in hooks/netlify', attempt: 1, status: 201 },
      },
    ]);
  });

  test('that a hook has accepted is noted for whoever waits for the deployment; one that it refuses is not', async () => {
    const { receiver, calls, deliver, trail } = await open([{ ...netlify, deployWithinMs: 60_000 }]);
    receiver.replies(again, started);
    expect(await deliver()).toBe(true);
    expect(calls).toEqual([]);
    // The trail is away after the call: it is called again, and noted all the same.
    trail.failing = 1;
    expect(await deliver()).toBe(true);
    expect(calls).toEqual([
      {
        integration: 'pricing-page',
        hook: expect.stringMatching(/^[0-9a-f]{16}$/),
        label: 'the webhook kept in hooks/netlify',
        publication: publication.id,
        tokenId: 'ctkn_new',
        at: '2026-11-22T03:00:00.000Z',
        withinMs: 60_000,
      },
    ]);
  });

  test('that is delivered twice calls once', async () => {
    const { receiver, deliver } = await open();
    receiver.replies(started, started);
    expect([await deliver(), await deliver()]).toEqual([false, false]);
    expect(receiver.asked).toHaveLength(1);
  });

  test('calls anew when it is another one', async () => {
    const { receiver, deliver } = await open();
    receiver.replies(started, started);
    await deliver();
    await deliver({ ...publication, id: 'act_01JKB92MPL7V4RFG8X3Q5WZ7BQ', type: 'token.restored' });
    expect(receiver.asked).toHaveLength(2);
  });

  test('starts workflows of GitHub by a repository_dispatch, which says what was published and not the token', async () => {
    const { receiver, deliver } = await open([github]);
    receiver.replies({ status: 204 });
    expect(await deliver()).toBe(false);
    const [asked] = receiver.asked;
    expect(asked).toMatchObject({ method: 'POST', path: '/repos/acme/shop/dispatches' });
    expect(asked?.headers).toMatchObject({
      authorization: `Bearer ${GITHUB_TOKEN}`,
      accept: 'application/vnd.github+json',
    });
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      event_type: 'client-token-published',
      client_payload: {
        publication: publication.id,
        integration: 'pricing-page',
        tokenId: 'ctkn_new',
        rotationId: publication.rotationId,
      },
    });
  });

  test('of an integration without hooks calls nobody, and is done', async () => {
    const { receiver, deliver } = await open();
    expect(await deliver({ ...publication, integration: 'checkout' })).toBe(false);
    expect(receiver.asked).toEqual([]);
  });
});

describe('a call that fails', () => {
  test('is recorded, and repeated until it gets through: one call in effect', async () => {
    const { receiver, trail, deliver } = await open();
    receiver.replies(again, { status: 429 }, started, started);
    expect([await deliver(), await deliver(), await deliver(), await deliver()]).toEqual([true, true, false, false]);
    expect(receiver.asked).toHaveLength(3);
    expect(trail.types).toEqual(['hook.failed', 'hook.failed', 'hook.called']);
    expect([...trail.lines.values()].map(({ reason }) => reason)).toEqual(['http_500', 'http_429', undefined]);
  });

  test('for want of an answer is repeated, and the trail says that a build may run', async () => {
    const { receiver, trail, deliver } = await open([netlify], 250);
    receiver.replies('stall');
    expect(await deliver()).toBe(true);
    expect(trail.types).toEqual(['hook.failed']);
    expect([...trail.lines.values()][0]).toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('the build may have been started all the same'),
    });
  });

  test('does not make the other hooks be called again', async () => {
    const { receiver, trail, deliver } = await open([netlify, github]);
    const failing = new Set(['/repos/acme/shop/dispatches']);
    receiver.otherwise(({ path }) => (failing.has(path) ? again : started));
    expect(await deliver()).toBe(true);
    failing.clear();
    expect(await deliver()).toBe(false);
    expect(receiver.asked.map(({ path }) => path.split('?')[0]).sort()).toEqual([
      '/build_hooks/5c23',
      '/repos/acme/shop/dispatches',
      '/repos/acme/shop/dispatches',
    ]);
    expect(trail.types.toSorted()).toEqual(['hook.called', 'hook.called', 'hook.failed']);
  });

  test('is never a redirection that is followed', async () => {
    const { receiver, trail, deliver } = await open();
    receiver.replies({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    expect(await deliver()).toBe(true);
    expect(receiver.asked).toHaveLength(1);
    expect([...trail.lines.values()][0]).toMatchObject({ reason: 'redirect_refused' });
  });

  test.each<[string, string, string | undefined]>([
    ['no address at all', 'hook_address_invalid', ''],
    ['an address without TLS', 'hook_address_invalid', 'http://localhost/secret-path'],
    ['an address with a password', 'hook_address_invalid', 'https://user:secret-path@localhost/'],
    ['nothing under the name', 'ResourceNotFoundException', undefined],
  ])('because there is %s sends nothing', async (_, reason, stored) => {
    const { receiver, secrets, trail, log, deliver } = await open();
    if (stored === undefined) secrets.clear();
    else secrets.set('hooks/netlify', stored);
    expect(await deliver()).toBe(true);
    expect(receiver.connections).toBe(0);
    expect([...trail.lines.values()]).toMatchObject([{ type: 'hook.failed', reason }]);
    expect(JSON.stringify([log.lines, ...trail.lines.values()])).not.toContain('secret-path');
  });

  test('leaves neither address nor token in the trail or the log', async () => {
    const { receiver, secrets, trail, log, deliver } = await open([netlify, github]);
    receiver.replies('reset-after-read', { status: 401 }, started, started);
    await deliver();
    await deliver();
    expect(trail.types.toSorted()).toEqual(['hook.called', 'hook.called', 'hook.failed', 'hook.failed']);
    const written = JSON.stringify([log.lines, ...trail.lines.values()]);
    for (const secret of secrets.values()) expect(written).not.toContain(secret.trim());
    expect(written).not.toContain('5c23');
  });
});

test('a crash between the call and its line repeats the call, and never skips it', async () => {
  const { receiver, trail, deliver } = await open();
  receiver.replies(started, started);
  trail.failing = 1;
  expect([await deliver(), await deliver()]).toEqual([true, false]);
  expect(receiver.asked).toHaveLength(2);
  expect(trail.types).toEqual(['hook.called']);
});

test.each<[string, object]>([
  ['of another kind', { ...publication, type: 'token.revoked' }],
  ['without an integration', { ...publication, integration: '' }],
  ['at no instant', { ...publication, at: 'yesterday' }],
])('an event %s comes again, until it ends where an alarm sees it', async (_, detail) => {
  const { receiver, deliver } = await open();
  expect(await deliver(detail)).toBe(true);
  expect(receiver.connections).toBe(0);
});
