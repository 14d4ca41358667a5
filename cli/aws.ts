/** The AWS account as the command line sees it, with the caller's own permissions. Clients are made on first use. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeExportCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListExportsCommand,
} from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, GetPolicyCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createDynamoAuditTrail } from '../lambdas/adapters/dynamodb/audit-trail.ts';
import { createBackfillLedger } from '../lambdas/adapters/dynamodb/backfill-ledger.ts';
import { createDestinationLedger } from '../lambdas/adapters/dynamodb/destinations.ts';
import { createDueFinder } from '../lambdas/adapters/dynamodb/due.ts';
import type { Names } from '../lambdas/contract.ts';
import { tokensOf } from './owned-tokens.ts';
import type { CliAws } from './ports.ts';
import { FunctionFailedError } from './ports.ts';
import { trailItem, trailItems, trailPartitions } from './trail-reader.ts';

/** Longer than `rotate` may take (90 s): whoever hangs up earlier does not know what came of it. */
const INVOKE_MS = 100_000;
const OTHERS_MS = 15_000;

const settings = (requestTimeout: number) => ({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 5_000, requestTimeout, throwOnRequestTimeout: true },
});

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** @param env region, credentials and endpoint as every AWS tool reads them; only the endpoint is read here */
export function createAws(env: Readonly<Record<string, string | undefined>>, names: Names): CliAws {
  const lambda = once(() => new LambdaClient(settings(INVOKE_MS)));
  const dynamo = once(() => new DynamoDBClient(settings(OTHERS_MS)));
  const sts = once(() => new STSClient(settings(OTHERS_MS)));
  const logs = once(() => new CloudWatchLogsClient(settings(OTHERS_MS)));
  const ssm = once(() => new SSMClient(settings(OTHERS_MS)));
  const parameter = async (Name: string): Promise<string> =>
    String((await ssm().send(new GetParameterCommand({ Name }))).Parameter?.Value);
  const ledger = once(() => parameter(names.ledgerTableParameter));
  const auditTrail = once(() => parameter(names.auditTableParameter));
  return {
    names,
    invoke: (name, payload) => invoke(lambda(), name, payload),
    identity: async () => String((await sts().send(new GetCallerIdentityCommand({}))).Arn),
    trail: async () => createDynamoAuditTrail({ client: dynamo(), auditTable: await auditTrail() }),
    trailItems: async (pk) => trailItems(dynamo(), await auditTrail(), pk),
    trailItem: async (pk, sk) => trailItem(dynamo(), await auditTrail(), pk, sk),
    trailPartitions: async () => trailPartitions(dynamo(), await auditTrail()),
    tokensOf: async (integration) => tokensOf(dynamo(), await ledger(), integration),
    due: async (now) => createDueFinder({ client: dynamo(), ledgerTable: await ledger() }).findDue(now),
    async functionState(name) {
      const { State, LastUpdateStatus } = await lambda().send(
        new GetFunctionConfigurationCommand({ FunctionName: name }),
      );
      return LastUpdateStatus === 'Failed' ? 'the last update failed' : (State ?? 'Active');
    },
    async tableState(which) {
      const TableName = await (which === 'ledger' ? ledger() : auditTrail());
      return (await dynamo().send(new DescribeTableCommand({ TableName }))).Table?.TableStatus ?? 'unknown';
    },
    lastExport: async () => lastExport(dynamo(), await auditTrail()),
    hasTicked: (since) => hasTicked(logs(), names.heartbeat, since),
    async credential(source) {
      // With it come the clients of Secrets Manager, which no other command needs.
      const { createCredentialStore } = await import('../lambdas/adapters/aws/credentials.ts');
      return createCredentialStore().read(source);
    },
    account: async (name) => createBackfillLedger({ client: dynamo(), table: await ledger() }).account(name),
    destination: async (account) => createDestinationLedger({ client: dynamo(), table: await ledger() }).load(account),
    watermark: async (account) => createBackfillLedger({ client: dynamo(), table: await ledger() }).watermark(account),
    async webhookBase() {
      const { Policy = '{}' } = await lambda().send(new GetPolicyCommand({ FunctionName: names.webhook }));
      return webhookBase(Policy, env.AWS_ENDPOINT_URL);
    },
  };
}

async function invoke(lambda: LambdaClient, FunctionName: string, payload: unknown) {
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(payload)) }));
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  const value = text ? JSON.parse(text) : {};
  if (answer.FunctionError) throw new FunctionFailedError(FunctionName, value?.errorMessage ?? answer.FunctionError);
  return value;
}

/** The state of the latest export of a table, and why it failed. */
async function lastExport(dynamo: DynamoDBClient, TableName: string): Promise<string | undefined> {
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
  const { ExportSummaries = [] } = await dynamo.send(new ListExportsCommand({ TableArn: Table?.TableArn }));
  // Their names begin with the time: the greatest is the latest.
  const [last] = ExportSummaries.map(({ ExportArn = '' }) => ExportArn)
    .sort()
    .reverse();
  if (last === undefined) return undefined;
  const { ExportDescription } = await dynamo.send(new DescribeExportCommand({ ExportArn: last }));
  return [ExportDescription?.ExportStatus, ExportDescription?.FailureMessage].filter(Boolean).join(': ');
}

async function hasTicked(logs: CloudWatchLogsClient, heartbeat: string, startTime: number): Promise<boolean> {
  const command = new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${heartbeat}`, startTime, limit: 1 });
  // One page may be empty although a later one is not.
  for (let page = 0; page < 20; page += 1) {
    const { events = [], nextToken } = await logs.send(command);
    if (events.length > 0) return true;
    if (!nextToken) return false;
    command.input.nextToken = nextToken;
  }
  return false;
}

/**
 * The API that may invoke the webhook function is the one that receives webhooks.
 * @param policy the function's resource policy, JSON
 * @param endpoint a stand-in for AWS, which serves APIs under a path of its own
 */
export function webhookBase(policy: string, endpoint: string | undefined): string | undefined {
  const [, region, id] = /arn:aws[\w-]*:execute-api:([\w-]+):\d+:(\w+)\//.exec(policy) ?? [];
  if (!id) return undefined;
  if (endpoint) return `${endpoint.replace(/\/+$/, '')}/_aws/execute-api/${id}`;
  return `https://${id}.execute-api.${region}.amazonaws.com`;
}
