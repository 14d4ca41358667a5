/** Settings of the template that the local AWS drops or ignores: how they stand where this was deployed. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { namesFor } from '../../lambdas/contract.ts';
import type { Place } from './place.ts';

export interface Difference {
  readonly what: string;
  /** What the local AWS says, measured. */
  readonly emulator: string;
  readonly here: string;
}

/** One line for each. A question that is not answered is an answer, too. */
export async function differences({ settings }: Place, prefix: string): Promise<Difference[]> {
  const names = namesFor(prefix);
  const [dynamo, lambda] = [new DynamoDBClient(settings), new LambdaClient(settings)];
  const TableName = String(
    (await new SSMClient(settings).send(new GetParameterCommand({ Name: names.ledgerTableParameter }))).Parameter
      ?.Value,
  );
  const questions: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    [
      'point-in-time recovery of the ledger',
      'DISABLED',
      async () =>
        (await dynamo.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription
          ?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    ],
    [
      'billing of the ledger',
      'PAY_PER_REQUEST',
      async () => (await dynamo.send(new DescribeTableCommand({ TableName }))).Table?.BillingModeSummary?.BillingMode,
    ],
    [
      'retries of a batch of the stream',
      '-1',
      async () => {
        const asked = new ListEventSourceMappingsCommand({ FunctionName: names.observe });
        return (await lambda.send(asked)).EventSourceMappings?.[0]?.MaximumRetryAttempts;
      },
    ],
    [
      'alarms on metric math',
      '0',
      async () => {
        const asked = new DescribeAlarmsCommand({ AlarmNamePrefix: names.stack, AlarmTypes: ['MetricAlarm'] });
        const { MetricAlarms = [] } = await new CloudWatchClient(settings).send(asked);
        return MetricAlarms.filter(({ Metrics = [] }) => Metrics.length > 0).length;
      },
    ],
  ];
  const answers = questions.map(async ([what, emulator, ask]) => {
    const here = await ask().then(String, (error: Error) => `not answered: ${error.name}`);
    return { what, emulator, here };
  });
  return Promise.all(answers);
}
