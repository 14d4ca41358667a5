/**
 * Parts of the SDK that every client brings and no function of ours can reach. Left out, they cost no cold start.
 * A test builds the bundles, and fails when a part comes back under another name.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

interface Part {
  /** What is imported, as the importer writes it. */
  readonly imported: RegExp;
  /** Who imports it. */
  readonly by: RegExp;
  readonly instead: string;
}

const refuse = (what: string) => `throw new Error('${what} is left out: see infra/bundling/unused-parts.ts')`;

const PARTS: readonly Part[] = [
  // Answers in pieces, as of Lambda's InvokeWithResponseStream: for a response that is described as one.
  {
    imported: /^@smithy\/core\/event-streams$/,
    by: /HttpProtocol\.js$|client-[a-z-]+[\\/]dist-es[\\/](?:\w+Client|runtimeConfig)\.js$/,
    instead: `
      export const resolveEventStreamSerdeConfig = (input) => input;
      export const eventStreamSerdeProvider = () => ({});
      export class EventStreamSerde { constructor() { ${refuse('reading event streams')} } }`,
  },
  // Written in JavaScript, for where Node is built without its own.
  {
    imported: /^\.\/(?:Sha256Js|Crc32Js|Md5Js)$/,
    by: /(?:Sha256Node|Crc32Node|Md5Node)\.js$/,
    instead: ['Sha256Js', 'Crc32Js', 'Md5Js']
      .map((name) => `export class ${name} { constructor() { ${refuse(name)} } }`)
      .join('\n'),
  },
  // For Timestream, which moves. DynamoDB's client offers it and no table needs it; it is off unless somebody turns it on.
  {
    imported: /^@aws-sdk\/middleware-endpoint-discovery$/,
    by: /client-dynamodb[\\/]dist-es[\\/](?:DynamoDBClient|runtimeConfig)\.js$/,
    instead: `
      export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
        environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: false,
      };
      export const resolveEndpointDiscoveryConfig = (input) =>
        Object.assign(input, { endpointDiscoveryEnabled: async () => false, isClientEndpointDiscoveryEnabled: false });`,
  },
];

const NAMESPACE = 'unused-parts';
/** Of which the clients tell AWS their version, and read nothing else. */
const MANIFEST = /@aws-sdk[\\/]client-[a-z-]+[\\/]package\.json$/;

export const unusedParts: Plugin = {
  name: NAMESPACE,
  setup(build) {
    for (const [at, { imported, by }] of PARTS.entries())
      build.onResolve({ filter: imported }, ({ importer }) =>
        by.test(importer) ? { path: String(at), namespace: NAMESPACE } : undefined,
      );
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({ contents: PARTS[Number(path)]?.instead }));
    build.onLoad({ filter: MANIFEST }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};
