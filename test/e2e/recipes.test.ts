/** What docs/recipes.md shows, run as it stands there: real tools build, and the ledger knows of the build and of its deployment. */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { workflowText } from '../../cli/init-files.ts';
import { environmentFor, nodeFolder } from '../../local/aws.ts';
import { LOCAL, PROJECT } from '../../local/python.ts';
import { outside, run } from '../package/tools.ts';
import { read, snippetsOf } from '../project/snippets.ts';
import { connectStack, START_MS, type Stack } from './stack.ts';

const PAGE = 'docs/recipes.md';
const INTEGRATION = 'pricing-page';
const CONSUMER = 'website';
const SITES = path.join(LOCAL, 'recipes');

/** What stands under one heading: shell, and files by the names that their first lines give. */
function recipe(heading: string): { sh: string; files: Readonly<Record<string, string>> } {
  const lines = read(PAGE).split('\n');
  const begin = lines.indexOf(`## ${heading}`) + 1;
  const rest = lines.findIndex((line, index) => index >= begin && line.startsWith('## '));
  const end = rest === -1 ? lines.length : rest;
  const own = snippetsOf(PAGE).filter(({ at }) => Number(at.split(':')[1]) > begin && Number(at.split(':')[1]) < end);
  const named = own.flatMap(({ text }): [string, string][] => {
    const [, name] = /^(?:\/\/|#|<!--) ([\w./-]+\.\w+)/.exec(text) ?? [];
    return name ? [[name, text]] : [];
  });
  return { sh: own.find(({ language }) => language === 'sh')?.text ?? '', files: Object.fromEntries(named) };
}

/** The rest of somebody's project: what a page about tokens does not have to show. */
const project = (build: string, output: string) => ({
  'package.json': JSON.stringify({
    ...{ name: 'shop', private: true, type: 'module' },
    scripts: { build, deploy: `cp -R ${output} live` },
    devDependencies: { paddlewheel: 'file:../../..' },
  }),
  'package-lock.json': JSON.stringify({
    ...{ name: 'shop', lockfileVersion: 3, requires: true },
    packages: {
      '': { name: 'shop', devDependencies: { paddlewheel: 'file:../../..' } },
      '../../..': JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')),
      'node_modules/paddlewheel': { resolved: '../../..', link: true },
    },
  }),
});

let stack: Stack;
beforeAll(async () => {
  stack = await connectStack();
  await stack.firstToken(INTEGRATION);
}, START_MS);
afterAll(() => rmSync(SITES, { recursive: true, force: true }));

function write(name: string, files: Readonly<Record<string, string>>): string {
  const folder = path.join(SITES, name);
  rmSync(folder, { recursive: true, force: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

/** What `npm ci` does to a project, for the recipes that do not begin with it. */
function install(folder: string): void {
  mkdirSync(path.join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(path.join(PROJECT, 'cli', 'bin.mjs'), path.join(folder, 'node_modules', '.bin', 'paddlewheel'));
}

/** As a pipeline does it: what fails ends it. */
async function shell(cwd: string, script: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const { NODE_ENV: _, ...base } = outside(environmentFor(stack.coordinates.aws));
  const PATH = [nodeFolder(), base.PATH].join(path.delimiter);
  // Nothing is fetched: all that is asked for is there.
  const quiet = { NEXT_TELEMETRY_DISABLED: '1', npm_config_offline: 'true', npm_config_audit: 'false' };
  const env = { ...base, ...more, ...quiet, PATH };
  await run('bash', ['-e', '-c', script], { cwd, env });
}

/** The files that hold the token. */
const holders = (folder: string, token: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile() && readFileSync(path.join(file.parentPath, file.name), 'utf8').includes(token),
  );

/** In the files that went live, and as the last word in the ledger. */
async function mustBeLive(folder: string, { id, value }: { id: string; value: string }): Promise<void> {
  expect(holders(path.join(folder, 'live'), value).length).toBeGreaterThan(0);
  const { consumers } = await stack.ask(INTEGRATION, { action: 'status' });
  const word = (consumers as { consumer: string }[]).find(({ consumer }) => consumer === CONSUMER);
  expect(word).toMatchObject({ tokenId: id, isDeployed: true, build: expect.stringMatching(/^sha256:/) });
}

const PLAIN = () => recipe('Plain HTML').files;
const PLAIN_BUILD =
  'mkdir -p dist && sed "s/%PADDLE_CLIENT_TOKEN%/$PADDLE_CLIENT_TOKEN/" index.template.html > dist/index.html';

test('plain HTML', async () => {
  const { sh } = recipe('Plain HTML');
  const { fresh } = await stack.rotate(INTEGRATION);
  const folder = write('html', { ...project('true', 'dist'), ...PLAIN() });
  install(folder);
  await shell(folder, sh);
  await mustBeLive(folder, fresh);
});

test('Vite', async () => {
  const { sh, files } = recipe('Vite');
  const { fresh } = await stack.rotate(INTEGRATION);
  const page = '<!doctype html><title>Shop</title><script type="module" src="/src/main.js"></script>';
  const folder = write('vite', { ...project('vite build', 'dist'), 'index.html': page, ...files });
  install(folder);
  await shell(folder, sh);
  await mustBeLive(folder, fresh);
});

test('Next.js', async () => {
  const { sh, files } = recipe('Next.js');
  const { fresh } = await stack.rotate(INTEGRATION);
  const rest = {
    'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
    'app/page.jsx': "import { Checkout } from './checkout';\nexport default () => <Checkout />;",
  };
  const folder = write('next', { ...project('next build', 'out'), ...rest, ...files });
  install(folder);
  await shell(folder, sh);
  await mustBeLive(folder, fresh);
}, 300_000);

test('CodeBuild', async () => {
  const { files } = recipe('CodeBuild');
  const { phases } = parse(files['buildspec.yml'] ?? '');
  const commands: string[] = Object.values(phases as Record<string, { commands: string[] }>).flatMap(
    (phase) => phase.commands,
  );
  expect(commands).toHaveLength(5);
  const { fresh } = await stack.rotate(INTEGRATION);
  const folder = write('codebuild', { ...project(PLAIN_BUILD, 'dist'), ...PLAIN() });
  await shell(folder, commands.join('\n'));
  await mustBeLive(folder, fresh);
});

test('GitHub Actions, by the workflow that init writes', async () => {
  const [[name = '', text = ''] = []] = Object.entries(recipe('GitHub Actions').files);
  const answers = { name: INTEGRATION, environment: 'sandbox', parameter: '/x', github: 'octocat/shop' } as const;
  expect(text).toBe(`# ${name}\n${workflowText(answers)}`);
  const { env, steps } = parse(text).jobs.build as { env: Record<string, string>; steps: { run?: string }[] };
  const runs = steps.flatMap(({ run: line }) => (line === undefined ? [] : [line]));
  expect(runs).toHaveLength(5);
  const { fresh } = await stack.rotate(INTEGRATION);
  const folder = write('github', { ...project(PLAIN_BUILD, 'dist'), ...PLAIN() });
  // A shell for each step, as GitHub has it.
  for (const line of runs) await shell(folder, line, env);
  await mustBeLive(folder, fresh);
});

test('an output with the token of yesterday goes nowhere, whoever left it there', async () => {
  const { old } = await stack.rotate(INTEGRATION);
  const folder = write('stale', { ...project('true', 'dist'), ...PLAIN(), 'dist/index.html': `<b>${old.value}</b>` });
  install(folder);
  const { sh } = recipe('Plain HTML');
  const uncached = sh.replace(/^npx paddlewheel exec[\s\S]*?index\.html'\n/m, '');
  expect(uncached).not.toBe(sh);
  await expect(shell(folder, uncached)).rejects.toThrow(/must not go live/);
  expect(readdirSync(folder)).not.toContain('live');
});
