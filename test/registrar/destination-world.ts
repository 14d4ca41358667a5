/** the maintenance of destinations against the Paddle simulator over HTTP, with a ledger, a secret and a trail in memory. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AmbiguousError, ConflictError } from '../../lambdas/domain/errors.ts';
import type { Account } from '../../lambdas/domain/model.ts';
import { createPaddleClient } from '../../lambdas/paddle/client.ts';
import { createNotificationSettings } from '../../lambdas/paddle/notification-settings.ts';
import { createLocalThrottle } from '../../lambdas/paddle/throttle.ts';
import { type DestinationRecord, freshRecord } from '../../lambdas/registrar/destinations/model.ts';
import type { DestinationPorts } from '../../lambdas/registrar/destinations/ports.ts';
import { createIds } from '../../lambdas/runtime/clock.ts';
import { verifySignature } from '../../lambdas/webhook/verify-signature.ts';
import { type Permission, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { anAccount } from '../builders/integration.ts';
import { RecordingLog } from '../fakes/runtime.ts';

export const ACCOUNT: Account = anAccount();
let base = '';
/** Of the world that was opened last. */
export let ENDPOINT = 'http://127.0.0.1:1/webhooks/paddle/sandbox';

const closing: (() => Promise<void>)[] = [];
export async function stopAll(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

class Crash extends Error {
  override readonly name = 'Crash';
}

export async function destinationWorld({ permissions }: { permissions?: Permission[] } = {}) {
  const simulator = await startPaddleSimulator(permissions ? { apiKeys: [{ permissions }] } : {});
  const log = new RecordingLog();
  const accounts = new Map([[ACCOUNT.name, ACCOUNT]]);
  const arrived = new Set<string>();
  let time = Date.now();
  let keyFault: Error | undefined;
  let refusing = false;
  let secretsFail = false;
  let crashIn = Number.POSITIVE_INFINITY;
  const world = {
    record: undefined as DestinationRecord | undefined,
    secrets: [] as readonly string[],
    secretWrites: 0,
    writes: 0,
  };

  /** Every change of the world goes through here, so that a test can cut the run off right after any of them. */
  const written = <T>(value: T): T => {
    world.writes += 1;
    crashIn -= 1;
    if (crashIn === 0) throw new Crash('the process died');
    return value;
  };

  const endpoint = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const rawBody = Buffer.concat(chunks);
    const header = String(request.headers['paddle-signature']);
    const { ok } = verifySignature({ header, rawBody, secrets: world.secrets, now: Date.now() });
    if (ok && !refusing) arrived.add(JSON.parse(rawBody.toString()).event_id);
    response.writeHead(ok && !refusing ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
  ENDPOINT = `${base}/webhooks/paddle/sandbox`;

  const clock = { now: () => time };
  const rest = async (ms: number) => {
    time += ms;
    // The simulator delivers in real time: what it has begun to send has arrived, or was refused.
    await simulator.control.deliveries.idle();
  };
  const client = createPaddleClient({
    apiUrl: simulator.url,
    environment: 'sandbox',
    apiKey: {
      async get() {
        if (keyFault) throw keyFault;
        return simulator.apiKey;
      },
    },
    throttle: createLocalThrottle(),
    clock,
    rest,
  });
  const settings = createNotificationSettings(client);
  closing.push(async () => {
    client.close();
    await simulator.stop();
    await new Promise((resolve) => endpoint.close(resolve));
  });

  const ports: DestinationPorts = {
    ledger: {
      account: async (name) => accounts.get(name),
      load: async (name) => structuredClone(world.record ?? freshRecord(name)),
      async save(previous, next) {
        if ((world.record?.version ?? 0) !== previous.version) throw new ConflictError('overtaken');
        const stored: DestinationRecord = { ...JSON.parse(JSON.stringify(next)), version: previous.version + 1 };
        world.record = stored;
        return written(structuredClone(stored));
      },
    },
    secrets: {
      read: async () => world.secrets,
      async write(_, next) {
        if (secretsFail) throw new AmbiguousError('timeout', 'unclear whether it was written');
        world.secrets = next;
        world.secretWrites += 1;
        written(undefined);
      },
    },
    trail: { holds: async (_, id) => arrived.has(id) },
    paddle: () => ({
      ...settings,
      create: async (wish) => written(await settings.create(wish)),
      change: async (id, change) => written(await settings.change(id, change)),
    }),
    clock,
    ids: createIds(),
    log,
    rest,
    baseUrl: base,
  };

  const call = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${simulator.apiKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${simulator.url}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  return Object.assign(world, {
    ports,
    log,
    accounts,
    destinations: () => simulator.control.state().destinations,
    requests: () => simulator.control.state().requests,
    secretOf: async (id: string | undefined) => (await settings.list()).find((each) => each.id === id)?.secret,
    advance(ms: number) {
      time += ms;
    },
    failKey(fault: Error | undefined) {
      keyFault = fault;
    },
    refuseWebhooks(yes: boolean) {
      refusing = yes;
    },
    failSecretWrites(yes: boolean) {
      secretsFail = yes;
    },
    forget() {
      world.record = undefined;
    },
    crashAfter(writes: number) {
      world.writes = 0;
      crashIn = writes;
    },
    patch: (id: string, change: object) => call('PATCH', `/notification-settings/${id}`, change),
    foreignDestination: (destination: string) =>
      call('POST', '/notification-settings', {
        description: 'somebody else',
        type: 'url',
        destination,
        subscribed_events: ['transaction.paid'],
      }),
  });
}
