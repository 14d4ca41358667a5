import { ask, endpoint, simulator, stopAll, subscribe } from './helpers.ts';

afterEach(stopAll);

describe('notification settings', () => {
  test('are at most ten active ones', async () => {
    const paddle = await simulator();
    const hook = await endpoint();
    const settings = [];
    for (let index = 0; index < 10; index += 1) settings.push(await subscribe(paddle, `${hook.url}/${index}`));
    await expect(subscribe(paddle, `${hook.url}/10`)).rejects.toThrow('notification_maximum_active_settings_reached');
    await ask(paddle, 'PATCH', `/notification-settings/${settings[0].id}`, { body: { active: false } });
    await subscribe(paddle, `${hook.url}/10`);
    const again = await ask(paddle, 'PATCH', `/notification-settings/${settings[0].id}`, { body: { active: true } });
    expect(again.json.error.code).toBe('notification_maximum_active_settings_reached');
  });

  test('are not made twice', async () => {
    const paddle = await simulator();
    await subscribe(paddle, 'https://example.com/hook');
    const twin = await ask(paddle, 'POST', '/notification-settings', {
      body: {
        type: 'url',
        description: 'Another description',
        destination: 'https://example.com/hook',
        subscribed_events: ['client_token.revoked', 'client_token.updated', 'client_token.created'],
      },
    });
    expect([twin.status, twin.json.error.code]).toEqual([409, 'notification_setting_cannot_be_duplicate']);
    await subscribe(paddle, 'https://example.com/hook', { subscribed_events: ['payout.paid'] });
  });

  test('keep their secret, and show it each time', async () => {
    const paddle = await simulator();
    const { id, endpoint_secret_key } = await subscribe(paddle, 'https://example.com/hook');
    await ask(paddle, 'PATCH', `/notification-settings/${id}`, { body: { description: 'New' } });
    const { data } = (await ask(paddle, 'GET', `/notification-settings/${id}`)).json;
    expect(data).toMatchObject({ endpoint_secret_key, description: 'New' });
  });

  test.each([
    ['ftp://example.com', false, 'url_notification_setting_incorrect'],
    ['nowhere', false, 'url_notification_setting_incorrect'],
    ['http://127.0.0.1:1/hook', true, 'url_notification_setting_incorrect'],
  ])('refuse %s (https required: %s)', async (destination, requireHttps, code) => {
    const paddle = await simulator({ quirks: { requireHttps } });
    await expect(subscribe(paddle, destination)).rejects.toThrow(code);
  });

  test('refuse an event type that does not exist', async () => {
    const paddle = await simulator();
    await expect(subscribe(paddle, 'https://example.com', { subscribed_events: ['token.gone'] })).rejects.toThrow(
      'invalid_field',
    );
  });
});
