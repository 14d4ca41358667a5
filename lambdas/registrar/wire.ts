/** The registrar with its AWS clients: what the door exports, given where the ledger and the queue are. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createLookQueue } from '../adapters/sqs-look-queue.ts';
import { ENV } from '../contract.ts';
import type { CustomResourcePorts } from './custom-resource.ts';
import { createDynamoRegistry } from './dynamo-registry.ts';
import { type Deploy, register } from './register.ts';

type Settings = Readonly<Record<string, string | undefined>>;

/** A missing setting fails the registration, not the handler: CloudFormation must get its answer. */
export const createRegister =
  (
    clients: { dynamo: DynamoDBClient; sqs: SQSClient },
    settings: Settings,
    deploy: Omit<Deploy, 'requestId'>,
  ): CustomResourcePorts['register'] =>
  async (configuration, requestId) => {
    const registry = createDynamoRegistry({ client: clients.dynamo, table: required(settings, ENV.ledgerTable) });
    const looks = createLookQueue({ client: clients.sqs, queueUrl: required(settings, ENV.lookQueueUrl) });
    return register(configuration, { registry, looks }, { ...deploy, requestId });
  };

function required(settings: Settings, name: string): string {
  const value = settings[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
}
