/** Asked by a pipeline before it goes back to an older build. */
import { type Cli, named, report } from './actions.ts';
import type { BuildOptions } from './builds.ts';
import type { FunctionAnswer } from './ports.ts';

/** @returns 0 when the build may go live again, 1 when not */
export async function canRollBack(options: BuildOptions, cli: Cli): Promise<number> {
  const integration = named(options);
  const { build, json } = options;
  const consumers = options.consumer ? [options.consumer] : await consumersOf(integration, cli);
  const answers: FunctionAnswer[] = [];
  for (const consumer of consumers)
    answers.push(await cli.aws.invoke(cli.aws.names.usage, { action: 'can-roll-back', integration, consumer, build }));
  // Of several consumers, those that know the build decide; that one of them forbids it is enough.
  const knowing = answers.filter(({ tokenId }) => tokenId !== undefined);
  const decisive = knowing.find(({ outcome }) => outcome !== 'allowed') ?? knowing[0] ?? answers[0];
  if (!decisive) {
    const message = `No consumer of ${integration} has reported a build: it is not known which token build ${build} holds.`;
    return report({ integration, outcome: 'refused', message }, cli.io, json);
  }
  return report(decisive, cli.io, json);
}

async function consumersOf(integration: string, { aws }: Cli): Promise<readonly string[]> {
  const { consumers } = await aws.invoke(aws.names.status, { integration, action: 'status' });
  return [...new Set(((consumers ?? []) as { consumer: string }[]).map(({ consumer }) => consumer))];
}
