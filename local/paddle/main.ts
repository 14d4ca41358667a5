/** `npm run paddle`: the simulator as a program. */
import { parseArgs } from 'node:util';
import { type Environment, type PaddleSimulator, startPaddleSimulator } from './simulator.ts';

const HELP = `Simulates as much of Paddle as client-side tokens need, on this machine.

  npm run paddle -- [options]

  --port <n>             listen on this port of 127.0.0.1 (a free one)
  --environment <name>   sandbox or live (sandbox, or that of the key)
  --api-key <key>        accept this key (a new one); pdl_sdbx_apikey_… or pdl_live_apikey_…
  --rate-limit <n|off>   requests per minute and address (240, as documented)
  --seed <n>             make ids, values and shares repeatable
  --json                 print one line of JSON instead of text
  --help                 this text

It forgets everything when it stops. Knobs and faults: local/paddle/README.md
`;

interface Options {
  readonly port: number;
  readonly json: boolean;
  readonly environment?: Environment;
  readonly apiKeys?: readonly { key: string }[];
  readonly seed?: number;
  readonly quirks: { rateLimit?: { perMinute: number; lockOutMs: number } | null };
}

/** @throws Error that names what is wrong with the arguments; `help` when they ask for it */
function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      environment: { type: 'string' },
      'api-key': { type: 'string' },
      'rate-limit': { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { environment } = values;
  if (environment !== undefined && environment !== 'sandbox' && environment !== 'live') {
    throw new Error('--environment must be sandbox or live');
  }
  return {
    port: whole('--port', values.port, 65_535) ?? 0,
    json: values.json,
    ...(environment ? { environment } : {}),
    ...(values['api-key'] === undefined ? {} : { apiKeys: [{ key: values['api-key'] }] }),
    ...(values.seed === undefined ? {} : { seed: whole('--seed', values.seed, 2 ** 32 - 1) }),
    quirks: rateLimit(values['rate-limit']),
  };
}

function rateLimit(text: string | undefined): Options['quirks'] {
  if (text === undefined) return {};
  if (text === 'off') return { rateLimit: null };
  const perMinute = whole('--rate-limit', text, 1_000_000);
  if (!perMinute) throw new Error('--rate-limit must be 1 or more, or off');
  return { rateLimit: { perMinute, lockOutMs: 60_000 } };
}

function whole(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text) || Number(text) > max) throw new Error(`${name} must be a whole number up to ${max}`);
  return Number(text);
}

function greeting({ url, apiKey, environment }: PaddleSimulator): string {
  return `Paddle simulator (${environment})

  URL       ${url}
  API key   ${apiKey}

  curl -s ${url}/client-tokens -H 'Authorization: Bearer ${apiKey}'
  curl -s ${url}/client-tokens -H 'Authorization: Bearer ${apiKey}' \\
    -H 'Content-Type: application/json' -d '{"name":"Pricing page"}'
  curl -s ${url}/_simulator/state
  curl -s ${url}/_simulator/faults -H 'Content-Type: application/json' \\
    -d '{"method":"POST","path":"/client-tokens","answer":"hang","commit":"done"}'

Ctrl-C stops it.
`;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const simulator = await startPaddleSimulator(options);
  const { url, apiKey, environment } = simulator;
  process.stdout.write(options.json ? `${JSON.stringify({ url, apiKey, environment })}\n` : greeting(simulator));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
