/** The console on this machine: whom it answers, and what it lets them call. */
import { request } from 'node:http';
import { type ConsoleBackend, type RunningConsole, startConsole } from '../../cli/console/server.ts';
import { CONSOLE, ROTATE } from './scenes.ts';

const calls: { name: string; payload: Record<string, unknown> }[] = [];
let fails: Error | undefined;
const backend: ConsoleBackend = {
  names: { console: 'paddlewheel-console', operate: 'paddlewheel-rotate:operate' },
  invoke: async (name, payload) => {
    calls.push({ name, payload: payload as Record<string, unknown> });
    if (fails) throw fails;
    return '<p>shown</p>';
  },
  identity: async () => 'arn:aws:sts::123456789012:assumed-role/Operator/ada',
};
let running: RunningConsole;
beforeAll(async () => {
  const press = { id: 'press', text: 'Press', title: 'Presses', run: async () => 'pressed' };
  running = await startConsole(backend, { title: 'Test', pollMs: 60_000, controls: [press] });
});
afterAll(() => running.stop());
beforeEach(() => {
  calls.length = 0;
  fails = undefined;
});

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

function ask({ path = 'call', method = 'POST', headers = {}, body = {} }: Asked = {}) {
  const { origin, host, pathname } = new URL(running.url);
  const url = path.startsWith('/') ? `${origin}${path}` : `${origin}${pathname}${path}`;
  const own = { host, origin, 'content-type': 'application/json', ...headers };
  return new Promise<{ status: number; headers: object; body: string }>((resolve, reject) => {
    const sent = request(url, { method, headers: own }, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? (typeof body === 'string' ? body : JSON.stringify(body)) : undefined);
  });
}

test.each<[string, Asked, number]>([
  ['another name of this machine', { headers: { host: 'evil.example' } }, 421],
  ['another name, for the page', { path: '', method: 'GET', headers: { host: 'evil.example' } }, 421],
  ['another page', { headers: { origin: 'https://evil.example' } }, 403],
  ['a page without an origin', { headers: { origin: 'null' } }, 403],
  ['a form', { headers: { 'content-type': 'text/plain' } }, 403],
  ['a guessed address', { path: '/guess/call' }, 404],
  ['the root', { path: '/', method: 'GET' }, 404],
  ['an unknown order', { path: 'shutdown' }, 404],
  ['another function', { body: { endpoint: 'arn:aws:lambda:eu-west-1:123456789012:function:other' } }, 403],
  ['the alias of emergencies', { body: { endpoint: `${ROTATE}:emergency` } }, 403],
  ['no JSON', { body: '{' }, 400],
  ['too much', { body: `"${'x'.repeat(70_000)}"` }, 413],
])('%s is refused, and nothing is called', async (_, asked, status) => {
  expect(await ask(asked)).toMatchObject({ status });
  expect(calls).toEqual([]);
});

test('its page runs its own script and no other, and is in no frame', async () => {
  const { status, headers, body } = await ask({ path: '', method: 'GET' });
  expect(status).toBe(200);
  const policy = String((headers as Record<string, string>)['content-security-policy']);
  const [, nonce] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  expect(policy).toContain("frame-ancestors 'none'");
  expect(body).toContain(`<script nonce="${nonce}">`);
});

test('the widget is asked for as CloudWatch asks', async () => {
  const asked = { parameters: { page: 2 }, theme: 'dark', forms: { search: 'eu' } };
  expect(JSON.parse((await ask({ body: { ...asked, endpoint: CONSOLE } })).body)).toEqual({ html: '<p>shown</p>' });
  const widgetContext = { theme: 'dark', params: {}, forms: { all: { search: 'eu' } } };
  expect(calls).toEqual([{ name: 'paddlewheel-console', payload: { page: 2, widgetContext } }]);
});

test('a button acts in the name of whoever started the console', async () => {
  await ask({ body: { endpoint: ROTATE, parameters: { integration: 'shop', requestedBy: 'the CloudWatch console' } } });
  expect(calls).toMatchObject([
    { name: 'paddlewheel-rotate:operate', payload: { requestedBy: await backend.identity() } },
  ]);
});

test('what fails is told, without secrets', async () => {
  fails = new Error(`no key pdl_live_apikey_${'a'.repeat(26)}_${'b'.repeat(22)}`);
  const { body } = await ask({ body: { endpoint: ROTATE, parameters: {} } });
  expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(/^no key pdl_/) });
  expect(body).not.toContain('bbbb');
  fails = Object.assign(new Error('not found'), { name: 'ResourceNotFoundException' });
  expect((await ask()).body).toContain('console: false');
});

test("the page's own buttons", async () => {
  expect(JSON.parse((await ask({ path: 'control', body: { id: 'press' } })).body)).toEqual({ message: 'pressed' });
  expect(await ask({ path: 'control', body: { id: 'other' } })).toMatchObject({ status: 404 });
});
