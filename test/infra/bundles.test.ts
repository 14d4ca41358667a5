/** The bundles that are deployed, as they are: what is in them, how large they are, what Node loads to start them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type Bundles,
  bundleHandler,
  bundleHandlers,
  firstLoaded,
  HANDLERS,
  type Handler,
} from '../../infra/bundle.ts';
import { ERRORS_WITH_A_CLASS } from '../../infra/bundling/errors-by-name.ts';
import { ENV } from '../../lambdas/contract.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-bundles-'));
const PATIENCE_MS = 30_000;

/** Bytes. About a twentieth above what they are: who needs more says so here. */
const AT_MOST: Readonly<Record<Handler, number>> = {
  heartbeat: 200_000,
  rotate: 445_000,
  // The rules of a decision, to say what is next.
  status: 311_000,
  webhook: 200_000,
  observe: 258_000,
  usage: 239_000,
  // Paddle's client, two more of the SDK's clients, and the core of zod, which its pieces share.
  registrar: 365_000,
  backfill: 275_000,
  hooks: 224_000,
  console: 287_000,
  seen: 198_000,
};
const LAZY_AT_MOST: Partial<Readonly<Record<Handler, number>>> = {
  // The reader of pages with its parsers, and Lambda's client to ask the browser: when a site is scanned.
  rotate: 422_000,
  // The schema of a configuration: when somebody registers.
  registrar: 92_000,
};
/** What stands in for parts of the SDK. */
const OURS = ['infra/bundling/environment-credentials.ts', 'infra/bundling/regional-endpoints.ts'];

let bundles: Bundles;
beforeAll(async () => {
  bundles = await bundleHandlers({ outdir: folder });
}, 10 * PATIENCE_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of each source file in the bundle. */
const contentsOf = (handler: Handler) =>
  Object.values(bundles[handler].metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).map(([file, { bytesInOutput }]) => ({ file, bytes: bytesInOutput })),
  );

describe.each(HANDLERS)('the bundle of %s', (handler) => {
  test('finds credentials in the environment and nowhere else', () => {
    const files = contentsOf(handler).map(({ file }) => file);
    expect(files).toContain('infra/bundling/environment-credentials.ts');
    expect(files.filter((file) => /credential-provider-|token-providers|nested-clients|client-sso/.test(file))).toEqual(
      [],
    );
  });

  test('holds nothing of the deployment, the tests and the local AWS', () => {
    const ours = contentsOf(handler).map(({ file }) => file);
    expect(
      ours.filter((file) => /node_modules\/(aws-cdk|constructs|cdk-nag|esbuild)|^(local|test|cli)\//.test(file)),
    ).toEqual([]);
    expect(ours.filter((file) => file.startsWith('infra/')).sort()).toEqual(OURS);
  });

  test('holds no part of the SDK that it cannot reach', () => {
    const files = contentsOf(handler).map(({ file }) => file);
    const unused =
      /event-?streams?\b|(?:Sha256|Crc32|Md5)Js\.js$|endpoint-(?:discovery|cache)|mnemonist|bowser|package\.json$|endpoint\/bdd\.js|partitions\.js|decideEndpoint|parseIni|loadSharedConfigFiles/;
    expect(files.filter((file) => unused.test(file) && !/client-[a-z-]+\/package\.json$/.test(file))).toEqual([]);
    const manifests = contentsOf(handler).filter(({ file }) => file.endsWith('package.json'));
    for (const { bytes } of manifests) expect(bytes).toBeLessThan(100);
  });

  test('holds only the small zod, but for the registrar, which shares the schema of the configuration', () => {
    const whole = contentsOf(handler).filter(
      ({ file, bytes }) => /node_modules\/zod\/v4\/classic/.test(file) && bytes > 0,
    );
    expect(whole.length > 0).toBe(handler === 'registrar');
  });

  test('stays within its size', () => {
    expect(bundles[handler].bytes).toBeLessThanOrEqual(AT_MOST[handler]);
    expect(bundles[handler].lazyBytes).toBeLessThanOrEqual(LAZY_AT_MOST[handler] ?? 0);
  });

  test('can load each of its pieces, and has nothing twice', async () => {
    const { directory, metafile } = bundles[handler];
    const pieces = readdirSync(directory).filter((file) => file.endsWith('.js'));
    expect(pieces.sort()).toEqual(
      Object.keys(metafile.outputs)
        .map((file) => path.basename(file))
        .sort(),
    );
    const others = pieces.filter((file) => file !== 'index.js').map((file) => path.join(directory, file));
    if (others.length > 0) await modulesLoadedBy(...others);
    // Twice would be two classes of the same error, of which each side knows one.
    const files = contentsOf(handler).map(({ file }) => file);
    expect(files.length).toBe(new Set(files).size);
  });

  test('starts without what a cold start cannot afford', async () => {
    const modules = await modulesLoadedBy(path.join(bundles[handler].directory, 'index.js'));
    expect(modules).toContain('https');
    const dear = /undici|http2|child_process|webstreams|worker|inspector|^internal\/source_map\/source_map$/;
    expect(modules.filter((name) => dear.test(name))).toEqual([]);
  });
});

test.each<[handler: Handler, later: RegExp]>([
  ['rotate', /node_modules\/(?:parse5|entities|acorn|acorn-loose|acorn-walk|ipaddr\.js|@aws-sdk\/client-lambda)\//],
  ['registrar', /node_modules\/zod\/v4\/classic\/|lambdas\/registrar\/entries\/handle\.ts$/],
])('%s loads the rest only when it is needed', (handler, later) => {
  const { metafile } = bundles[handler];
  const first = firstLoaded(metafile);
  const parts = Object.entries(metafile.outputs).map(([file, { inputs }]) => {
    const isThere = Object.entries(inputs).some(([name, { bytesInOutput }]) => later.test(name) && bytesInOutput > 0);
    return { isThere, isFirst: first.has(path.basename(file)) };
  });
  expect(parts.filter(({ isThere }) => isThere)).not.toEqual([]);
  expect(parts.filter(({ isThere, isFirst }) => isThere && isFirst)).toEqual([]);
});

test('rotate loads the scanner, and with it the resolver of names, only when it scans', async () => {
  const modules = await modulesLoadedBy(path.join(bundles.rotate.directory, 'index.js'));
  expect(modules.filter((name) => name.includes('dns'))).toEqual([]);
});

/** What Node has loaded of its own after the files were loaded, in a process of its own with settings that lead nowhere. */
async function modulesLoadedBy(...files: string[]): Promise<string[]> {
  const settings = Object.values(ENV).map((name) => [name, 'http://127.0.0.1:9/nothing']);
  const env = {
    ...Object.fromEntries(settings),
    [ENV.webhookSecrets]: '{"account":{"secret":"nothing"}}',
    [ENV.paddleAddresses]: '1',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  };
  const script = `
    const before = new Set(process.moduleLoadList);
    for (const file of ${JSON.stringify(files)}) require(file);
    const loaded = process.moduleLoadList.filter((name) => !before.has(name) && name.startsWith('NativeModule '));
    require('node:fs').writeSync(1, '\\n' + JSON.stringify(loaded.map((name) => name.slice('NativeModule '.length))));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env, timeout: PATIENCE_MS });
  return JSON.parse(stdout.split('\n').at(-1) ?? '');
}

describe('the errors of AWS in a bundle', () => {
  test('have a class where our code or the SDK itself asks for it', () => {
    const imported = filesBelow(path.join(root, 'lambdas')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/instanceof (\w+Exception)\b/g)].map(([, name]) => name),
    );
    expect(imported.length).toBeGreaterThan(0);
    expect(ERRORS_WITH_A_CLASS).toEqual(expect.arrayContaining(imported));
    const clients = ['dynamodb', 'eventbridge', 'secrets-manager', 'sqs', 'ssm'];
    const retryable = clients.flatMap((client) => {
      const source = readFileSync(
        path.join(root, `node_modules/@aws-sdk/client-${client}/dist-es/models/errors.js`),
        'utf8',
      );
      return [...source.matchAll(/^export class (\w+)[\s\S]*?^}/gm)]
        .filter(([text]) => text.includes('$retryable'))
        .map(([, name]) => name);
    });
    expect(ERRORS_WITH_A_CLASS).toEqual(expect.arrayContaining(retryable));
  });

  let handler: (url: string) => Promise<unknown>;
  beforeAll(async () => {
    const entry = path.join(root, 'test/resources/handlers/ssm.ts');
    const { directory } = await bundleHandler(entry, path.join(folder, 'ssm'));
    ({ handler } = createRequire(import.meta.url)(path.join(directory, 'index.js')));
  }, PATIENCE_MS);

  test.each([
    ['ParameterNotFound', 400],
    ['ParameterAlreadyExists', 400],
    ['AccessDeniedException', 400],
    ['InternalServerError', 500],
    ['SomethingNew', 400],
  ])('that lost their class keep their name, status and message: %s', async (type, status) => {
    const url = await answering(status, { __type: `com.amazonaws.ssm#${type}`, message: 'why' });
    expect(await handler(url)).toEqual({
      name: type,
      message: 'why',
      status,
      fault: status < 500 ? 'client' : 'server',
    });
  });
});

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));

const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** An AWS that has one answer for everything. */
async function answering(status: number, body: object): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
