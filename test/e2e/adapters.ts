/** What the adapters must do on whatever stands for AWS: the contracts that the fakes pass, too, and what only a service can show. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createEventBus } from '../../lambdas/adapters/aws/event-bus.ts';
import { createReconcileQueue } from '../../lambdas/adapters/aws/reconcile-queue.ts';
import { createTargets } from '../../lambdas/adapters/aws/targets.ts';
import { createAccountFinder } from '../../lambdas/adapters/dynamodb/accounts-of.ts';
import { createDynamoAuditTrail } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { createDynamoChain } from '../../lambdas/adapters/dynamodb/chain.ts';
import { createComparisons } from '../../lambdas/adapters/dynamodb/comparisons.ts';
import { createDueFinder } from '../../lambdas/adapters/dynamodb/due.ts';
import { createEntryLedger } from '../../lambdas/adapters/dynamodb/entries.ts';
import { ledgerKeys } from '../../lambdas/adapters/dynamodb/keys.ts';
import { createDynamoLedger } from '../../lambdas/adapters/dynamodb/ledger.ts';
import { createDynamoPaceBook } from '../../lambdas/adapters/dynamodb/pace-book.ts';
import { createDynamoRegistry } from '../../lambdas/adapters/dynamodb/registry.ts';
import { createDynamoRevocationCap } from '../../lambdas/adapters/dynamodb/revocation-cap.ts';
import { createSeenLedger, createSeenReports } from '../../lambdas/adapters/dynamodb/seen.ts';
import { createWrittenRecords } from '../../lambdas/adapters/dynamodb/written-records.ts';
import { auditPartition, auditSortKey } from '../../lambdas/domain/audit-keys.ts';
import { TransientError } from '../../lambdas/domain/errors.ts';
import type { IntegrationState } from '../../lambdas/domain/model.ts';
import { entriesContract } from '../contracts/entries.contract.ts';
import { ledgerContract } from '../contracts/ledger.contract.ts';
import { paceBookContract } from '../contracts/pace-book.contract.ts';
import { registryContract } from '../contracts/registry.contract.ts';
import { revocationCapContract } from '../contracts/revocation-cap.contract.ts';
import { aConfig, aRecord, aState, unique } from '../contracts/samples.ts';
import { seenContract } from '../contracts/seen.contract.ts';
import { targetsContract, tokenLike } from '../contracts/targets.contract.ts';
import { writtenRecordsContract } from '../contracts/written-records.contract.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { createTables, type Emulator, forgetfulClient, put, recordsOf, settingsFor } from './aws-world.ts';

/** To AWS it makes no difference whether the stage is named; moto 5.2.5 forgets without it that the stage was moved. */
const currentOf = (SecretId: string) => ({ SecretId, VersionStage: 'AWSCURRENT' });

export interface Emulation {
  start(): Promise<Emulator>;
  /** AWS carries out a transaction once per `ClientRequestToken`; whether this emulator does. */
  readonly heedsTransactionTokens: boolean;
}

export function adaptersOn({ start, heedsTransactionTokens }: Emulation): void {
  const ledgerTable = unique('ledger');
  const auditTable = unique('audit');
  let aws: Emulator;
  let dynamo: DynamoDBClient;
  let ssm: SSMClient;
  let secretsManager: SecretsManagerClient;

  beforeAll(async () => {
    aws = await start();
    dynamo = new DynamoDBClient(settingsFor(aws));
    ssm = new SSMClient(settingsFor(aws));
    secretsManager = new SecretsManagerClient(settingsFor(aws));
    await createTables(dynamo, { ledger: ledgerTable, audit: auditTable });
  }, 600_000);
  afterAll(() => aws?.stop());

  const targetsHere = () => createTargets({ ssm: () => ssm, secretsManager: () => secretsManager });

  const stateOf = async (integration: string) =>
    (await createDynamoLedger({ client: dynamo, ledgerTable, auditTable }).load(integration))?.state;
  const putStateInto = async (table: string, state: IntegrationState) =>
    void (await put(dynamo, table, { ...state, ...ledgerKeys.state(state.integration) }));

  describe('the registry of the ledger, in DynamoDB', () => {
    registryContract(async () => {
      const table = unique('registry');
      await createTables(dynamo, { ledger: table, audit: unique('registry-audit') });
      const loaded = async (integration: string) =>
        (await createDynamoLedger({ client: dynamo, ledgerTable: table, auditTable }).load(integration))?.state;
      return {
        registry: createDynamoRegistry({ client: dynamo, table }),
        state: loaded,
        putState: (state) => putStateInto(table, state),
      };
    });
  });

  describe('entries of the registrar’s API, in DynamoDB', () => {
    entriesContract(async () => ({
      ledger: createEntryLedger({ client: dynamo, ledgerTable, auditTable }),
      registry: createDynamoRegistry({ client: dynamo, table: ledgerTable }),
      state: stateOf,
      putState: (state) => putStateInto(ledgerTable, state),
      async recorded(record) {
        const Key = marshall({ pk: auditPartition(record), sk: auditSortKey(record.at, record.id) });
        return (await dynamo.send(new GetItemCommand({ TableName: auditTable, Key }))).Item !== undefined;
      },
    }));
  });

  describe('what beacons say, in DynamoDB', () => {
    seenContract(() => ({
      ledger: {
        ...createSeenLedger({ client: dynamo, ledgerTable }),
        ...createSeenReports({ client: dynamo, ledgerTable }),
      },
      async put(config, state) {
        await put(dynamo, ledgerTable, { ...ledgerKeys.config(config.name), ...config });
        await put(dynamo, ledgerTable, { ...ledgerKeys.state(config.name), ...state });
      },
    }));
  });

  test('whose an integration is, of more than one request can ask for, and of some that are not there', async () => {
    const configs = Array.from({ length: 3 }, (_, at) => ({
      ...aConfig(unique(`whose-${at}`)),
      account: `account-${at}`,
    }));
    for (const config of configs) await put(dynamo, ledgerTable, { ...ledgerKeys.config(config.name), ...config });
    const [first, ...others] = configs.map(({ name }) => name);
    const nowhere = Array.from({ length: 120 }, (_, at) => `nowhere-${at}`);
    const finder = createAccountFinder({ client: dynamo, ledgerTable });
    const found = await finder.accountsOf([String(first), ...nowhere, ...others]);
    expect(found).toEqual(new Map(configs.map(({ name, account }) => [name, account])));
    expect(await finder.accountsOf([])).toEqual(new Map());
  });

  describe('the ledger in DynamoDB', () => {
    ledgerContract(() => {
      const { client, loseNextAnswer } = forgetfulClient(settingsFor(aws));
      return {
        ledger: createDynamoLedger({ client, ledgerTable, auditTable }),
        findDue: (now) => createDueFinder({ client, ledgerTable }).findDue(now),
        putAccount: async (account) =>
          void (await put(client, ledgerTable, { ...ledgerKeys.account(account.name), ...account })),
        putConfig: async (config) =>
          void (await put(client, ledgerTable, { ...ledgerKeys.config(config.name), ...config })),
        putUsage: async (integration, usage) => {
          await put(client, ledgerTable, { ...ledgerKeys.usage(integration, usage.consumer), ...usage });
          const history = ledgerKeys.used(integration, usage.consumer, usage.build ?? '', usage.phase);
          await put(client, ledgerTable, { ...history, ...usage, expiresAt: 4_000_000_000 });
        },
        records: (integration) => recordsOf(client, auditTable, integration),
        loseNextAnswer: () => loseNextAnswer('call'),
      };
    });

    const once = heedsTransactionTokens ? test : test.failing;
    once('a save whose answer is lost on the way is repeated by the SDK and is one save', async () => {
      const { client, loseNextAnswer, attempts } = forgetfulClient(settingsFor(aws));
      const ledger = createDynamoLedger({ client, ledgerTable, auditTable });
      const name = unique('integration');
      await put(client, ledgerTable, { ...ledgerKeys.config(name), ...aConfig(name) });
      loseNextAnswer('response');
      await ledger.save(aState(name, 0), aState(name, 1), [aRecord(name)], []);
      expect(attempts()).toBe(2);
      expect((await ledger.load(name))?.state.version).toBe(1);
      expect(await recordsOf(client, auditTable, name)).toHaveLength(1);
    });
  });

  describe('the revocation cap in DynamoDB', () => {
    revocationCapContract(() => {
      const clock = new FakeClock();
      return { cap: createDynamoRevocationCap({ client: dynamo, ledgerTable, clock }), clock };
    });
  });

  describe('the pace of calls in DynamoDB', () => {
    paceBookContract(() =>
      createDynamoPaceBook({ client: dynamo, table: ledgerTable, apiUrl: `https://${unique('paddle')}.example` }),
    );
  });

  describe('SSM and Secrets Manager', () => {
    targetsContract(() => ({
      targets: targetsHere(),
      versions: async ({ kind, name }) => {
        if (kind === 'ssm')
          return (await ssm.send(new GetParameterHistoryCommand({ Name: name }))).Parameters?.length ?? 0;
        const list = new ListSecretVersionIdsCommand({ SecretId: name, IncludeDeprecated: true });
        return (await secretsManager.send(list)).Versions?.length ?? 0;
      },
      putOutside: async ({ kind, name }, Value) => {
        if (kind === 'ssm')
          return void (await ssm.send(new PutParameterCommand({ Name: name, Value, Overwrite: true, Type: 'String' })));
        const create = new CreateSecretCommand({ Name: name, SecretString: Value });
        await secretsManager.send(create).catch((error: Error) => {
          if (error.name !== 'ResourceExistsException') throw error;
          return secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: Value }));
        });
      },
      content: async ({ kind, name }) => {
        if (kind === 'secret')
          return (await secretsManager.send(new GetSecretValueCommand(currentOf(name)))).SecretString;
        return (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
      },
    }));

    const [before, after] = [tokenLike('before'), tokenLike('after')];

    test.each(['String', 'SecureString'] as const)('a parameter that exists as %s stays one', async (Type) => {
      const name = `/paddle/${unique('typed')}`;
      const KeyId = Type === 'SecureString' ? 'alias/our-own-key' : undefined;
      await ssm.send(
        new PutParameterCommand({
          Name: name,
          Value: before,
          Type,
          KeyId,
          Tier: 'Advanced',
          Description: 'Whose it is',
        }),
      );
      await targetsHere().write({ kind: 'ssm', name }, after, 'rotation-1');
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
      expect(Parameter).toMatchObject({ Type, Value: after });
      const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [name] }];
      const { Parameters = [] } = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
      expect(Parameters).toHaveLength(1);
      expect(Parameters[0]).toMatchObject({ Type, Tier: 'Advanced', Description: 'Whose it is' });
      expect(Parameters[0]?.KeyId).toBe(KeyId);
    });

    test('a list is no place for a token', async () => {
      const name = `/paddle/${unique('typed')}`;
      await ssm.send(new PutParameterCommand({ Name: name, Value: before, Type: 'StringList' }));
      const written = targetsHere().write({ kind: 'ssm', name }, after, 'rotation-1');
      await expect(written).rejects.toMatchObject({ code: 'not_a_token' });
      expect(await targetsHere().read({ kind: 'ssm', name })).toBe(before);
    });

    test('a parameter that we create is a plain String', async () => {
      const name = `/paddle/${unique('typed')}`;
      await targetsHere().write({ kind: 'ssm', name }, after, 'rotation-1');
      expect((await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Type).toBe('String');
    });

    test('a secret that exists without a value reads as undefined and takes the first one', async () => {
      const target = { kind: 'secret', name: unique('paddle/empty') } as const;
      await secretsManager.send(new CreateSecretCommand({ Name: target.name }));
      expect(await targetsHere().read(target)).toBeUndefined();
      await targetsHere().write(target, after, 'rotation-1');
      expect(await targetsHere().read(target)).toBe(after);
    });

    test('a secret that holds bytes holds no token, even if they spell one, and keeps them', async () => {
      const target = { kind: 'secret', name: unique('paddle/binary') } as const;
      const SecretBinary = Buffer.from(before);
      await secretsManager.send(new CreateSecretCommand({ Name: target.name, SecretBinary }));
      // Not as a token, but as a place where one may be.
      expect(await targetsHere().read(target)).toBe(JSON.stringify(before));
      const written = targetsHere().write(target, after, 'rotation-1');
      await expect(written).rejects.toMatchObject({ code: 'not_a_token' });
      const { SecretBinary: kept } = await secretsManager.send(new GetSecretValueCommand(currentOf(target.name)));
      expect(Buffer.from(kept ?? [])).toEqual(SecretBinary);
    });

    test('a secret that is scheduled for deletion is named as such', async () => {
      const target = { kind: 'secret', name: unique('paddle/going') } as const;
      await secretsManager.send(new CreateSecretCommand({ Name: target.name, SecretString: before }));
      await secretsManager.send(new DeleteSecretCommand({ SecretId: target.name }));
      const written = targetsHere().write(target, after, 'rotation-1');
      await expect(written).rejects.toMatchObject({ code: 'scheduled_for_deletion' });
      await expect(written).rejects.toThrow(/restore-secret/);
    });

    test('whoever changes another key of the same secret at the same time keeps the change', async () => {
      const target = { kind: 'secret', name: unique('paddle/shared'), jsonKey: 'PADDLE_CLIENT_TOKEN' } as const;
      const texts = ['{"OTHER":1.0}', '{"OTHER":2.0}'];
      await secretsManager.send(new CreateSecretCommand({ Name: target.name, SecretString: texts[0] }));
      const client = new SecretsManagerClient(settingsFor(aws));
      let edited = false;
      client.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            if (commandName === 'UpdateSecretVersionStageCommand' && !edited) {
              edited = true;
              await secretsManager.send(new PutSecretValueCommand({ SecretId: target.name, SecretString: texts[1] }));
            }
            return next(args);
          },
        { step: 'initialize' },
      );
      await createTargets({ ssm: () => ssm, secretsManager: () => client }).write(target, after, 'rotation-1');
      const { SecretString } = await secretsManager.send(new GetSecretValueCommand(currentOf(target.name)));
      expect(SecretString).toBe(`{"OTHER":2.0,"PADDLE_CLIENT_TOKEN":"${after}"}`);
    });
  });

  describe('the audit trail in DynamoDB', () => {
    const trail = () => createDynamoAuditTrail({ client: dynamo, auditTable });

    test('a record is appended once, however often it is delivered', async () => {
      const record = aRecord(unique('integration'));
      expect(await trail().append(record)).toBe(true);
      expect(await trail().append(record)).toBe(false);
      const { entries } = await trail().byIntegration(record.integration);
      expect(entries).toEqual([expect.objectContaining({ ...record, kind: 'action', day: '2026-11-22' })]);
    });

    test("a token's life reads in order of time, page by page, and backwards", async () => {
      const tokenId = unique('ctkn');
      const hours = ['05', '03', '04', '07', '06'];
      for (const hour of hours)
        await trail().append(aRecord('pricing', { tokenId, at: `2026-11-22T${hour}:00:00.000Z` }));
      const read: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = await trail().byToken(tokenId, { limit: 2, cursor });
        read.push(...page.entries.map(({ at }) => at));
        cursor = page.cursor;
      } while (cursor);
      expect(read).toEqual([3, 4, 5, 6, 7].map((hour) => `2026-11-22T0${hour}:00:00.000Z`));
      const newest = await trail().byToken(tokenId, { limit: 1, newestFirst: true });
      expect(newest.entries[0]?.at).toBe('2026-11-22T07:00:00.000Z');
    });

    test('a day has the records of all tokens and integrations of that day, and no other', async () => {
      const [first, second] = [
        aRecord(unique('a'), { at: '1999-12-31T23:59:59.999Z' }),
        aRecord(unique('b'), { at: '2000-01-01T00:00:00.000Z' }),
      ];
      await trail().append(first);
      await trail().append({ ...second, tokenId: unique('ctkn') });
      expect((await trail().byDay('1999-12-31')).entries.map(({ id }) => id)).toEqual([first.id]);
      expect((await trail().byDay('2000-01-01')).entries.map(({ id }) => id)).toEqual([second.id]);
    });

    test.each([
      ['a limit of 0', { limit: 0 }],
      ['a made-up cursor', { cursor: 'not-a-cursor' }],
    ])('%s is refused', async (_, page) => {
      await expect(trail().byDay('2026-11-22', page)).rejects.toBeInstanceOf(RangeError);
    });
  });

  describe('the records of the trail by the hour of their writing', () => {
    writtenRecordsContract(() => ({
      written: createWrittenRecords({ client: dynamo, auditTable }),
      chain: createDynamoChain({ client: dynamo, auditTable }),
      comparisons: createComparisons({ client: dynamo, ledgerTable }),
      put: (record) => put(dynamo, auditTable, record),
    }));
  });

  describe('the reconcile queue in SQS', () => {
    const queue = async () => {
      const client = new SQSClient(settingsFor(aws));
      const QueueName = `${randomUUID()}.fifo`;
      const { QueueUrl = '' } = await client.send(
        new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true' } }),
      );
      const received = async () => {
        const bodies: unknown[] = [];
        for (let empty = 0; empty < 2; ) {
          const answer = await client.send(
            new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
          );
          if (!answer.Messages?.length) empty += 1;
          bodies.push(...(answer.Messages ?? []).map(({ Body }) => JSON.parse(Body ?? '')));
        }
        return bodies;
      };
      return { received, reconciles: createReconcileQueue({ client, queueUrl: QueueUrl }) };
    };

    test('more messages than fit one batch all arrive, without their key', async () => {
      const { reconciles, received } = await queue();
      const names = Array.from({ length: 23 }, (_, at) => `integration-${at}`);
      await reconciles.send(names.map((integration) => ({ integration, cause: 'due', key: 'k' })));
      const bodies = await received();
      expect(bodies).toHaveLength(23);
      expect(bodies).toEqual(expect.arrayContaining(names.map((integration) => ({ integration, cause: 'due' }))));
    });

    test('the same request twice is one reconcile; another cause or key is another', async () => {
      const { reconciles, received } = await queue();
      await reconciles.send([{ integration: 'a', cause: 'due', key: 'now' }]);
      await reconciles.send([{ integration: 'a', cause: 'due', key: 'now' }]);
      await reconciles.send([{ integration: 'a', cause: 'webhook', key: 'evt_1' }]);
      await reconciles.send([{ integration: 'a', cause: 'webhook', key: 'evt_2' }]);
      await reconciles.send([{ integration: 'a', cause: 'usage', key: 'build 1' }]);
      await reconciles.send([{ integration: 'a', cause: 'usage', key: 'build 2' }]);
      await reconciles.send([{ integration: 'a', cause: 'due', key: 'a minute later' }]);
      expect(await received()).toHaveLength(6);
    });
  });

  test('the event bus takes more records than fit one call, and names those that it did not take', async () => {
    const client = new EventBridgeClient(settingsFor(aws));
    const busName = unique('bus');
    await client.send(new CreateEventBusCommand({ Name: busName }));
    const bus = createEventBus({ client, busName });
    const records = Array.from({ length: 12 }, () => aRecord('pricing'));
    const calls: unknown[][] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        calls.push((args.input as { Entries: unknown[] }).Entries);
        const answer = await next(args);
        if (calls.length === 4)
          Object.assign(answer.output, { Entries: [{ EventId: 'e' }, { ErrorCode: 'ThrottlingException' }] });
        return answer;
      },
      { step: 'initialize' },
    );
    await bus.announce(records);
    expect(calls.map((entries) => entries.length)).toEqual([10, 2]);
    expect(calls[0]?.[0]).toMatchObject({ Source: 'paddlewheel', DetailType: 'Client Token Rotation Started' });
    const late = bus.announce(records);
    await expect(late).rejects.toBeInstanceOf(TransientError);
    await expect(late).rejects.toThrow(String(records[11]?.id));
  });
}
