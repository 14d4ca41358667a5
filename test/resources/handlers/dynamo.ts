/** A handler as the bundler sees one: an SDK client and an error class that names itself. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

class BundledError extends Error {
  override readonly name = 'BundledError';
}

const client = new DynamoDBClient({ region: 'eu-west-1' });

export const handler = async () => ({
  errorName: new BundledError('').name,
  accessKeyId: (await client.config.credentials()).accessKeyId,
});
