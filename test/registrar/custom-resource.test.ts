import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode } from '../../infra/constructs/registration.ts';
import {
  type CustomResourcePorts,
  type CustomResourceRequest,
  decode,
  handleCustomResource,
  respond,
} from '../../lambdas/registrar/custom-resource.ts';
import { DestinationsError } from '../../lambdas/registrar/destinations/all-destinations.ts';
import { type Configuration, RefusedConfigurationError } from '../../lambdas/registrar/register.ts';
import { twoAccountsConfiguration } from '../infra/synth.ts';

const { accounts, integrations } = twoAccountsConfiguration;
const request = (change: Partial<CustomResourceRequest> = {}): CustomResourceRequest => ({
  RequestType: 'Create',
  ResponseURL: 'http://cloudformation.test/answer?signature=secret',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Configuration',
  ResourceProperties: { configuration: encode({ accounts, integrations }) },
  ...change,
});

/** Hands one request over, and keeps all that went out. */
async function handle(
  change: Partial<CustomResourceRequest> = {},
  fault?: Error,
  reconcile: CustomResourcePorts['webhooks']['reconcile'] = async () => ({ summary: 'sandbox: registered (ntfset_1)' }),
  signal = new AbortController().signal,
) {
  const registered: Configuration[] = [];
  const retired: Configuration[] = [];
  const answers: unknown[] = [];
  const logged: string[] = [];
  const keep = (message: string, fields: object) => logged.push(JSON.stringify([message, fields]));
  const ports: CustomResourcePorts = {
    async register(configuration) {
      if (fault) throw fault;
      registered.push(configuration);
      return { created: [], changed: [], unmanaged: [] };
    },
    webhooks: {
      reconcile,
      async retire(configuration) {
        retired.push(configuration);
      },
    },
    async respond(_, response) {
      answers.push(response);
    },
    log: { info: keep, error: keep },
    signal,
  };
  const thrown = await handleCustomResource(request(change), ports).catch((error: unknown) => error);
  return { registered, retired, answers, logged, thrown };
}

const identity = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Configuration' };

test.each(['Create', 'Update'] as const)('%s registers the configuration and succeeds', async (RequestType) => {
  const { registered, answers } = await handle({ RequestType });
  expect(registered).toEqual([{ accounts, integrations }]);
  const Data = { webhooks: 'sandbox: registered (ntfset_1)' };
  expect(answers).toEqual([{ ...identity, Status: 'SUCCESS', PhysicalResourceId: 'paddlewheel-configuration', Data }]);
});

describe('what Paddle refuses', () => {
  const summary = 'sandbox: failed (no more room for pdl_ntfset_01h_secret)';
  const refused = async () => ({ summary, failed: summary });
  const strict = { configuration: encode({ accounts, integrations }), strict: 'true' } as const;

  test.each(['Create', 'Update'] as const)(
    'never fails a stack (%s): it says so, and the platform sees it',
    async (RequestType) => {
      const { answers, thrown } = await handle({ RequestType }, undefined, refused);
      const webhooks = 'sandbox: failed (no more room for pdl_ntfset_…)';
      expect(answers).toMatchObject([{ Status: 'SUCCESS', Data: { webhooks } }]);
      expect(thrown).toEqual(new DestinationsError(webhooks));
    },
  );

  test('never fails a stack either when nobody foresaw it', async () => {
    const { answers, thrown } = await handle({}, undefined, async () => {
      throw new TypeError('what is this? pdl_ntfset_01h_secret');
    });
    expect(answers).toMatchObject([{ Status: 'SUCCESS', Data: { webhooks: expect.stringContaining('every hour') } }]);
    expect(thrown).toEqual(new DestinationsError('TypeError: what is this? pdl_ntfset_…'));
  });

  test('or does not answer in time, is told, and the work goes on until the platform ends it', async () => {
    const time = new AbortController();
    let finish: () => void = () => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handled = handle(
      {},
      undefined,
      async () => {
        time.abort();
        await work;
        return { summary: 'too late' };
      },
      time.signal,
    );
    finish();
    const { answers, thrown } = await handled;
    expect(answers).toMatchObject([
      { Status: 'SUCCESS', Data: { webhooks: expect.stringContaining('not set up in time') } },
    ]);
    expect(thrown).toBeInstanceOf(DestinationsError);
  });

  test('fails the deploy where that is wanted, with the reason, its secrets masked', async () => {
    const { answers, thrown } = await handle({ ResourceProperties: strict }, undefined, refused);
    const Reason = 'Paddlewheel could not set up the webhooks: sandbox: failed (no more room for pdl_ntfset_…)';
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason }]);
    expect(thrown).toBeUndefined();
  });

  test('keeps no stack from being destroyed', async () => {
    const time = new AbortController();
    time.abort();
    const { answers } = await handle({ RequestType: 'Delete' }, undefined, refused, time.signal);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
  });
});

test('Delete only silences the destinations, and registers nothing', async () => {
  const { registered, retired, answers } = await handle({ RequestType: 'Delete', PhysicalResourceId: 'as-it-was' });
  expect(registered).toEqual([]);
  expect(retired).toEqual([{ accounts, integrations }]);
  expect(answers).toEqual([{ ...identity, Status: 'SUCCESS', PhysicalResourceId: 'as-it-was' }]);
});

test('the physical id stays what it is, so that CloudFormation never replaces the resource', async () => {
  const { answers } = await handle({ RequestType: 'Update', PhysicalResourceId: 'paddlewheel-configuration' });
  expect(answers).toMatchObject([{ PhysicalResourceId: 'paddlewheel-configuration' }]);
});

test.each<[string, Error, string]>([
  ['a refusal', new RefusedConfigurationError('no'), 'Paddlewheel refuses this configuration: no'],
  ['any other fault', new TypeError('why'), 'Paddlewheel could not register the configuration: TypeError: why'],
])('%s fails the deploy with its reason', async (_, fault, Reason) => {
  const { answers } = await handle({}, fault);
  expect(answers).toMatchObject([{ Status: 'FAILED', Reason }]);
});

test('a long reason is cut, for CloudFormation takes 4,096 bytes', async () => {
  const { answers } = await handle({}, new Error('x'.repeat(10_000)));
  expect(JSON.stringify(answers[0]).length).toBeLessThan(2_000);
});

test.each(['漢', '"', '\u001b'])(
  'a reason of many %j is cut by the bytes that it takes, and a success is not lost to one either',
  async (character) => {
    const text = character.repeat(5_000);
    const failed = await handle({}, new Error(text));
    const registered = await handle({}, undefined, async () => ({ summary: text }));
    for (const { answers } of [failed, registered])
      expect(Buffer.byteLength(JSON.stringify(answers[0]))).toBeLessThan(2_500);
    expect(registered.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  },
);

test('what Paddle has written moves no cursor in the terminal of whoever deploys', async () => {
  const text = 'sandbox: failed (\u001b]0;all is well\u0007)';
  const shown = 'sandbox: failed (\\u001b]0;all is well\\u0007)';
  const { answers } = await handle({}, undefined, async () => ({ summary: text, failed: text }));
  expect(answers).toMatchObject([{ Data: { webhooks: shown } }]);
  const { answers: failures } = await handle({}, new RefusedConfigurationError(text));
  expect(failures).toMatchObject([{ Reason: expect.stringContaining(shown) }]);
});

test.each(['', 'garbage', '{"accounts":[]}', '[]'])(
  'properties that hold "%s" fail the deploy',
  async (configuration) => {
    const { registered, answers } = await handle({ ResourceProperties: { configuration } });
    expect(registered).toEqual([]);
    expect(answers).toMatchObject([{ Status: 'FAILED' }]);
  },
);

test('the address of the answer is in no log', async () => {
  const { logged } = await handle({}, new Error('no'));
  expect(logged).toHaveLength(1);
  expect(logged.join()).not.toContain('signature');
});

describe('the configuration', () => {
  test('stays readable while it is short', () => {
    const properties = { configuration: encode({ accounts, integrations }) };
    expect(JSON.parse(properties.configuration)).toEqual({ accounts, integrations });
  });

  test('of ten thousand integrations arrives as it was sent, in a fraction of what an invocation takes', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ ...integrations[0], name: `shop-${index}` }));
    const configuration = encode({ accounts, integrations: many });
    expect(configuration.length).toBeLessThan(300_000);
    // As text: jest takes seconds for so large an object.
    expect(JSON.stringify(decode({ configuration }))).toBe(JSON.stringify({ accounts, integrations: many }));
  });
});

describe('the answer', () => {
  interface Received {
    readonly method?: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  /** A stand-in for CloudFormation's address that answers with these statuses, one after the other. */
  async function withServer(statuses: number[], body: (url: string) => Promise<void>): Promise<Received[]> {
    const received: Received[] = [];
    const server = createServer(async (message, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk);
      received.push({ method: message.method, headers: message.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(statuses[received.length - 1] ?? 500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?signature=secret`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    return received;
  }

  const answer = { ...identity, Status: 'SUCCESS', PhysicalResourceId: 'id' } as const;

  test('is put without a content type, for which the address is not signed', async () => {
    const [received] = await withServer([200], (url) => respond(url, answer));
    expect(received).toMatchObject({ method: 'PUT', body: JSON.stringify(answer) });
    expect(received?.headers).not.toHaveProperty('content-type');
    expect(received?.headers['content-length']).toBe(String(JSON.stringify(answer).length));
  });

  test('is repeated when it does not get through', async () => {
    expect(await withServer([503, 500, 200], (url) => respond(url, answer))).toHaveLength(3);
  });

  test('fails after three attempts, and the error does not give the address away', async () => {
    const received = await withServer([500, 500, 500, 200], async (url) => {
      const failure = await respond(url, answer).catch((error: Error) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(String(failure)).toContain('could not be reported');
      expect(String(failure) + String((failure as Error).cause)).not.toContain('signature');
    });
    expect(received).toHaveLength(3);
  });
});
