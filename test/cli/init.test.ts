/** `paddlewheel init`: what it writes in which folder, and that it overwrites nothing. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type InitOptions, init } from '../../cli/init.ts';
import { type CliIo, UsageError } from '../../cli/io.ts';
import { parseConfig } from '../../infra/config.ts';

/** A terminal at which `answers` are given, or nobody. */
function terminal(answers?: readonly string[]) {
  const asked: string[] = [];
  const said: string[] = [];
  const io: CliIo = {
    env: {},
    stdin: (async function* () {})(),
    out: (text) => said.push(text),
    err: (text) => said.push(text),
    now: () => 0,
    rest: async () => {},
    ask: async (question) => {
      asked.push(question);
      return answers?.[asked.length - 1];
    },
  };
  return { io, asked, text: () => said.join('') };
}

const emptyFolder = (name = 'Web Shop') => {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'paddlewheel-init-')), name);
  mkdirSync(folder);
  return folder;
};
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
const textOf = (folder: string, file: string) => readFileSync(path.join(folder, file), 'utf8');

/** The written configuration, as the construct reads it. */
async function configurationIn(folder: string, file = 'paddlewheel.config.mjs') {
  const text = textOf(folder, file).replace(/^import .*$/m, 'const defineConfig = (input) => input;');
  const copy = path.join(folder, `${Math.random()}.mjs`);
  writeFileSync(copy, text);
  return parseConfig((await import(pathToFileURL(copy).href)).default, {});
}

async function started(options: InitOptions, folder = emptyFolder()) {
  const { io, text } = terminal();
  expect(await init(options, io, folder)).toBe(0);
  return { folder, text: text() };
}

describe('in an empty folder', () => {
  test('--yes writes a configuration and an app, and says what to do next', async () => {
    const { folder, text } = await started({ yes: true });
    expect(filesIn(folder)).toEqual(['.gitignore', 'app.mjs', 'cdk.json', 'package.json', 'paddlewheel.config.mjs']);
    const { integrations } = await configurationIn(folder);
    expect(integrations).toMatchObject([
      { name: 'web-shop', account: 'sandbox', targets: [{ kind: 'ssm', name: '/paddle/web-shop/client-token' }] },
    ]);
    expect(text.match(/^\d\. .*$/gm)).toEqual([
      '1. npm install',
      expect.stringMatching(/^2\. Make an API key at Paddle/),
      expect.stringMatching(/^3\. npx cdk bootstrap.* and npx cdk deploy$/),
      expect.stringMatching(/^4\. A minute later, npx paddlewheel status web-shop/),
    ]);
  });

  test('the manifest names what is needed, in the versions that this package was tested with', async () => {
    const { folder } = await started({ yes: true });
    const own = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(JSON.parse(textOf(folder, 'package.json')).devDependencies).toEqual({
      'aws-cdk': `^${own.devDependencies['aws-cdk']}`,
      ...own.peerDependencies,
      paddlewheel: `^${own.version}`,
    });
  });

  test('what is said is taken, and what is not, by default', async () => {
    const { folder } = await started({
      ...{ yes: true, name: 'pricing', environment: 'live', site: "https://example.com/o'hara", parameter: '/x/y' },
    });
    const { accounts, integrations } = await configurationIn(folder);
    expect(accounts).toMatchObject([
      { name: 'live', environment: 'live', apiKey: { secret: 'paddlewheel/live/api-key' } },
    ]);
    expect(integrations).toMatchObject([
      { name: 'pricing', targets: [{ name: '/x/y' }], sites: [{ url: "https://example.com/o'hara" }], consumers: [] },
    ]);
  });

  test('asks five questions, and takes an empty answer for what it proposes', async () => {
    const folder = emptyFolder();
    const { io, asked } = terminal(['', 'live', '', 'https://example.com', 'octocat/shop']);
    await init({}, io, folder);
    expect(asked).toHaveLength(5);
    expect(asked[2]).toContain('[/paddle/web-shop/client-token]');
    expect((await configurationIn(folder)).integrations).toMatchObject([{ name: 'web-shop', consumers: ['website'] }]);
  });

  test('asks again after an answer that will not do, and gives up in the end', async () => {
    const { io, asked, text } = terminal(['Web Shop', 'shop', '', '', '', '']);
    expect(await init({}, io, emptyFolder())).toBe(0);
    expect(asked).toHaveLength(6);
    expect(text()).toContain('lower-case letters');
    await expect(init({}, terminal(['A', 'B', 'C']).io, emptyFolder())).rejects.toThrow(UsageError);
  });

  test('asks nobody who is not there, and writes nothing', async () => {
    const folder = emptyFolder();
    await expect(init({}, terminal().io, folder)).rejects.toThrow(/Nobody is there to answer: give --yes/);
    expect(filesIn(folder)).toEqual([]);
  });

  test.each<[string, InitOptions, RegExp]>([
    ['a name', { name: 'Web Shop' }, /--name "Web Shop": lower-case/],
    ['an environment', { environment: 'test' }, /--environment "test": sandbox or live/],
    ['a parameter', { parameter: '/aws/token' }, /--parameter/],
    ['a parameter with a wildcard', { parameter: '/paddle/*' }, /--parameter/],
    ['a page', { site: 'http://example.com' }, /--site/],
    ['a page of two lines', { site: "https://shop.example/\n');" }, /--site/],
    ['a repository', { github: 'octocat' }, /--github "octocat": owner\/name/],
    ['a repository with one number', { github: 'octocat@1/shop' }, /--github/],
  ])('refuses %s that will not do, and writes nothing', async (_, options, fault) => {
    const folder = emptyFolder();
    await expect(init({ yes: true, ...options }, terminal().io, folder)).rejects.toThrow(fault);
    expect(filesIn(folder)).toEqual([]);
  });

  test('takes a name for a folder that has none that will do', async () => {
    const { folder } = await started({ yes: true }, emptyFolder('…'));
    expect((await configurationIn(folder)).integrations).toMatchObject([{ name: 'website' }]);
  });
});

describe('where something is already', () => {
  test('nothing is overwritten, and it is told', async () => {
    const folder = emptyFolder();
    for (const file of ['app.mjs', 'package.json', 'paddlewheel.config.mjs'])
      writeFileSync(path.join(folder, file), '{}');
    const { text } = await started({ yes: true, github: 'octocat/shop' }, folder);
    for (const file of ['app.mjs', 'package.json', 'paddlewheel.config.mjs']) expect(textOf(folder, file)).toBe('{}');
    expect(text).toContain('is there paddlewheel.config.mjs: left as it is');
    expect(text).toContain('Not written, because it was there: paddlewheel.config.mjs, app.mjs.');
    expect(text).toMatch(
      /^1\. npm install --save-dev 'aws-cdk@\^.*' 'aws-cdk-lib@\^.*' 'constructs@.*' 'paddlewheel@\^/m,
    );
  });

  test('twice is once', async () => {
    const { folder } = await started({ yes: true });
    const before = filesIn(folder).map((file) => textOf(folder, file));
    await started({ yes: true, name: 'other' }, folder);
    expect(filesIn(folder).map((file) => textOf(folder, file))).toEqual(before);
  });

  const CONFIGURATION = `export default {
    accounts: { shop: { environment: 'live' } }, integrations: [{ name: 'pricing-page', account: 'shop' }],
  };`;

  test('a second time it asks nothing and writes nothing: it says what is there, and what is missing', async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'paddlewheel.config.mjs'), CONFIGURATION);
    const { io, asked, text } = terminal(['never asked']);
    expect(await init({ github: 'octocat/shop' }, io, folder)).toBe(0);
    expect(asked).toEqual([]);
    expect(filesIn(folder)).toEqual(['paddlewheel.config.mjs']);
    expect(text()).toContain(
      'There is a configuration: paddlewheel.config.mjs. Accounts: shop. Integrations: pricing-page.',
    );
    expect(text()).toContain('is there paddlewheel.config.mjs: left as it is\n');
    expect(text()).toContain('missing  .github/workflows/client-side-token.yml: would be written\n');
    expect(text()).toContain('Nothing was written. --yes writes what is missing');
  });

  test('--yes writes what is missing, for the integration that is there', async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'paddlewheel.config.mjs'), CONFIGURATION);
    const { text } = await started({ yes: true, github: 'octocat/shop' }, folder);
    expect(textOf(folder, 'paddlewheel.config.mjs')).toBe(CONFIGURATION);
    expect(textOf(folder, '.github/workflows/client-side-token.yml')).toContain('paddlewheel exec pricing-page');
    expect(text).toContain('paddlewheel/live/api-key');
    expect((await started({}, folder)).text).toContain('Nothing is missing, and nothing was written.');
  });

  test('an integration that is named and not there is shown, to be added by hand', async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'paddlewheel.config.mjs'), CONFIGURATION);
    const { text } = await started({ name: 'checkout' }, folder);
    expect(text).toMatch(/Add this to the integrations of paddlewheel\.config\.mjs:\n +\{\n +name: 'checkout',/);
    expect((await started({ name: 'pricing-page' }, folder)).text).not.toContain('Add this');
  });

  test.each(['ts', 'cjs', 'js'])(
    'a configuration that ends in .%s is one, and one that is broken, too',
    async (ending) => {
      const folder = emptyFolder();
      writeFileSync(path.join(folder, `paddlewheel.config.${ending}`), 'import nothing from "nowhere-at-all";');
      const { text } = await started({}, folder);
      expect(text).toContain(
        `There is a configuration: paddlewheel.config.${ending}. What is in it could not be read: `,
      );
      expect(text).not.toContain(folder);
      expect(filesIn(folder)).toEqual([`paddlewheel.config.${ending}`]);
    },
  );

  test.each(['{', '[]', 'null', '"x"'])(
    'a package.json that is none (%s) is told, and nothing is written',
    async (text) => {
      const folder = emptyFolder();
      writeFileSync(path.join(folder, 'package.json'), text);
      await expect(init({ yes: true }, terminal().io, folder)).rejects.toThrow(/^package\.json .*JSON/);
      expect(filesIn(folder)).toEqual(['package.json']);
    },
  );

  test('a package.json with a byte order mark is one', async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'package.json'), '\ufeff{"type":"commonjs"}');
    expect(await init({ yes: true }, terminal().io, folder)).toBe(0);
    const { default: config } = await import(pathToFileURL(path.join(folder, 'paddlewheel.config.mjs')).href).catch(
      (error) => ({ default: error }),
    );
    expect(config).toBeDefined();
  });

  test('where a folder cannot be made, it is told which file is missing', async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, '.github'), '');
    await expect(init({ yes: true, github: 'acme/shop' }, terminal().io, folder)).rejects.toThrow(
      /^\.github\/workflows\/client-side-token\.yml cannot be written: /,
    );
  });

  test('a CDK app in TypeScript gets a configuration in TypeScript, and is told three lines for its stack', async () => {
    const folder = emptyFolder();
    const lacking = {
      devDependencies: { 'aws-cdk': '2', paddlewheel: '0' },
      dependencies: { 'aws-cdk-lib': '2', constructs: '10' },
    };
    writeFileSync(path.join(folder, 'cdk.json'), '{"app":"npx ts-node bin/app.ts"}');
    writeFileSync(path.join(folder, 'tsconfig.json'), '{}');
    writeFileSync(path.join(folder, 'pnpm-lock.yaml'), '');
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(lacking));
    const { text } = await started({ yes: true }, folder);
    expect(filesIn(folder)).toEqual([
      'cdk.json',
      'package.json',
      'paddlewheel.config.ts',
      'pnpm-lock.yaml',
      'tsconfig.json',
    ]);
    expect(text).toContain("new Paddlewheel(this, 'Paddlewheel', configuration)");
    expect(text).toContain('pnpm exec cdk deploy');
    expect(text).not.toContain('--save-dev');
  });
});

describe('the workflow', () => {
  test('builds with the token, deploys, and only then reports; it holds no key', async () => {
    const { folder, text } = await started({ yes: true, name: 'shop', github: 'octocat@1/shop@2' });
    const workflow = textOf(folder, '.github/workflows/client-side-token.yml');
    const order = [
      'configure-aws-credentials',
      'paddlewheel exec shop --consumer website',
      'npm run deploy',
      'paddlewheel deployed shop --consumer website',
    ];
    const at = order.map((step) => workflow.indexOf(step));
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at).not.toContain(-1);
    expect(workflow).toContain('id-token: write');
    expect(workflow).not.toMatch(/secrets\.|if: always|continue-on-error/);
    const app = textOf(folder, 'app.mjs');
    expect(app).toContain("new GitHubBuildRole(stack, 'Builder', { repository: 'octocat@1/shop@2' })");
    expect(app).toContain('paddlewheel.grantReport(builder)');
    expect(text).toContain('aws iam create-open-id-connect-provider');
    expect(text).toContain('runs the scripts "build" and "deploy" of package.json');
  });
});
