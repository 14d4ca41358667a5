import { createNotificationSettings } from '../../lambdas/paddle/notification-settings.ts';
import { parseWebhookSecrets } from '../../lambdas/webhook/webhook-secrets.ts';
import { answered, closeAll, ending, openPaddle, page } from './setup.ts';

afterEach(closeAll);

const id = (n: number) => `ntfset_${String(n).padStart(26, '0')}`;
const destination = (n: number, changes: object = {}) => ({
  id: id(n),
  type: 'url',
  description: 'audit trail',
  destination: `https://example.com/${n}`,
  active: true,
  api_version: 1,
  traffic_source: 'all',
  include_sensitive_fields: false,
  subscribed_events: [{ name: 'client_token.created', description: '', group: '', available_versions: [1] }],
  endpoint_secret_key: 'pdl_ntfset_01h_a+b/c',
  ...changes,
});

async function settings() {
  const paddle = await openPaddle();
  const unreadable: [string | undefined, readonly string[]][] = [];
  const report = (item: string | undefined, faults: readonly string[]) => void unreadable.push([item, faults]);
  return { ...paddle, unreadable, settings: createNotificationSettings(paddle.client, report) };
}

describe('the secret of a destination', () => {
  test.each([
    'pdl_ntfset_01gkdqvsmqz3v5dnj4hxqmyc8g_a+b/c9d8e7f6',
    'pdl_ntf_01gkdqvsmqz3v5dnj4hxqmyc8g',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'f00dfeed'.repeat(8),
    'x',
    '{"endpoint_secret_key":"inside"}',
    '[1]',
    ' with blanks around ',
    'größer',
    '0',
    'null',
  ])('is taken as Paddle answers it, and comes through its store unchanged: %s', async (secret) => {
    const { server, settings: destinations, unreadable } = await settings();
    server.replies(page([destination(1, { endpoint_secret_key: secret })], null));
    const [found] = await destinations.list();
    expect(found?.secret).toBe(secret);
    expect(parseWebhookSecrets(JSON.stringify({ endpoint_secret_keys: [found?.secret] }))).toEqual([secret]);
    expect(unreadable).toEqual([]);
  });

  test.each([[''], [' '], [null], [undefined], [7], [['x']]])('is none when it is %j', async (secret) => {
    const { server, settings: destinations, unreadable } = await settings();
    const odd = destination(1, { endpoint_secret_key: secret });
    server.replies(page([odd, destination(2)], null), answered(odd));
    expect((await destinations.list()).map((each) => each.id)).toEqual([id(2)]);
    expect(unreadable).toEqual([[id(1), ['endpoint_secret_key']]]);
    expect(await ending(destinations.change(id(1), { active: true }))).toBe('AmbiguousError unreadable_answer');
  });
});

describe('a destination that cannot be read', () => {
  test.each<[what: string, odd: unknown, reported: string | undefined]>([
    ['null', null, undefined],
    ['a list', [1], undefined],
    ['nothing', {}, undefined],
    ['without an address', destination(1, { destination: null }), id(1)],
    ['without an id', destination(1, { id: null }), undefined],
    ['with an id of something else', destination(1, { id: 'evt_1' }), 'evt_1'],
    ['neither active nor not', destination(1, { active: 'yes' }), id(1)],
    ['without events', destination(1, { subscribed_events: null }), id(1)],
  ])('stops nothing, in no page, and is told once: %s', async (_, odd, reported) => {
    const { server, settings: destinations, unreadable } = await settings();
    const pages = () => [
      page([destination(2), odd], `${server.url}/notification-settings?after=2`),
      page([odd, destination(3)], null),
    ];
    server.replies(...pages(), ...pages());
    expect((await destinations.list()).map((each) => each.id)).toEqual([id(2), id(3)]);
    expect(await destinations.list()).toHaveLength(2);
    expect(unreadable).toEqual([[reported, expect.any(Array)]]);
  });

  test('is none when it is an e-mail address, of which nothing is needed', async () => {
    const { server, settings: destinations, unreadable } = await settings();
    const mail = destination(1, { type: 'email', destination: 'a@example.com', endpoint_secret_key: null });
    server.replies(page([mail, destination(2)], null));
    expect(await destinations.list()).toHaveLength(1);
    expect(unreadable).toEqual([]);
  });

  test('is none when only one of its events is odd', async () => {
    const { server, settings: destinations, unreadable } = await settings();
    const odd = [null, 7, { name: null }, { name: 'client_token.created' }, 'client_token.revoked'];
    server.replies(page([destination(1, { subscribed_events: odd })], null));
    expect(await destinations.list()).toMatchObject([{ events: ['client_token.created', 'client_token.revoked'] }]);
    expect(unreadable).toEqual([]);
  });
});
