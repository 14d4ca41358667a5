/** Everything that the functions do, once, on a deployed stack. Throws when something that should happen does not. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { NAMES } from '../../lambdas/contract.ts';
import type { Template } from '../../local/complete.ts';
import { FunctionFailedError, type Installation } from '../../local/installation.ts';
import type { PaddleSimulator } from '../../local/paddle/simulator.ts';
import type { ScriptedHttp } from '../fakes/scripted-http.ts';
import { getParameter, getParametersByPath, iamUser } from '../usage/cloudtrail-samples.ts';
import { eventually } from './eventually.ts';
import { chainMissing } from './missing-links.ts';
import { queuesInWords } from './queues.ts';

const INTEGRATIONS = ['shop', 'portal'] as const;
const acmeShop = { integration: 'acme-shop' };

interface Status {
  readonly token?: { readonly id: string };
  readonly superseded: readonly { readonly id: string }[];
  readonly tokens: readonly { readonly id: string; readonly status: string; readonly fingerprint: string }[];
  readonly message: string;
  readonly consumers: readonly { readonly consumer: string }[];
}

export class WholeLife {
  readonly #running: Installation;
  readonly #paddle: PaddleSimulator;
  readonly #builds: ScriptedHttp;
  #apiKey: string;

  /** @param builds where the deploy hook of `shop` points */
  constructor(running: Installation, paddle: PaddleSimulator, builds: ScriptedHttp) {
    this.#running = running;
    this.#paddle = paddle;
    this.#builds = builds;
    this.#apiKey = paddle.apiKey;
  }

  /** Credentials that are not there are asked for under their bare names. */
  async beforeAnythingIsStored(): Promise<void> {
    for (const account of ['first', 'second']) mustBe(await this.#post(account, 'no secret yet'), 500, 'a webhook');
    const adopt = { integration: 'shop', action: 'adopt', tokenId: 'ctkn_01j9zv4tnmk8w2f7q3c5x6y7z8' };
    await this.#fails(this.#running.invoke(NAMES.rotate, adopt));
    await this.#fails(this.#running.invoke(NAMES.backfill, { accounts: ['first'] }));
    const { batchItemFailures } = await this.#running.invoke<{ batchItemFailures: unknown[] }>(NAMES.hooks, {
      Records: [{ messageId: 'early', body: publication(), attributes: { ApproximateReceiveCount: '1' } }],
    });
    mustBe(batchItemFailures.length, 1, 'publications whose hook has no address yet');
  }

  async storeCredentials(): Promise<void> {
    await this.#running.putSecret('hooks/shop', `https://127.0.0.1:${this.#builds.port}/build_hooks/shop`);
    await this.#storeKeys();
    // What the deploy had to leave pending: the secret is created, and put when it is rotated.
    await this.#running.invoke(NAMES.registrar, { action: 'maintain-webhooks', accounts: ['first'] });
    // Both accounts are one at Paddle here: an event belongs to the account that it comes to first.
    const second = await this.#destination('second');
    const rotated = await this.#running.invoke<{ outcome: string }>(NAMES.registrar, {
      action: 'rotate-webhook-secret',
      account: 'first',
    });
    mustBe(rotated.outcome, 'started', 'the rotation of the webhook secret');
    await this.#putParameter('/paddlewheel/second/webhook-secret', second);
  }

  /** The heartbeat finds both integrations due; the reconciles mint, and make parameter and secret. */
  async firstTokens(): Promise<void> {
    await this.#running.invoke(NAMES.heartbeat, {});
    for (const integration of INTEGRATIONS) {
      await this.#until(`the first token of ${integration}`, async () => (await this.#status(integration)).token);
    }
  }

  /** The publication of the first token comes by bus and queue to the hook. */
  async startBuilds(): Promise<void> {
    await this.#until('the start of a build', async () => this.#builds.asked[0]);
  }

  /** The second value of a secret is put, not created. The report of its use ends in a revocation within the cap. */
  async rotateAndRevoke(): Promise<void> {
    await this.#reportUse('1');
    const old = (await this.#status('shop')).token?.id;
    await this.#running.invoke(NAMES.status, { integration: 'shop', action: 'check' });
    await this.#until('the rotation', () =>
      this.#running.invoke(NAMES.rotate, { integration: 'shop', reason: 'test', requestedBy: 'test' }).catch(orBusy),
    );
    await this.#reportUse('2');
    await this.#until('the revocation', async () => {
      // A reconcile that is under way already refuses another one; the next turn asks again.
      await this.#running.invoke(NAMES.rotate, { integration: 'shop', action: 'reconcile' }).catch(orBusy);
      return this.#statusAtPaddle(old) === 'revoked' || undefined;
    });
  }

  /** Somebody revokes the current token in the dashboard: the webhook leads to a reconcile, and the reconcile to another token. */
  async healAfterStrangers(): Promise<void> {
    const lost = (await this.#status('shop')).token?.id ?? '';
    this.#paddle.control.dashboard.revoke(lost);
    await this.#until('another token', async () => {
      const { token } = await this.#status('shop');
      return token && token.id !== lost ? token : undefined;
    });
    mustBe(await this.#post('first', 'forged'), 401, 'a forged webhook');
    mustBe(await this.#post('second', 'forged'), 401, 'a forged webhook');
    await this.#paddle.control.deliveries.idle(120_000);
  }

  /** A page uses a token that an emergency has revoked: its beacon is counted, and `rotate` tells people. */
  async beacons(): Promise<void> {
    const { token: lost, tokens } = await this.#status('portal');
    const { fingerprint } = tokens.find(({ id }) => id === lost?.id) ?? {};
    const emergency = { integration: 'portal', emergency: true, reason: 'test', requestedBy: 'test' };
    await this.#until('the emergency', () => this.#running.invoke(NAMES.rotate, emergency).catch(orBusy));
    await this.#until('the end of the token that was lost', async () => {
      const isRevoked = (await this.#status('portal')).tokens.some(
        (each) => each.id === lost?.id && each.status === 'revoked',
      );
      return isRevoked || undefined;
    });
    const answer = await fetch(this.#running.seenUrl('portal'), { method: 'POST', body: fingerprint });
    mustBe(answer.status, 204, 'a beacon');
    await this.#until('the word on the beacon', async () =>
      (await this.#status('portal')).message.includes('A beacon says') ? true : undefined,
    );
  }

  /** The console reads all of it: the list, and one integration. */
  async readState(): Promise<void> {
    const list = await this.#running.invoke<string>(NAMES.console, {});
    mustBe(list.includes('No checkout is at stake in 2 integrations.'), true, 'the first line of the console');
    const details = await this.#running.invoke<string>(NAMES.console, { integration: 'shop' });
    mustBe(details.includes('The lives of its tokens'), true, 'the details in the console');
  }

  /** The lists of Paddle are read, a foreign token is reported, and a token that bears our name is asked about. */
  async backfill(): Promise<void> {
    // No webhook comes: neither of a stranger's token, nor of the loss of ours.
    this.#paddle.control.setQuirks({ webhooks: { dropShare: 1 } });
    const lost = (await this.#status('shop')).token?.id ?? '';
    this.#paddle.control.dashboard.create({ name: 'made by hand' });
    this.#paddle.control.dashboard.revoke(lost);
    this.#paddle.control.setQuirks({ webhooks: { dropShare: 0 } });
    const name = 'shop · 01KZZZZZZZZZZZZZZZZZZZZZZZ';
    // Old enough that no list can be late about it.
    this.#paddle.control.clock.set(Date.now() - 3_600_000);
    const { id: unclaimed } = this.#paddle.control.dashboard.create({ name });
    this.#paddle.control.clock.reset();
    await this.#running.invoke(NAMES.backfill, { accounts: ['first', 'second'] });
    await this.#until('another token', async () => {
      const { token } = await this.#status('shop');
      return token && token.id !== lost ? token : undefined;
    });
    const body = JSON.stringify({ integration: 'shop', cause: 'backfill' });
    await this.#running.invoke(NAMES.rotate, { Records: [{ messageId: 'unclaimed', receiptHandle: 'none', body }] });
    mustBe(this.#statusAtPaddle(unclaimed), 'active', 'a token that only bears our name');
  }

  /** What the stream gives up is chained by the hourly comparison. */
  chainMissing = () => chainMissing(this.#running);

  /** Whoever is the first to use a new key asks Paddle about a token of ours, and notes that the key is the account's. */
  async replaceKeys(): Promise<void> {
    await this.#replaceKey();
    await this.#running.invoke(NAMES.registrar, { action: 'maintain-webhooks', accounts: ['first'] });
    await this.#replaceKey();
    await this.#running.invoke(NAMES.backfill, { accounts: ['first'] });
  }

  /** A seller comes without a deploy, gets its webhooks and its tokens, and leaves. */
  async sellers(): Promise<void> {
    mustBe(await this.#post('nobody', 'nothing'), 404, 'a webhook of nobody');
    const places = [{ ssmParameter: '/paddle/sellers/acme/token' }, { secret: 'paddle/sellers/acme/token' }];
    const entries = {
      accounts: [{ name: 'acme', environment: 'sandbox' }],
      integrations: [{ name: 'acme-shop', account: 'acme', rotate: { every: '30 days' }, publishTo: places }],
    };
    const register = (change: object = {}) =>
      this.#running.invoke<{ outcome: string; message: string }>(NAMES.register, {
        ...{ action: 'register', requestedBy: 'test', ...entries, ...change },
      });
    mustBe((await register()).outcome, 'registered', 'a seller');
    mustBe(await this.#post('acme', 'no secret yet'), 500, 'a webhook whose secret is not there');
    const status = () =>
      this.#running.invoke<{ token?: { id: string } }>(NAMES.status, { ...acmeShop, action: 'status' });
    const failing = await this.#until('the seller without a key', async () => {
      await this.#running.invoke(NAMES.heartbeat, {});
      const { failing } = await this.#running.invoke<{ failing: unknown[] }>(NAMES.status, { action: 'failing' });
      return failing.length > 0 ? failing : undefined;
    });
    mustBe(JSON.stringify(failing).includes('acme-shop'), true, 'the seller among what fails');
    const { key } = this.#paddle.control.apiKeys.create({ account: 'acme' });
    await this.#running.putSecret('paddlewheel/sellers/acme/api-key', key);
    await this.#running.invoke(NAMES.registrar, { action: 'maintain-sellers' });
    const rotated = await this.#running.invoke<{ outcome: string }>(NAMES.registrar, {
      ...{ action: 'rotate-webhook-secret', account: 'acme' },
    });
    mustBe(rotated.outcome, 'started', "the rotation of the seller's webhook secret");
    await this.#until("the seller's first token", async () => {
      await this.#running
        .invoke(NAMES.rotate, { ...acmeShop, reason: 'the key is there', requestedBy: 'test' })
        .catch(orBusy);
      return (await status()).token;
    });
    const first = (await status()).token?.id;
    await this.#until("the seller's second token", async () => {
      await this.#running.invoke(NAMES.rotate, { ...acmeShop, reason: 'test', requestedBy: 'test' }).catch(orBusy);
      return (await status()).token?.id !== first || undefined;
    });
    mustBe(await this.#post('acme', 'forged'), 401, 'a forged webhook of a seller');
    await this.#running.invoke(NAMES.backfill, { accounts: [], sellers: true });
    const wish = { action: 'unregister', accounts: ['acme'], requestedBy: 'test' };
    mustBe((await this.#running.invoke<{ outcome: string }>(NAMES.register, wish)).outcome, 'unregistered', 'leaving');
  }

  async #replaceKey(): Promise<void> {
    const { apiKeys, state } = this.#paddle.control;
    const old = state().api_keys.filter(({ status }) => status === 'active');
    this.#apiKey = apiKeys.create({}).key;
    await this.#storeKeys();
    for (const { id } of old) apiKeys.revoke(id);
  }

  async #storeKeys(): Promise<void> {
    await this.#running.putSecret('paddlewheel/first/api-key', this.#apiKey);
    await this.#putParameter('/paddlewheel/second/api-key', this.#apiKey);
  }

  async #putParameter(Name: string, Value: string): Promise<void> {
    const put = new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true });
    await new SSMClient(this.#running.clientSettings).send(put);
  }

  /** Each of those that call Paddle meets a lock-out, and tells the others. */
  async lockOuts(): Promise<void> {
    this.#paddle.control.setQuirks({ rateLimit: { perMinute: 1, lockOutMs: 1_000 } });
    const reconcileDestination = { action: 'maintain-webhooks', accounts: ['first'] };
    await this.#fails(this.#running.invoke(NAMES.registrar, reconcileDestination));
    // As long as the account is silent, the run fails without asking Paddle: it is to meet a lock-out of its own.
    const asked = () => this.#paddle.control.state().requests.length;
    await this.#until('another lock-out', async () => {
      const before = asked();
      await this.#fails(this.#running.invoke(NAMES.backfill, { accounts: ['first'] }));
      return asked() > before || undefined;
    });
    this.#paddle.control.setQuirks({ rateLimit: null });
  }

  /** Paddle locks us out while nobody waits for the answer: the lock-out is recorded, and the failed event set aside. */
  async failWithoutEvidence(): Promise<void> {
    this.#paddle.control.setQuirks({ rateLimit: { perMinute: 1, lockOutMs: 60_000 } });
    // The one call of this minute is ours, and counts once the lock-out of before is over: a call that is refused does not.
    const headers = { authorization: `Bearer ${this.#apiKey}` };
    await this.#until('a call that counts', async () => {
      const answer = await fetch(`${this.#paddle.url}/event-types`, { headers });
      await answer.body?.cancel();
      return answer.ok || undefined;
    });
    await this.#running.invokeAsync(NAMES.rotate, { integration: 'portal', reason: 'test', requestedBy: 'test' });
    const sqs = new SQSClient(this.#running.clientSettings);
    const { aws, outputs } = this.#running;
    const QueueUrl = `${aws.url}/000000000000/${outputs.FailuresQueue ?? NAMES.failures}`;
    await this.#until('the failed event', async () => {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
      return Messages?.some(({ Body = '' }) => Body.includes(NAMES.rotate)) || undefined;
    });
  }

  /** What a rule hands over when CloudTrail tells of reads, one of them by a path. No bus takes `aws.ssm` from us: invoked. */
  async readByStrangers(): Promise<void> {
    const reads = [
      getParameter('/paddle/shop/client-token', { who: iamUser('ada'), at: justNow() }),
      getParametersByPath('/paddle/portal', undefined, { who: iamUser('bob'), at: justNow() }),
    ];
    for (const read of reads) await this.#running.invokeAsync(NAMES.usage, read);
    for (const [integration, consumer] of [
      ['shop', 'cloudtrail:ada'],
      ['portal', 'cloudtrail:bob'],
    ] as const) {
      await this.#until(`the read by ${consumer}`, async () => {
        const { consumers } = await this.#status(integration);
        return consumers.find((seen) => seen.consumer === consumer);
      });
    }
  }

  /** The next deploy: the custom resource is updated. The local AWS cannot update a stack, so the event is sent here. */
  async deployAnotherConfiguration(template: Template): Promise<void> {
    const [resource] = Object.values(template.Resources).filter(({ Type }) => Type.startsWith('Custom::Paddlewheel'));
    const before = JSON.parse(String(resource?.Properties?.configuration));
    const [shop] = before.integrations;
    const configuration = JSON.stringify({ ...before, integrations: [{ ...shop, graceMs: 2_000 }] });
    const cloudFormation = await startCloudFormation();
    try {
      await this.#running.invoke(NAMES.registrar, {
        RequestType: 'Update',
        ResponseURL: cloudFormation.url,
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: 'Configuration',
        PhysicalResourceId: 'paddlewheel-configuration',
        ResourceProperties: { configuration },
      });
      mustBe(await cloudFormation.answer, 'SUCCESS', 'the registration');
    } finally {
      cloudFormation.stop();
    }
  }

  async #reportUse(build: string): Promise<void> {
    const report = { integration: 'shop', consumer: 'frontend', build };
    for (const phase of ['build', 'deploy']) {
      const { outcome } = await this.#running.invoke<{ outcome: string }>(NAMES.usage, { ...report, phase });
      mustBe(outcome, 'recorded', `the report of a ${phase}`);
    }
  }

  async #destination(account: string): Promise<string> {
    const answer = await fetch(`${this.#paddle.url}/notification-settings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        description: account,
        type: 'url',
        destination: this.#running.webhookUrl(account),
        subscribed_events: ['client_token.created', 'client_token.updated', 'client_token.revoked'],
      }),
    });
    const { data } = (await answer.json()) as { data: { endpoint_secret_key: string } };
    return data.endpoint_secret_key;
  }

  async #post(account: string, key: string): Promise<number> {
    const body = '{}';
    const ts = Math.floor(Date.now() / 1000);
    const signature = `ts=${ts};h1=${createHmac('sha256', key).update(`${ts}:${body}`).digest('hex')}`;
    const headers = { 'content-type': 'application/json', 'paddle-signature': signature };
    const answer = await fetch(this.#running.webhookUrl(account), { method: 'POST', body, headers });
    await answer.body?.cancel();
    return answer.status;
  }

  async #fails(run: Promise<unknown>): Promise<void> {
    const outcome = await run.then(
      () => 'succeeded',
      (error) => (error instanceof FunctionFailedError ? 'failed' : Promise.reject(error)),
    );
    mustBe(outcome, 'failed', 'what cannot work yet');
  }

  #statusAtPaddle = (id: string | undefined) =>
    this.#paddle.control.state().tokens.find((token) => token.id === id)?.status;

  #status = (integration: string) => this.#running.invoke<Status>(NAMES.status, { integration, action: 'status' });

  #until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    const state = async () => {
      const told = INTEGRATIONS.map(async (integration) => {
        const { message, token, tokens } = await this.#status(integration);
        const all = tokens.map(({ id, status }) => `${id} ${status}`).join(', ');
        return `${integration}: current ${token?.id}, ${this.#statusAtPaddle(token?.id)} at Paddle; ${all}; ${message}`;
      });
      const now = `now: ${new Date().toISOString()}`;
      return [now, ...(await Promise.all(told)), await queuesInWords(this.#running)].join('\n');
    };
    return eventually(what, ask, { state });
  }
}

/** What meets another run is asked again. */
const orBusy = (error: unknown) => (error instanceof FunctionFailedError ? undefined : Promise.reject(error));

/** Where CloudFormation takes the outcome of a custom resource. */
async function startCloudFormation() {
  const server = createServer();
  const answer = new Promise<string>((resolve) => {
    server.on('request', async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      outgoing.end();
      resolve(JSON.parse(Buffer.concat(chunks).toString()).Status);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, answer, stop };
}

function mustBe<T>(actual: T, expected: T, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(actual)}`);
}

/** As the bus hands it over; the token is none that will ever be. */
const publication = (): string =>
  JSON.stringify({
    detail: {
      ...{ id: 'act_01JKB92MPL7V4RFG8X3Q5WZ7BP', type: 'token.published', at: new Date().toISOString() },
      ...{ account: 'first', integration: 'shop', tokenId: 'ctkn_01j9zv4tnmk8w2f7q3c5x6y7z8' },
    },
  });

/** In full seconds, as CloudTrail writes it. */
const justNow = (): string => `${new Date().toISOString().slice(0, 19)}Z`;
