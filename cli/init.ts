/** `paddlewheel init`: a configuration, a small CDK app where there is none, and a workflow if one is wished. Overwrites nothing. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Answers,
  apiKeySecret,
  appText,
  CDK_JSON,
  configurationText,
  GITIGNORE,
  integrationText,
  manifestText,
  workflowText,
} from './init-files.ts';
import { type FoundConfiguration, inWords, lookAround, type Project } from './init-found.ts';
import { type CliIo, EXIT, UsageError } from './io.ts';
import { type OwnManifest, ownManifest } from './own-manifest.ts';

export interface InitOptions {
  readonly name?: string;
  readonly environment?: string;
  readonly parameter?: string;
  readonly site?: string;
  readonly github?: string;
  /** Takes the defaults for what is not said. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const PARAMETER = /^(?!\/?(?:aws|ssm))(?:(?:\/[\w.-]+){1,15}|[\w.-]+)$/i;
const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$|^[\w.-]{1,100}@\d{1,20}\/[\w.-]{1,100}@\d{1,20}$/;
const isPage = (text: string) => text === '' || (/^[\x21-\x7e]+$/.test(text) && URL.parse(text)?.protocol === 'https:');

interface Question {
  readonly key: keyof Answers;
  readonly ask: string;
  readonly fallback: (known: Partial<Answers>) => string;
  readonly good: (text: string) => boolean;
  readonly remedy: string;
}

const questions = (folder: string): readonly Question[] => [
  {
    key: 'name',
    ask: 'What takes payments? A name for it, such as pricing-page',
    fallback: () => nameOf(folder),
    good: (text) => NAME.test(text),
    remedy: 'lower-case letters, digits and hyphens, at most 63, and no hyphen at the beginning',
  },
  {
    key: 'environment',
    ask: "Paddle's sandbox or live",
    fallback: () => 'sandbox',
    good: (text) => ['sandbox', 'live'].includes(text),
    remedy: 'sandbox or live',
  },
  {
    key: 'parameter',
    ask: 'Where should the token be published? A parameter of SSM',
    fallback: ({ name }) => `/paddle/${name}/client-token`,
    good: (text) => PARAMETER.test(text),
    remedy:
      'letters, digits and . _ - in levels, such as /paddle/pricing-page/client-token; not beginning with aws or ssm',
  },
  {
    key: 'site',
    ask: 'A page that uses the token, to be looked at before an old one is revoked (https://…; empty: none)',
    fallback: () => '',
    good: isPage,
    remedy: 'an address that begins with https://, or nothing',
  },
  {
    key: 'github',
    ask: 'Does GitHub build it? The repository, owner/name, for a workflow (empty: no workflow)',
    fallback: () => '',
    good: (text) => text === '' || REPOSITORY.test(text),
    remedy: 'owner/name, owner@123/name@456 with the numbers of GitHub, or nothing',
  },
];

/** A folder's name, as near as an integration may be called. */
function nameOf(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 63);
  return NAME.test(name) ? name : 'website';
}

const TRIES = 3;

async function answerTo(question: Question, options: InitOptions, known: Partial<Answers>, io: CliIo): Promise<string> {
  const { key, ask, fallback, good, remedy } = question;
  const given = options[key];
  if (given !== undefined) {
    if (good(given)) return given;
    throw new UsageError(`--${key} "${given}": ${remedy}`);
  }
  const usual = fallback(known);
  if (options.yes) return usual;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await io.ask(`${ask}${usual ? ` [${usual}]` : ''}: `);
    if (answer === undefined)
      throw new UsageError(
        'Nobody is there to answer: give --yes for the defaults, and options for what you want otherwise.',
      );
    const text = answer.trim() || usual;
    if (good(text)) return text;
    io.err(`  ${remedy}\n`);
  }
  throw new UsageError(`${ask}: ${remedy}`);
}

/** @returns 0 when all that was missing was written, or told where a configuration is there already */
export async function init(options: InitOptions, io: CliIo, folder = process.cwd()): Promise<number> {
  const project = await lookAround(folder);
  const { found } = project;
  const known: Record<string, string> = {};
  // Where there is a configuration, nobody is asked for another one.
  const given = found ? { ...found.first, ...options, yes: true } : options;
  for (const question of questions(folder)) {
    const answer = await answerTo(question, given, known, io);
    if (answer !== '') known[question.key] = answer;
  }
  const answers = known as unknown as Answers;
  const files = filesFor(answers, project, ownManifest());
  const isOnlyTold = found !== undefined && !options.yes;
  const [written, kept, missing]: [string[], string[], string[]] = [[], [], []];
  for (const [file, text] of files) {
    if (isOnlyTold) (existsSync(path.join(folder, file)) ? kept : missing).push(file);
    else ((await writeNew(folder, file, text)) ? written : kept).push(file);
  }
  const further = furtherOf(answers, options, found);
  const next = isOnlyTold ? further : [...further, ...nextSteps(answers, project)];
  if (options.json) {
    const { first: _, ...there } = found ?? { first: {} };
    const configuration = found ? { configuration: there } : {};
    io.out(`${JSON.stringify({ ...configuration, written, kept, missing, next }, null, 2)}\n`);
    return EXIT.done;
  }
  if (found) io.out(`${inWords(found)}\n\n`);
  for (const file of files.map(([name]) => name)) io.out(lineOf(file, { written, kept }));
  io.out(`\n${[...after({ isOnlyTold, kept, missing }), ...numbered(next)].join('\n')}\n`);
  return EXIT.done;
}

const lineOf = (file: string, { written, kept }: { written: readonly string[]; kept: readonly string[] }): string =>
  written.includes(file)
    ? `wrote    ${file}\n`
    : kept.includes(file)
      ? `is there ${file}: left as it is\n`
      : `missing  ${file}: would be written\n`;

function after(what: { isOnlyTold: boolean; kept: readonly string[]; missing: readonly string[] }): readonly string[] {
  const { isOnlyTold, kept, missing } = what;
  if (isOnlyTold && missing.length === 0) return ['Nothing is missing, and nothing was written.'];
  if (isOnlyTold) return ['Nothing was written. --yes writes what is missing, and overwrites nothing.'];
  return kept.length > 0
    ? [`Not written, because it was there: ${kept.join(', ')}. Compare it with docs/install.md.`, '']
    : [];
}

/** An integration that somebody names and that the configuration has not: people edit their configuration themselves. */
function furtherOf(answers: Answers, { name }: InitOptions, found: FoundConfiguration | undefined): readonly string[] {
  if (!found || name === undefined || found.integrations.includes(name)) return [];
  return [
    [`Add this to the integrations of ${found.file}:`, ...integrationText(answers).trimEnd().split('\n')].join('\n'),
  ];
}

const needed = ({ version, peerDependencies, devDependencies }: OwnManifest): Readonly<Record<string, string>> => ({
  'aws-cdk': `^${devDependencies['aws-cdk']}`,
  ...peerDependencies,
  paddlewheel: `^${version}`,
});

function filesFor(answers: Answers, project: Project, own: OwnManifest): readonly (readonly [string, string])[] {
  const { configuration, hasApp, manifest, folder } = project;
  return [
    [configuration, configurationText(answers)],
    ...(hasApp
      ? []
      : ([
          ['app.mjs', appText(answers, configuration)],
          ['cdk.json', CDK_JSON],
        ] as const)),
    ...(manifest ? [] : ([['package.json', manifestText(nameOf(folder), needed(own))]] as const)),
    ...(manifest || hasApp ? [] : ([['.gitignore', GITIGNORE]] as const)),
    ...(answers.github ? ([['.github/workflows/client-side-token.yml', workflowText(answers)]] as const) : []),
  ];
}

/** @returns false when there is such a file already, which stays */
async function writeNew(folder: string, name: string, text: string): Promise<boolean> {
  const file = path.join(folder, name);
  const failed = (error: NodeJS.ErrnoException) => {
    throw new Error(`${name} cannot be written: ${error.code ?? error.message}. May you write here?`, { cause: error });
  };
  await mkdir(path.dirname(file), { recursive: true }).catch(failed);
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return failed(error as NodeJS.ErrnoException);
  }
}

function missing({ manifest }: Project): readonly string[] {
  const kinds = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
  const there = new Set(kinds.flatMap((kind) => Object.keys((manifest?.[kind] ?? {}) as object)));
  return manifest
    ? Object.entries(needed(ownManifest())).flatMap(([name, range]) => (there.has(name) ? [] : [`${name}@${range}`]))
    : [];
}

/** Each may have several lines. */
function nextSteps(answers: Answers, project: Project): readonly string[] {
  const { manager, hasApp, manifest, configuration } = project;
  const lacking = missing(project).map((spec) => `'${spec}'`);
  const add = { npm: 'npm install --save-dev', pnpm: 'pnpm add --save-dev', yarn: 'yarn add --dev' }[manager];
  const run = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn' }[manager];
  const shown = configuration.replace(/\.ts$/, '');
  const key = answers.environment === 'live' ? 'pdl_live_apikey_…' : 'pdl_sdbx_apikey_…';
  const steps = [
    ...(lacking.length > 0 ? [[`${add} ${lacking.join(' ')}`]] : []),
    ...(manifest ? [] : [[`${manager} install`]]),
    ...(hasApp
      ? [
          [
            'Add the construct to one of your stacks:',
            "  import { Paddlewheel } from 'paddlewheel';",
            `  import configuration from './${shown}';`,
            "  const paddlewheel = new Paddlewheel(this, 'Paddlewheel', configuration);",
            ...(answers.github
              ? [
                  "  // and, with GitHubBuildRole from 'paddlewheel', what the workflow needs:",
                  `  paddlewheel.grantReport(new GitHubBuildRole(this, 'Builder', { repository: '${answers.github}' }));`,
                ]
              : []),
          ],
        ]
      : []),
    [
      'Make an API key at Paddle (Developer tools > Authentication) with client_token.write, notification_setting.write,',
      'notification.read and notification_simulation.write, and keep it:',
      `  aws secretsmanager create-secret --name ${apiKeySecret(answers)} --secret-string '{"api_key":"${key}"}'`,
    ],
    [`${run} cdk bootstrap, once for the account and region, and ${run} cdk deploy`],
    ...(answers.github ? [githubSteps(hasApp)] : []),
    [`A minute later, ${run} paddlewheel status ${answers.name} names the first token.`],
  ];
  return steps.map((lines) => lines.join('\n'));
}

const numbered = (steps: readonly string[]): readonly string[] =>
  steps.length === 0 ? [] : ['Next:', ...steps.map((step, index) => `${index + 1}. ${step.replaceAll('\n', '\n   ')}`)];

const githubSteps = (hasApp: boolean): readonly string[] => [
  `At GitHub, set the variables AWS_REGION and PADDLEWHEEL_ROLE${hasApp ? ', the ARN of that role' : ' (the output BuilderRole)'}. The account needs GitHub as an`,
  'identity provider, once:',
  '  aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com',
  'The workflow runs the scripts "build" and "deploy" of package.json, and looks at what the build wrote, in dist: change the',
  'workflow (OUTPUT) where yours are called otherwise.',
];
