/** An empty folder, from the tarball to a rotated token: what a new user types, in this order, with the time that each takes. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { environmentFor, LOCAL_ACCOUNT, type LocalAws, REGION, startLocalAws } from '../../local/aws.ts';
import { Installation } from '../../local/installation.ts';
import { type PaddleSimulator, startPaddleSimulator } from '../../local/paddle/simulator.ts';
import { eventually } from '../e2e/eventually.ts';
import { type Manager, type NodeMajor, nodeOf, outside, pnpm, type Ran, run } from './tools.ts';

/** Looked for as often as a person would, nearly. */
const POLL_MS = 3_000;

export type Kind = 'esm' | 'cjs';
export type Told = (line: string) => void;

/** As `init` writes it, said in CommonJS. */
const CJS_APP = `const { App, Stack } = require('aws-cdk-lib');
const { Paddlewheel, defineConfig } = require('paddlewheel');
const configuration = defineConfig({
  accounts: { sandbox: { environment: 'sandbox', apiKey: { secret: 'paddlewheel/sandbox/api-key' } } },
  integrations: [{ name: 'shop', account: 'sandbox', rotate: { every: '30 days' }, publishTo: [{ ssmParameter: '/paddle/shop/client-token' }] }],
});
const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };
new Paddlewheel(new Stack(new App(), 'Paddlewheel', { env }), 'Paddlewheel', configuration);
`;

export class Stranger {
  readonly folder: string;
  readonly #manager: Manager;
  readonly #told: Told;
  /** Commands typed so far. */
  commands = 0;

  private constructor(folder: string, manager: Manager, told: Told) {
    this.folder = folder;
    this.#manager = manager;
    this.#told = told;
  }

  static async arrives(manager: Manager, told: Told): Promise<Stranger> {
    const folder = path.join(await mkdtemp(path.join(tmpdir(), 'paddlewheel-stranger-')), 'shop');
    await mkdir(folder);
    return new Stranger(folder, manager, told);
  }

  leaves = () => rm(path.dirname(this.folder), { recursive: true, force: true });

  /** Runs and times one command, as it would be typed. */
  async #types(shown: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
    this.commands += 1;
    const begun = Date.now();
    const ran = await run(command, args, { cwd: this.folder, env });
    this.#told(`  ${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${shown}`);
    return ran;
  }

  async #environment(node: NodeMajor, aws?: LocalAws, paddle?: PaddleSimulator): Promise<NodeJS.ProcessEnv> {
    const base = outside(aws ? environmentFor(aws) : process.env);
    // Nothing of this project may help: neither its tools on the path nor what npm has set for its scripts.
    const own = (base.PATH ?? '').split(path.delimiter).filter((part) => !part.includes('node_modules'));
    return {
      ...base,
      PATH: [await nodeOf(node), ...own].join(path.delimiter),
      PADDLEWHEEL_PADDLE_URL: paddle?.url,
      CI: '1',
      NO_COLOR: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
  }

  async #manage(shown: string, args: readonly string[], node: NodeMajor): Promise<void> {
    const env = await this.#environment(node);
    if (this.#manager === 'npm') await this.#types(`npm ${shown}`, 'npm', args, env);
    else await this.#types(`pnpm ${shown}`, 'node', [await pnpm(), ...args], env);
  }

  #bin = (name: 'cdk' | 'paddlewheel') => path.join(this.folder, 'node_modules', '.bin', name);

  async cdk(
    shown: string,
    args: readonly string[],
    node: NodeMajor,
    aws?: LocalAws,
    paddle?: PaddleSimulator,
  ): Promise<Ran> {
    return this.#types(`npx cdk ${shown}`, this.#bin('cdk'), args, await this.#environment(node, aws, paddle));
  }

  async paddlewheel(args: readonly string[], node: NodeMajor, aws?: LocalAws): Promise<Ran> {
    return this.#types(
      `npx paddlewheel ${args.join(' ')}`,
      this.#bin('paddlewheel'),
      args,
      await this.#environment(node, aws),
    );
  }

  /** The tarball stands for the registry's package. */
  async installs(tarball: string, node: NodeMajor, initOptions: readonly string[] = []): Promise<void> {
    await copyFile(tarball, path.join(this.folder, 'paddlewheel.tgz'));
    const add = this.#manager === 'npm' ? ['install', '--save-dev'] : ['add', '--save-dev'];
    await this.#manage(`${add.join(' ')} ./paddlewheel.tgz`, [...add, './paddlewheel.tgz'], node);
    const { out } = await this.paddlewheel(['init', '--yes', ...initOptions], node);
    const [, specs = ''] = /(?:npm install|pnpm add) --save-dev (.*)/.exec(out) ?? [];
    const lacking = [...specs.matchAll(/'([^']+)'/g)].map(([, spec]) => String(spec));
    if (lacking.length === 0) throw new Error(`init did not say what else to install:\n${out}`);
    await this.#manage(`${add.join(' ')} ${lacking.join(' ')}`, [...add, ...lacking], node);
    await writeFile(path.join(this.folder, 'app.cjs'), CJS_APP);
    const site = CJS_APP.replace(
      "account: 'sandbox', rotate",
      "account: 'sandbox', sites: ['https://example.com/'], rotate",
    );
    await writeFile(path.join(this.folder, 'site.cjs'), site);
  }

  async synthesizes(kind: Kind, node: NodeMajor): Promise<void> {
    const app = kind === 'cjs' ? ['--app', 'node app.cjs'] : [];
    await this.cdk('synth', ['synth', '--quiet', '--output', `cdk.out.${kind}.${node}`, ...app], node);
    await this.paddlewheel(['--help'], node);
  }

  /** Deploys to a local AWS of its own, waits for the first token, rotates, and takes the token as a build does. */
  async rotates(kind: Kind, node: NodeMajor, byItself: boolean): Promise<void> {
    const stops: (() => Promise<void>)[] = [];
    try {
      const aws = await startLocalAws();
      stops.push(() => aws.stop());
      const paddle = await startPaddleSimulator({ quirks: { rateLimit: null } });
      stops.push(() => paddle.stop());
      const outputs = path.join(this.folder, 'outputs.json');
      const installation = new Installation(aws, {});
      this.commands += 1;
      await installation.putSecret('paddlewheel/sandbox/api-key', JSON.stringify({ api_key: paddle.apiKey }));
      const app = kind === 'cjs' ? ['--app', 'node app.cjs'] : [];
      const common = [...app, '-c', `paddlewheel:emulator=${aws.url}`, '--output', `cdk.out.${kind}.${node}`];
      await this.#bootstraps(node, aws, byItself ? common : undefined);
      const unattended = ['--require-approval', 'never', '--progress', 'events', '--outputs-file', outputs];
      await this.cdk('deploy', ['deploy', 'Paddlewheel', ...unattended, ...common], node, aws, paddle);
      const told = JSON.parse(await readFile(outputs, 'utf8')).Paddlewheel as Record<string, string>;
      if (!/^sandbox: registered/.test(told.PaddlewheelWebhooks ?? '')) throw new Error(JSON.stringify(told));
      await this.#firstToken(node, aws, byItself);
      await this.#secondToken(node, aws, paddle);
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  }

  /** As it is typed, in the folder of the app, which is synthesized for it; or beside it, which is quicker. */
  async #bootstraps(node: NodeMajor, aws: LocalAws, options: readonly string[] | undefined): Promise<void> {
    const args = ['bootstrap', `aws://${LOCAL_ACCOUNT}/${REGION}`];
    if (options) await this.cdk('bootstrap', [...args, ...options], node, aws);
    else await run(this.#bin('cdk'), args, { cwd: path.dirname(this.folder), env: await this.#environment(node, aws) });
  }

  async #firstToken(node: NodeMajor, aws: LocalAws, byItself: boolean): Promise<void> {
    const env = await this.#environment(node, aws);
    const current = async () => {
      await sleep(POLL_MS);
      const { out } = await run(this.#bin('paddlewheel'), ['status', 'shop', '--json'], { cwd: this.folder, env });
      return (JSON.parse(out) as { token?: { id: string } }).token?.id;
    };
    if (!byItself) await this.paddlewheel(['reconcile', 'shop'], node, aws);
    this.commands += 1;
    const begun = Date.now();
    const id = await eventually('the first token', current);
    this.#told(
      `  ${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  npx paddlewheel status shop, until it names ${id}`,
    );
  }

  async #secondToken(node: NodeMajor, aws: LocalAws, paddle: PaddleSimulator): Promise<void> {
    const { out } = await this.paddlewheel(['rotate', 'shop', '--reason', 'a first try', '--json'], node, aws);
    const { outcome, token } = JSON.parse(out) as { outcome: string; token: { id: string } };
    const there = paddle.control.state().tokens.find(({ id }) => id === token.id);
    const published = await new SSMClient(new Installation(aws, {}).clientSettings).send(
      new GetParameterCommand({ Name: '/paddle/shop/client-token' }),
    );
    const build = ['exec', 'shop', '--consumer', 'website', '--build', '1', '--', 'node', '-p'];
    const built = await this.paddlewheel([...build, 'process.env.PADDLE_CLIENT_TOKEN'], node, aws);
    const seen = { outcome, status: there?.status, published: published.Parameter?.Value, built: built.out.trim() };
    const wanted = { outcome: 'rotated', status: 'active', published: there?.token, built: there?.token };
    if (JSON.stringify(seen) !== JSON.stringify(wanted))
      throw new Error(`${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
    const all = await this.paddlewheel(['status'], node, aws);
    const trail = await this.paddlewheel(['audit', 'shop'], node, aws);
    if (!all.out.includes(token.id) || !trail.out.includes(token.id)) throw new Error(`${all.out}\n${trail.out}`);
    this.#told(`            rotated: ${token.id} is active at Paddle, published, and what a build gets`);
  }
}
