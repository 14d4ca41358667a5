/**
 * Parts of the SDK that every client brings and no function of ours can reach. Left out, they cost no cold start.
 * A test builds the bundles, and fails when a part comes back under another name.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
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
  // For browsers, which do not say in their own words what they are.
  { imported: /^bowser$/, by: /createUserAgentStringParsingProvider\.js$/, instead: 'export {};' },
];

/** Whole modules of which a function has no use: `import` of what stands in for them, or the text itself. */
const STAND_INS: readonly { readonly file: RegExp; readonly instead: (file: string) => string }[] = [
  {
    file: /client-(?:dynamodb|eventbridge|lambda|secrets-manager|sqs|ssm)[\\/]dist-es[\\/]endpoint[\\/]endpointResolver\.js$/,
    instead: (file) => `
      import { endpointsOf } from ${JSON.stringify(path.join(import.meta.dirname, 'regional-endpoints.ts'))};
      export const defaultEndpointResolver = endpointsOf('${serviceOf(file)}');`,
  },
  // Only for a prefix of the user agent, which is empty unless somebody loads partitions of their own.
  {
    file: /core[\\/]dist-es[\\/]submodules[\\/]client[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partition\.js$/,
    instead: () => `
      const gone = () => { ${refuse('the table of partitions')} };
      export const partition = gone, setPartitionInfo = gone, useDefaultPartitionInfo = gone;
      export const getUserAgentPrefix = () => '';`,
  },
  // A function has no ~/.aws: its settings are in its environment.
  {
    file: /core[\\/]dist-es[\\/]submodules[\\/]config[\\/]node-config-provider[\\/]fromSharedConfigFiles\.js$/,
    instead: () => `
      import { CredentialsProviderError } from '../property-provider/CredentialsProviderError';
      export const fromSharedConfigFiles = () => async () => { throw new CredentialsProviderError('no configuration files'); };`,
  },
  // Lambda says in which region it is; there is no instance to ask.
  {
    file: /regionConfig[\\/]getInstanceMetadataRegion\.js$/,
    instead: () => 'export const getInstanceMetadataRegion = async () => undefined;',
  },
];

/** As its host name begins. */
function serviceOf(file: string): string {
  const [, client = ''] = /client-([a-z-]+)/.exec(file) ?? [];
  return { 'secrets-manager': 'secretsmanager', eventbridge: 'events' }[client] ?? client;
}

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
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path: at }) => ({ contents: PARTS[Number(at)]?.instead }));
    for (const { file, instead } of STAND_INS)
      build.onLoad({ filter: file }, ({ path: found }) => ({
        ...{ contents: instead(found), resolveDir: path.dirname(found), loader: 'js' },
      }));
    build.onLoad({ filter: MANIFEST }, async ({ path: file }) => {
      const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};
