/**
 * A stand-in of Paddle.js: as much of it as decides whether a page's token works. It calls the simulator that served
 * it. As with the real one, `Initialize` asks nobody, the second call is an error, and the environment is not inferred
 * from the token: a `test_` token without `Environment.set('sandbox')` fails when the checkout is opened.
 */
export const PADDLE_JS = `(() => {
  const origin = new URL(document.currentScript.src).origin;
  const prefix = { sandbox: 'test_', production: 'live_' };
  let environment = 'production';
  let settings;
  const tell = (event) => {
    if (settings && typeof settings.eventCallback === 'function') settings.eventCallback(event);
  };
  const fail = (type, code, detail) =>
    tell({
      name: 'checkout.error', type, code, detail,
      documentation_url: 'https://developer.paddle.com/errors/shared/' + code,
    });
  const open = async (options) => {
    if (!settings) throw new Error('[Paddle] Initialize has not been called.');
    if (!settings.token.startsWith(prefix[environment])) {
      return fail('api_error', 'invalid_client_token', 'The token is not one of the environment ' + environment + '.');
    }
    const items = ((options && options.items) || [{ priceId: 'pri_simulated' }])
      .map((item) => ({ price_id: item.priceId, quantity: item.quantity || 1 }));
    try {
      const response = await fetch(origin + '/pricing-preview', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Paddle-Clienttoken': settings.token },
        body: JSON.stringify({ items }),
      });
      const answer = await response.json();
      if (response.ok) tell({ name: 'checkout.loaded', type: 'checkout', data: answer.data });
      else fail('api_error', answer.error.code, answer.error.detail);
    } catch (error) {
      fail('front-end_error', 'checkout_unavailable', String(error));
    }
  };
  const Paddle = {
    Initialized: false,
    Environment: {
      set(name) {
        if (!Object.hasOwn(prefix, name)) throw new Error('[Paddle] Unknown environment: ' + name);
        environment = name;
      },
    },
    Initialize(options) {
      if (settings) throw new Error('[Paddle] Initialize may be called only once per page.');
      if (!options || typeof options.token !== 'string' || options.token === '') {
        throw new Error('[Paddle] Initialize needs a token.');
      }
      settings = { ...options };
      Paddle.Initialized = true;
    },
    Update(options) {
      if (settings && options && options.eventCallback) settings.eventCallback = options.eventCallback;
    },
    Checkout: { open: (options) => void open(options) },
  };
  window.Paddle = Paddle;
})();
`;
