/**
 * The package as `npm pack` makes it, without what the registry would add: as an ES module and as CommonJS it is the same
 * construct, and its command line speaks to what is deployed. `npm run test:package` has the whole of it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { SchemaName } from '../../cli/schemas/commands.ts';
import { environmentFor } from '../../local/aws.ts';
import { PROJECT } from '../../local/python.ts';
import { schemaFaults } from '../cli/schema-faults.ts';
import { outside, pack, run } from '../package/tools.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'paddlewheel-package-'));
const shop = path.join(scratch, 'shop');
const inShop = (...names: readonly string[]) => path.join(shop, ...names);
const bin = inShop('node_modules', 'paddlewheel', 'cli', 'bin.mjs');
const types = (args: readonly string[], env: NodeJS.ProcessEnv = outside()) =>
  run(process.execPath, args, { cwd: shop, env });

let stack: Stack;
beforeAll(async () => {
  const [connected, tarball] = await Promise.all([connectStack(), pack(scratch)]);
  stack = connected;
  mkdirSync(inShop('node_modules'), { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', scratch], { cwd: scratch, env: process.env });
  await run('mv', [path.join(scratch, 'package'), inShop('node_modules', 'paddlewheel')], {
    cwd: scratch,
    env: process.env,
  });
  for (const name of ['aws-cdk-lib', 'constructs'])
    symlinkSync(path.join(PROJECT, 'node_modules', name), inShop('node_modules', name));
}, START_MS);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('begins a project in which ES modules and CommonJS give the same template', async () => {
  await types([bin, 'init', '--yes']);
  writeFileSync(
    inShop('app.cjs'),
    `const { App, Stack } = require('aws-cdk-lib');
    const { Paddlewheel } = require('paddlewheel');
    const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };
    import('./paddlewheel.config.mjs').then(({ default: configuration }) => {
      const app = new App();
      new Paddlewheel(new Stack(app, 'Paddlewheel', { env }), 'Paddlewheel', configuration);
      app.synth();
    });`,
  );
  const templateOf = async (app: string) => {
    const env = { ...outside(), CDK_OUTDIR: inShop(`${app}.out`), CDK_VALIDATION: 'false' };
    await types([app], { ...env, CDK_DEFAULT_ACCOUNT: '123456789012', CDK_DEFAULT_REGION: 'eu-west-1' });
    return readFileSync(inShop(`${app}.out`, 'Paddlewheel.template.json'), 'utf8');
  };
  const [module, common] = await Promise.all([templateOf('app.mjs'), templateOf('app.cjs')]);
  expect(JSON.parse(module).Outputs).toHaveProperty('PaddlewheelWebhooks');
  expect(common).toBe(module);
});

test('both entry points lead to the same class, and to all that is exported', async () => {
  const script = `const required = require('paddlewheel');
    import('paddlewheel').then((imported) => console.log(JSON.stringify({
      names: Object.keys(required).sort(), same: Object.keys(required).every((name) => required[name] === imported[name]),
    })));`;
  const { out } = await types(['-e', script]);
  expect(JSON.parse(out)).toEqual({
    names: ['ConfigError', 'GitHubBuildRole', 'Paddlewheel', 'defineConfig'],
    same: true,
  });
});

test('the compiled command line speaks to what is deployed, and what it prints is what the shipped schemas say', async () => {
  await stack.firstToken('by-schedule');
  const env = outside(environmentFor(stack.coordinates.aws));
  const ask = async (schema: SchemaName, line: string) => {
    const { out } = await types([bin, ...line.split(' '), '--json'], env);
    const shipped = readFileSync(inShop('node_modules/paddlewheel/docs/schemas', `${schema}.json`), 'utf8');
    const check = new Ajv2020({ strict: false }).compile(JSON.parse(shipped));
    for (const printed of schema === 'audit' ? out.trim().split('\n') : [out])
      expect([line, check(JSON.parse(printed)), schemaFaults(schema, printed)]).toEqual([line, true, []]);
    return out;
  };
  const status = JSON.parse(await ask('status', 'status by-schedule'));
  expect(status).toMatchObject({ integration: 'by-schedule', token: { id: expect.stringMatching(/^ctkn_/) } });
  for (const name of ['why', 'plan', 'usage', 'audit'] as const) await ask(name, `${name} by-schedule`);
  await ask('rotate', 'rotate by-schedule --dry-run');
  const triggered = JSON.parse(await ask('trigger', `trigger --account ${status.account}`));
  expect(triggered).toMatchObject({ outcome: 'stored', status: 200 });
});

test('nothing of the sources and the tests is in it, and the licences of all that is', async () => {
  const { out } = await types([
    '-p',
    'require("fs").readdirSync("node_modules/paddlewheel", { recursive: true }).join("\\n")',
  ]);
  const files = out.split('\n').map((file) => file.replaceAll(path.sep, '/'));
  expect(
    files.filter(
      (file) => /^(lambdas|infra|local|test|bench|packaging)\/|\.ts$/.test(file) && !/\.d\.[cm]?ts$/.test(file),
    ),
  ).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'docs/runbook.md',
      'dist/THIRD-PARTY-NOTICES.txt',
      'dist/sbom.cdx.json',
    ]),
  );
});

test('nothing in it asks for more than the oldest Node has: packaging/older-node.ts stands in', async () => {
  const newer =
    /\b(URL\.parse|Array\.fromAsync|Promise\.(withResolvers|try)|(Object|Map)\.groupBy|RegExp\.escape|Iterator\.from|Symbol\.asyncDispose)\b/g;
  const found = [
    'index.cjs',
    ...readdirSync(inShop('node_modules/paddlewheel/dist/cli')).map((file) => `cli/${file}`),
  ].flatMap((file) =>
    [...readFileSync(inShop('node_modules/paddlewheel/dist', file), 'utf8').matchAll(newer)].map(
      ([name]) => `${name} in ${file}`,
    ),
  );
  expect(found).toEqual([]);
});
