/** `status --failing`: what is not getting on, and why, out of however many there are. */
import type { Cli } from './actions.ts';
import { EXIT } from './io.ts';
import { inLine } from './width.ts';

interface Failing {
  readonly integration?: string;
  readonly account: string;
  readonly owner: string;
  readonly step: string;
  readonly message: string;
  readonly since: string;
  readonly nextAttemptAt?: string;
}

/** @returns the exit code: 0, whatever is listed */
export async function statusOfFailing({ json }: { readonly json?: boolean }, { aws, io }: Cli): Promise<number> {
  const all: Failing[] = [];
  for (let after: unknown = ''; typeof after === 'string'; ) {
    const answer = await aws.invoke(aws.names.status, { action: 'failing', ...(after && { after }) });
    all.push(...(answer.failing as readonly Failing[]));
    after = answer.after;
  }
  if (json) io.out(`${JSON.stringify(all, null, 2)}\n`);
  else if (all.length === 0) io.out('Nothing is failing.\n');
  for (const { integration, account, owner, step, message, since, nextAttemptAt } of json ? [] : all) {
    const subject =
      integration === undefined ? `webhooks of ${account}` : `${integration} (account ${account}, ${owner})`;
    const again = nextAttemptAt === undefined ? '' : `; again at ${nextAttemptAt}`;
    io.out(`${inLine(`${subject}: waits at ${step} since ${since}: ${message}${again}`)}\n`);
  }
  return EXIT.done;
}
