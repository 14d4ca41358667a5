/** What `cdk deploy` would send to AWS: the real synth, its own checks, cfn-lint, checkov, and a price for every type of resource. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type Linter, lintTemplate } from '../../infra/lint-template.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { environmentFor } from '../../local/aws.ts';
import { COMPILE_CACHE } from '../../local/deploy.ts';
import { CFN_LINT, installPythonTool, PROJECT } from '../../local/python.ts';
import { ACCEPTED, checkov, isAccepted } from './checkov.ts';
import { CODE_BYTES } from './lambda-envelope.ts';

const out = mkdtempSync(path.join(tmpdir(), 'paddlewheel-synth-'));
const inOut = (name: string) => path.join(out, name);
// biome-ignore lint/suspicious/noExplicitAny: files that others define
const readJson = (file: string): any => JSON.parse(readFileSync(file, 'utf8'));

/** As a person runs it, with no way to any account. */
async function synth(config: string, output: string): Promise<{ code: number; stderr: string }> {
  const cdk = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const env = {
    ...environmentFor({ env: { AWS_REGION: 'eu-west-1', AWS_EC2_METADATA_DISABLED: 'true' } }),
    PADDLEWHEEL_CONFIG: config,
    PADDLEWHEEL_BUNDLED: undefined,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    NO_COLOR: '1',
  };
  const child = spawn(process.execPath, [cdk, 'synth', '--quiet', '--output', output], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 600_000,
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, stderr };
}

describe('the synthesized template', () => {
  const file = inOut(`${NAMES.stack}.template.json`);
  let outcome: Awaited<ReturnType<typeof synth>>;
  let linter: Linter;

  beforeAll(async () => {
    const synthesized = synth('test/resources/two-accounts.config.ts', out);
    // Mostly waiting for the package index: side by side.
    const tools = Promise.all([installPythonTool('cfn-lint'), installPythonTool('checkov')]);
    outcome = await synthesized;
    const [{ commandLine, env }] = await tools;
    linter = { command: commandLine(...CFN_LINT), env };
  }, 900_000);
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  test('is there, and cdk-nag found nothing in it: a finding would have ended synth, and stood in the report', () => {
    expect(outcome).toMatchObject({ code: 0 });
    expect(readJson(inOut('validation-report.json'))).toMatchObject({ pluginReports: [] });
  });

  test('is clean for cfn-lint, which would have said what is wrong', () => {
    const broken = inOut('broken.json');
    const Queue = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeOut: 180 } };
    writeFileSync(broken, JSON.stringify({ Resources: { Queue } }));
    const findings = lintTemplate(linter, file, broken);
    expect(findings).toEqual([expect.stringMatching(/broken\.json:.*VisibilityTimeOut/)]);
  }, 600_000);

  test('has nothing for checkov to say but what is accepted with a reason, and it would have said more', async () => {
    const Open = {
      Type: 'AWS::Lambda::Permission',
      Properties: { Action: 'lambda:InvokeFunction', FunctionName: 'rotate', Principal: 'sns.amazonaws.com' },
    };
    const open = inOut('open.json');
    writeFileSync(open, JSON.stringify({ Resources: { Open } }));
    const [ours, broken] = await checkov(file, open);
    expect(ours?.unread).toEqual([]);
    expect(ours?.passed).toBeGreaterThan(150);
    expect(ours?.failed.filter(({ check }) => !isAccepted(check))).toEqual([]);
    // What nothing needs any more must go.
    expect([...new Set(ours?.failed.map(({ check }) => check))].sort()).toEqual(Object.keys(ACCEPTED).sort());
    expect(broken?.failed.filter(({ check }) => !isAccepted(check)).map(({ resource }) => resource)).toEqual([
      'AWS::Lambda::Permission.Open',
    ]);
  }, 900_000);

  test('has code that fits into Lambda, each function for itself', () => {
    const assets = readdirSync(out).filter((name) => name.startsWith('asset.') && statSync(inOut(name)).isDirectory());
    expect(assets.length).toBeGreaterThan(7);
    for (const asset of assets) {
      const files = readdirSync(inOut(asset), { recursive: true }).map((name) =>
        statSync(path.join(inOut(asset), `${name}`)),
      );
      const bytes = files.filter((file) => file.isFile()).reduce((sum, { size }) => sum + size, 0);
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThan(CODE_BYTES);
    }
  });

  test('is made of what docs/cost.md has a price for, and of nothing else', () => {
    const priced = [...readFileSync(path.join(PROJECT, 'docs/cost.md'), 'utf8').matchAll(/^\| `(\w+::[\w:]+)`/gm)];
    const types = Object.values<{ Type: string }>(readJson(file).Resources).map(({ Type }) => Type);
    expect([...new Set(types)].sort()).toEqual(priced.map(([, type]) => type).sort());
  });

  test('is not made of a faulty configuration: synth stops', async () => {
    const faulty = inOut('faulty.config.ts');
    writeFileSync(faulty, 'export default { accounts: {}, integrations: [], grace: 0 };');
    const { code, stderr } = await synth(faulty, inOut('faulty'));
    expect(code).not.toBe(0);
    expect(stderr).toContain('grace');
  }, 600_000);
});
