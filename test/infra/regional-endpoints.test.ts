/** Where the bundled clients find AWS, against the rules that the SDK brings for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { endpointsOf, type Wanted } from '../../infra/bundling/regional-endpoints.ts';

const root = path.resolve(import.meta.dirname, '../..');
const SERVICES: Readonly<Record<string, string>> = {
  dynamodb: 'dynamodb',
  eventbridge: 'events',
  lambda: 'lambda',
  'secrets-manager': 'secretsmanager',
  sqs: 'sqs',
  ssm: 'ssm',
};

interface Rules {
  readonly [client: string]: (wanted: Wanted) => { url: URL; properties: object; headers: object };
}
interface Partitions {
  readonly partitions: readonly { readonly id: string; readonly regions: Readonly<Record<string, unknown>> }[];
}

let rules: Rules;
let regions: readonly string[];
beforeAll(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-endpoints-'));
  const sdk = path.join(root, 'node_modules/@aws-sdk');
  const resolvers = Object.keys(SERVICES).map(
    (client, at) =>
      `import { defaultEndpointResolver as of${at} } from '${sdk}/client-${client}/dist-es/endpoint/endpointResolver.js';`,
  );
  const table = Object.keys(SERVICES).map((client, at) => `'${client}': of${at}`);
  const contents = `${resolvers.join('\n')}
    export const rules = { ${table.join(', ')} };
    export { partitionsInfo } from '${sdk}/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';`;
  const outfile = path.join(folder, 'rules.cjs');
  await build({
    ...{ stdin: { contents, resolveDir: root }, outfile, bundle: true, platform: 'node', format: 'cjs' },
    ...{ mainFields: ['module', 'main'], logLevel: 'silent' },
  });
  const built = createRequire(import.meta.url)(outfile) as { rules: Rules; partitionsInfo: Partitions };
  rmSync(folder, { recursive: true });
  rules = built.rules;
  // Real ones: `aws-global` and the like stand for services that have no region.
  regions = built.partitionsInfo.partitions
    .flatMap(({ regions }) => Object.keys(regions))
    .filter((region) => !region.endsWith('-global'));
}, 30_000);

const answer = (resolve: Rules[string], wanted: Wanted) => {
  const { url, properties, headers } = resolve(wanted);
  return { href: url.href, properties, headers };
};

describe.each(Object.entries(SERVICES))('the endpoint of %s', (client, service) => {
  const ours = endpointsOf(service);
  test.each<Omit<Wanted, 'Region'>>([
    { UseFIPS: false, UseDualStack: false },
    { UseFIPS: true, UseDualStack: false },
    { UseFIPS: false, UseDualStack: true },
    { UseFIPS: true, UseDualStack: true },
  ])('is that of the SDK in every region: %j', (settings) => {
    const theirs = rules[client] as Rules[string];
    // China has no FIPS; the SDK's rules say something all the same.
    const asked = regions.filter((region) => !settings.UseFIPS || !region.startsWith('cn-'));
    expect(asked.length).toBeGreaterThan(40);
    const of = (resolve: Rules[string]) =>
      Object.fromEntries(asked.map((Region) => [Region, answer(resolve, { Region, ...settings })]));
    expect(of(ours)).toEqual(of(theirs));
  });

  test('is the one that the environment names', () => {
    const wanted = { Region: 'eu-west-1', Endpoint: 'http://127.0.0.1:4566/path' };
    expect(answer(ours, wanted)).toEqual(answer(rules[client] as Rules[string], wanted));
  });

  test.each<[what: string, wanted: Wanted]>([
    ['no region', {}],
    ['FIPS at an endpoint of your own', { Region: 'eu-west-1', Endpoint: 'http://127.0.0.1:1', UseFIPS: true }],
    ['IPv6 at an endpoint of your own', { Region: 'eu-west-1', Endpoint: 'http://127.0.0.1:1', UseDualStack: true }],
  ])('is refused where the SDK refuses it: %s', (_, wanted) => {
    expect(() => (rules[client] as Rules[string])(wanted)).toThrow();
    expect(() => ours(wanted)).toThrow();
  });
});
