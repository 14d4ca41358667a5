/**
 * Answers the coordinates of the shared deployment at an address that it prints. The deployment is made when the first
 * suite asks, so that suites which need none do not wait for it; with `--now`, at once. Ends, and stops everything, when its input ends:
 * that is when jest has ended, however that came about. Its status says whether all that the functions sent, heard and logged was as
 * AWS has it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SharedStack, startSharedStack } from './shared-stack.ts';

let starting: Promise<SharedStack> | undefined;
if (process.argv.includes('--now')) begin();

/** Whoever asks is told of a failure. */
function begin(): Promise<SharedStack> {
  starting ??= startSharedStack();
  starting.catch(() => {});
  return starting;
}

const server = createServer(async (_, response) => {
  try {
    const { coordinates } = await begin();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(coordinates));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

process.stdin.resume();
await once(process.stdin, 'end');
server.closeAllConnections();
server.close();
// A start that failed has stopped everything and was reported to the suite that asked.
const stack = await starting?.catch(() => undefined);
try {
  const { faults, counts } = (await stack?.lastWord()) ?? { faults: [], counts: {} };
  for (const [what, times] of Object.entries(counts))
    console.error(`${times.toLocaleString('en').padStart(17)} ${what}`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await stack?.stop();
}
