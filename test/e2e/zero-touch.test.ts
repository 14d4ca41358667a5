import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { tokenNameOf } from '../../lambdas/domain/token-name.ts';
import { type Deployed, deployPaddlewheel } from '../../local/deploy.ts';
import { Installation } from '../../local/installation.ts';
import { type PaddleSimulator, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { bootstrap } from './bootstrapped.ts';
import { eventually } from './eventually.ts';
import { startPageHost } from './world/page-host.ts';
import { startWatchedAws, type WatchedAws } from './world/watched-aws.ts';

const INTEGRATION = 'pricing-page';
const ACCOUNTS = { accounts: ['sandbox'] };

interface Status {
  readonly token?: { readonly id: string };
}

describe('a deploy with nothing but the API key stored before it', () => {
  let watched: WatchedAws;
  let simulator: PaddleSimulator;
  let installation: Installation;
  let deployed: Deployed;

  /** Every record; what `observe` chains behind them is another test's matter. */
  const trail = async () => {
    const client = new DynamoDBClient(installation.clientSettings);
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: installation.auditTable, ConsistentRead: true }),
    );
    return Items.map((item) => unmarshall(item)).filter(({ pk }) => !String(pk).startsWith('CHAIN#'));
  };
  const current = async () =>
    (await installation.invoke<Status>(NAMES.status, { integration: INTEGRATION, action: 'status' })).token?.id;
  const tick = () => installation.invoke(NAMES.heartbeat, {});

  /** The same deploy once more. The local AWS cannot update a stack, so CloudFormation's event is sent here. */
  async function deployAgain(): Promise<unknown> {
    const [resource] = Object.values(deployed.template.Resources).filter(({ Type }) =>
      Type.startsWith('Custom::Paddlewheel'),
    );
    const cloudFormation = await startPageHost();
    try {
      const ResponseURL = `${cloudFormation.origin}/${randomUUID()}`;
      await installation.invoke(NAMES.registrar, {
        RequestType: 'Update',
        ResponseURL,
        StackId: 'stack',
        RequestId: randomUUID(),
        LogicalResourceId: 'Configuration',
        PhysicalResourceId: 'paddlewheel-configuration',
        ResourceProperties: { configuration: resource?.Properties?.configuration },
      });
      return await (await fetch(ResponseURL)).json();
    } finally {
      await cloudFormation.stop();
    }
  }

  /** All that a deploy knows about where webhooks go. */
  async function webhooks() {
    const client = new DynamoDBClient(installation.clientSettings);
    const Key = marshall(ledgerKeys.destination('sandbox'));
    const { Item = {} } = await client.send(
      new GetItemCommand({ TableName: installation.ledgerTable, Key, ConsistentRead: true }),
    );
    const { destinations } = simulator.control.state();
    const secret = await installation.secret(NAMES.webhookSecret('sandbox'));
    return structuredClone({ destinations, secret, record: unmarshall(Item) });
  }

  beforeAll(async () => {
    delete process.env.PADDLEWHEEL_TOUR_SITE;
    delete process.env.PADDLEWHEEL_TOUR_WEBHOOKS;
    watched = await startWatchedAws();
    const { aws } = watched;
    simulator = await startPaddleSimulator({ quirks: { rateLimit: null, webhooks: { maxAttempts: 20 } } });
    const key = JSON.stringify({ api_key: simulator.apiKey });
    await new Installation(aws, {}).putSecret('paddlewheel/sandbox/api-key', key);
    await bootstrap(aws);
    deployed = await deployPaddlewheel({
      aws,
      config: 'local/tour/tour.config.ts',
      paddleUrl: simulator.url,
      allowShort: true,
      bootstrapped: true,
    });
    installation = new Installation(aws, deployed.outputs);
    await watched.watchQueues();
  }, 600_000);
  afterAll(async () => {
    await simulator?.stop();
    await watched?.stop();
  });

  test('has its destination registered, and proved by an event that came all the way', async () => {
    const [destination, ...others] = simulator.control.state().destinations;
    expect(others).toEqual([]);
    expect(destination).toMatchObject({ destination: installation.webhookUrl('sandbox'), active: true });
    expect(installation.outputs.PaddlewheelWebhooks).toBe(`sandbox: registered (${destination?.id})`);
    expect(await trail()).toMatchObject([{ pk: 'SIMULATION#sandbox', kind: 'simulation' }]);
  });

  test('deployed again with the same configuration, checks its destination and changes nothing', async () => {
    const before = await webhooks();
    const { version: _, proved, ...known } = before.record;
    expect(before.record).toMatchObject({ destinationId: before.destinations[0]?.id });
    const asked = simulator.control.state().requests.length;
    expect(await deployAgain()).toMatchObject({
      Status: 'SUCCESS',
      Data: { webhooks: installation.outputs.PaddlewheelWebhooks },
    });
    const requests = simulator.control.state().requests.slice(asked);
    const about = requests.filter(({ path }) => path.startsWith('/notification-settings'));
    expect(new Set(about.map(({ method }) => method))).toEqual(new Set(['GET']));
    const after = await webhooks();
    // Every deploy tests anew that webhooks arrive; nothing but the time of that is noted.
    const provedAnew = { ...proved, at: expect.not.stringMatching(proved.at) };
    expect(after).toEqual({ ...before, record: { ...known, version: expect.any(Number), proved: provedAnew } });
  }, 180_000);

  test('rotates, and every webhook of it is audited', async () => {
    await tick();
    const id = await eventually('the first token', current);
    const webhook = await eventually('its webhook', async () =>
      (await trail()).find((entry) => entry.kind === 'webhook' && entry.tokenId === id),
    );
    expect(webhook).toMatchObject({ type: 'client_token.created', source: 'webhook' });
  }, 180_000);

  test('replaces the webhook secret on request, and takes both meanwhile', async () => {
    const before = await installation.secret(NAMES.webhookSecret('sandbox'));
    const request = { action: 'rotate-webhook-secret', account: 'sandbox', overlapSeconds: 3_600 };
    expect(await installation.invoke(NAMES.registrar, request)).toMatchObject({ outcome: 'started' });
    const after = JSON.parse((await installation.secret(NAMES.webhookSecret('sandbox'))) ?? '{}');
    expect(after.endpoint_secret_keys).toHaveLength(2);
    expect(after.endpoint_secret_keys[1]).toBe(JSON.parse(before ?? '{}').endpoint_secret_keys[0]);
    const active = simulator.control.state().destinations.filter((destination) => destination.active);
    expect(active.map(({ destination }) => destination)).toEqual([
      installation.webhookUrl('sandbox'),
      `${installation.webhookUrl('sandbox')}?d=2`,
    ]);
    expect(await installation.invoke(NAMES.registrar, { action: 'maintain-webhooks', ...ACCOUNTS })).toMatchObject({
      outcome: 'maintained',
    });
  }, 180_000);

  test('heals a token that was revoked without any webhook, fills in its events, and touches nothing foreign', async () => {
    const lost = (await current()) ?? '';
    simulator.control.setQuirks({ webhooks: { dropShare: 1 } });
    simulator.control.dashboard.revoke(lost);
    const old = simulator.control.dashboard.create({ name: 'made by hand' });
    const fake = simulator.control.dashboard.create({ name: tokenNameOf(INTEGRATION, '01KZZZZZZZZZZZZZZZZZZZZZZZ') });
    simulator.control.setQuirks({ webhooks: { dropShare: 0 } });
    await installation.invoke(NAMES.backfill, ACCOUNTS);
    await eventually('the healed token', async () => {
      await tick();
      const id = await current();
      return id !== undefined && id !== lost && id;
    });
    const events = () => simulator.control.state().events.map(({ id }) => id);
    await eventually('a whole trail', async () => {
      await installation.invoke(NAMES.backfill, ACCOUNTS);
      const kept = (await trail()).filter((entry) => entry.kind === 'webhook').map((entry) => entry.id);
      return kept.length === events().length && events().every((id) => kept.includes(id));
    });
    const filled = (await trail()).filter((entry) => entry.source === 'backfill');
    expect(filled).toContainEqual(expect.objectContaining({ type: 'client_token.revoked', tokenId: lost }));
    for (const { id } of [old, fake]) {
      const token = simulator.control.state().tokens.find((each) => each.id === id);
      expect(token?.status).toBe('active');
    }
  }, 180_000);

  test('said nothing that the service models do not allow, and heard nothing that they do not promise', async () => {
    const { faults, counts } = await watched.lastWord();
    expect(faults).toEqual([]);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5);
  }, 180_000);
});
