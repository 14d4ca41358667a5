/** The browser, as a function of its own: one invocation visits one page. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { blindObservation, type PageObservation } from '../../evidence/sites/observation.ts';
import type { PageSource } from '../../evidence/sites/source.ts';

/** Longer than the function may run; it is not repeated, because the next scan comes anyway. */
const ANSWER_MS = 125_000;

export function createLambdaBrowser(functionName: string, client: () => LambdaClient = ownClient): PageSource {
  return {
    source: 'browser',
    longestMs: ANSWER_MS + 3_000,
    async observe(request) {
      const Payload = Buffer.from(JSON.stringify(request));
      const { FunctionError, Payload: answer } = await client().send(
        new InvokeCommand({ FunctionName: functionName, InvocationType: 'RequestResponse', Payload }),
      );
      const text = Buffer.from(answer ?? []).toString();
      // It ran out of memory or time, or broke: a page that does that to a browser proves nothing.
      if (FunctionError)
        return blindObservation('browser', 'failed', `the function ${functionName} failed (${kindOf(text)})`);
      const observation = JSON.parse(text) as PageObservation;
      if (observation?.source === 'browser') return observation;
      return blindObservation('browser', 'failed', `the function ${functionName} gave no answer that can be read`);
    },
  };
}

function kindOf(text: string): string {
  try {
    return String((JSON.parse(text) as { errorType?: unknown }).errorType ?? 'without a reason').slice(0, 100);
  } catch {
    return 'without a reason';
  }
}

let lambda: LambdaClient | undefined;
function ownClient(): LambdaClient {
  lambda ??= new LambdaClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: ANSWER_MS,
      socketTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
  return lambda;
}
