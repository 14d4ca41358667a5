/** A handler that asks for a parameter and tells what it was refused with. */
import { GetParameterCommand, SSMClient, type SSMServiceException } from '@aws-sdk/client-ssm';

export const handler = async (endpoint: string) => {
  const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' };
  const client = new SSMClient({ region: 'eu-west-1', endpoint, credentials, maxAttempts: 1 });
  try {
    return await client.send(new GetParameterCommand({ Name: 'x' }));
  } catch (error) {
    const { name, message, $metadata, $fault } = error as SSMServiceException;
    return { name, message, status: $metadata.httpStatusCode, fault: $fault };
  }
};
