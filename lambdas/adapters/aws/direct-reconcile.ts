/** `rotate`, invoked without its queue and without waiting for it. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ReconcileRequest } from '../../contract.ts';
import type { DirectReconcile } from '../../observe/ports.ts';
import { clientSettings } from './clients.ts';

/** Asked for once: the queue has it, and a batch must not wait for an API that is away. @param FunctionName of `rotate`, or its ARN */
export function createDirectReconcile(FunctionName: string): DirectReconcile {
  let client: LambdaClient | undefined;
  return {
    async reconcile(integration) {
      client ??= new LambdaClient({ ...clientSettings, maxAttempts: 1 });
      const request: ReconcileRequest = { integration, cause: 'webhook' };
      const Payload = Buffer.from(JSON.stringify(request));
      await client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
    },
  };
}
