/** Every permission that a function holds is used, and every call that it makes is allowed. */
import path from 'node:path';
import { NAMES } from '../../lambdas/contract.ts';
import { type LocalAws, startLocalAws } from '../../local/aws.ts';
import { type Deployed, deployPaddlewheel } from '../../local/deploy.ts';
import { Installation } from '../../local/installation.ts';
import { type PaddleSimulator, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { ScriptedHttp } from '../fakes/scripted-http.ts';
import { bootstrap } from './bootstrapped.ts';
import { WholeLife } from './full-lifecycle.ts';
import {
  type RecordedCall,
  type RecordingProxy,
  sendReconcilesThrough,
  startRecordingProxy,
} from './recording-proxy.ts';
import { deniedCalls, type Grant, grantsOf, describe as inWords, unusedGrants } from './role-grants.ts';
import { type ServiceModels, startServiceModels, sum, type Verdict } from './service-models.ts';
import { wordOnLogs } from './world/watched-aws.ts';

// Always its own: one that runs already has functions that know nothing of the proxy.
delete process.env.PADDLEWHEEL_AWS_URL;

const HANDLERS = [
  ...(['heartbeat', 'rotate', 'status', 'webhook', 'observe', 'usage', 'registrar', 'backfill', 'hooks'] as const),
  ...(['console', 'seen'] as const),
];
const CONFIG = 'test/resources/permissions.config.ts';
const PRELOAD = path.resolve(import.meta.dirname, 'through-the-proxy.cjs');

/** Used by AWS in the function's name, where no proxy of ours can see it. */
const USED_BY_AWS: readonly { readonly what: RegExp; readonly why: string }[] = [
  { what: /: logs:(CreateLogStream|PutLogEvents) on .*:log-group:\/aws\/lambda\//, why: 'Lambda writes the log' },
  {
    what: /: sqs:SendMessage on .*:paddlewheel-failures$/,
    why: 'Lambda hands on what failed; the whole life below finds such an event in the queue',
  },
  {
    what: /^paddlewheel-rotate: sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) on .*:paddlewheel-reconcile\.fifo$/,
    why: 'Lambda polls the queue; without it no reconcile would ever have come',
  },
  {
    what: /^paddlewheel-hooks: sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) on .*:paddlewheel-hooks$/,
    why: 'Lambda polls the queue; without it no build would ever have been started',
  },
  {
    what: /^paddlewheel-observe: dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams) on .*\/stream\//,
    why: 'Lambda reads the stream; without it nothing would ever have been observed',
  },
];

/** What two integrations never need. */
const RARELY_USED: readonly { readonly what: RegExp; readonly why: string }[] = [
  {
    what: /^paddlewheel-heartbeat: dynamodb:BatchGetItem on .*:table\//,
    why: 'only when more is due than can go at once does it ask whose it is: test/e2e/adapters.ts, on both emulators',
  },
  {
    what: /^paddlewheel-heartbeat: sqs:GetQueueAttributes on .*:paddlewheel-reconcile\.fifo$/,
    why: 'only when something that was asked for is not done for long does it ask how much waits: test/adapters/queue-depth.test.ts',
  },
];

const EXCEPTIONS = [...USED_BY_AWS, ...RARELY_USED];
const isException = (grant: Grant) => EXCEPTIONS.some(({ what }) => what.test(inWords(grant)));

describe('a whole life of two integrations', () => {
  /** Builds are started there. Speaks no TLS: the local AWS takes it off. */
  const builds = new ScriptedHttp().otherwise(() => ({ status: 201 }));
  let proxy: RecordingProxy;
  let aws: LocalAws;
  let paddle: PaddleSimulator;
  let deployed: Deployed;
  let grants: readonly Grant[];
  let calls: readonly RecordedCall[];
  let models: ServiceModels;
  let verdict: Verdict;

  beforeAll(async () => {
    await builds.open();
    models = await startServiceModels();
    proxy = await startRecordingProxy((spoken) => models.note(spoken));
    paddle = await startPaddleSimulator({ quirks: { webhooks: { maxAttempts: 20 } } });
    const inherited = { AWS_ENDPOINT_URL: proxy.url, NODE_OPTIONS: `--disable-warning=DEP0169 --require ${PRELOAD}` };
    aws = await startLocalAws(undefined, inherited);
    proxy.forwardTo(aws.url);
    await bootstrap(aws);
    deployed = await deployPaddlewheel({
      ...{ aws, config: CONFIG, paddleUrl: paddle.url },
      allowShort: true,
      bootstrapped: true,
    });
    grants = grantsOf(deployed, String(aws.env.AWS_REGION));
    await sendReconcilesThrough(proxy.url, aws);
    const life = new WholeLife(new Installation(aws, deployed.outputs), paddle, builds);
    await life.beforeAnythingIsStored();
    await life.storeCredentials();
    await life.firstTokens();
    await life.startBuilds();
    await life.rotateAndRevoke();
    await life.healAfterStrangers();
    await life.beacons();
    await life.readState();
    await life.backfill();
    await life.replaceKeys();
    await life.sellers();
    await life.chainMissing();
    await life.lockOuts();
    await life.failWithoutEvidence();
    await life.readByStrangers();
    await life.deployAnotherConfiguration(deployed.template);
    calls = [...proxy.calls];
    verdict = await models.verdict();
  }, 600_000);

  afterAll(async () => {
    // What is left running when something above failed would keep jest from ending.
    const parts = [aws?.stop(), paddle?.stop(), proxy?.stop(), models?.verdict(), builds.close()];
    await Promise.allSettled(parts);
  });

  test('is recorded: every function called AWS, and nothing that it said is not understood', () => {
    expect(proxy.faults).toEqual([]);
    expect([...new Set(calls.map(({ caller }) => caller))].sort()).toEqual(
      HANDLERS.map((handler) => NAMES[handler]).sort(),
    );
  });

  test('says nothing that the service models do not allow, and hears nothing that they do not promise', () => {
    expect(verdict.faults).toEqual({});
    const requests = Object.keys(verdict.seen).filter((what) => what.endsWith(' request'));
    expect(requests.length).toBeGreaterThan(12);
    expect(sum(verdict.seen)).toBeGreaterThan(calls.length);
    for (const kind of ['required', 'type', 'known', 'length', 'enum', 'pattern', 'union', 'error'])
      expect(verdict.applied[kind]).toBeGreaterThan(0);
  });

  test('logs no metric that CloudWatch would not find', async () => {
    const { faults, counts } = await wordOnLogs(aws);
    expect(faults).toEqual([]);
    expect(sum(counts)).toBeGreaterThan(HANDLERS.length);
  });

  test('calls nothing that a role does not allow', async () => {
    expect(await deniedCalls(grants, calls)).toEqual([]);
  });

  test('leaves no permission unused but those that are exceptions, with a reason', async () => {
    const unused = await unusedGrants(grants, calls);
    expect(unused.filter((grant) => !isException(grant)).map(inWords)).toEqual([]);
    // An exception that nothing needs any more must go.
    for (const { what } of EXCEPTIONS) expect(unused.map(inWords)).toContainEqual(expect.stringMatching(what));
  });

  test('would have shown each permission that is missing', async () => {
    const unnoticed: string[] = [];
    for (const grant of grants.filter((one) => !isException(one))) {
      const without = grants.filter((other) => inWords(other) !== inWords(grant));
      if ((await deniedCalls(without, calls)).length === 0) unnoticed.push(inWords(grant));
    }
    expect(unnoticed).toEqual([]);
  });

  test('would have shown a permission too many', async () => {
    const more = (action: string, resource: string): Grant => ({ caller: NAMES.observe, action, resource });
    const extra = [
      more(
        'dynamodb:DeleteItem',
        `arn:aws:dynamodb:us-east-1:000000000000:table/${deployed.outputs.PaddlewheelAuditTable}`,
      ),
      more(
        'dynamodb:DeleteItem',
        `arn:aws:dynamodb:us-east-1:000000000000:table/${deployed.outputs.PaddlewheelLedgerTable}`,
      ),
    ];
    expect(await unusedGrants(extra, calls)).toEqual(extra);
  });

  test('keeps writers to what is theirs: reports and configurations go nowhere else', async () => {
    const [report] = calls.filter(({ caller, action }) => caller === NAMES.usage && action === 'dynamodb:UpdateItem');
    if (!report) throw new Error('no report was recorded');
    const elsewhere = { ...report, context: { 'dynamodb:LeadingKeys': ['ACCOUNT#first'] } };
    expect(await deniedCalls(grants, [report])).toEqual([]);
    expect(await deniedCalls(grants, [elsewhere])).toEqual([inWords(elsewhere)]);
  });

  test('keeps what is registered at run time to its namespace: beside it, every call is denied', async () => {
    const inside = calls.filter(({ resource }) => /(secret:|parameter\/)paddle(wheel)?\/sellers\//.test(resource));
    const callers = new Set(inside.map(({ caller }) => caller));
    expect([...callers].sort()).toEqual(
      (['backfill', 'registrar', 'rotate', 'webhook'] as const).map((handler) => NAMES[handler]),
    );
    expect(await deniedCalls(grants, inside)).toEqual([]);
    const beside = inside.map((call) => ({ ...call, resource: call.resource.replace('/sellers/', '/others/') }));
    expect(await deniedCalls(grants, beside)).toEqual([...new Set(beside.map(inWords))].sort());
    // Within it, no function but rotate writes anything but a webhook secret.
    const writes = (caller: string) =>
      inside
        .filter((call) => call.caller === caller && /:(Create|Put)/.test(call.action))
        .map(({ resource }) => resource);
    expect(writes(NAMES.registrar).length).toBeGreaterThan(0);
    for (const resource of writes(NAMES.registrar)) expect(resource).toMatch(/\/acme\/webhook-secret/);
    const overKey = inside
      .filter((call) => call.caller === NAMES.registrar && /:(Create|Put)/.test(call.action))
      .map((call) => ({ ...call, resource: call.resource.replace('webhook-secret', 'api-key') }));
    expect(await deniedCalls(grants, overKey)).toEqual([...new Set(overKey.map(inWords))].sort());
  });
});
