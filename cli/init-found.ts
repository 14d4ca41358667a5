/** What `paddlewheel init` finds where it is called: a CDK app, a manifest, and perhaps a configuration already. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Answers } from './init-files.ts';
import { UsageError } from './io.ts';

export interface Project {
  readonly folder: string;
  readonly hasApp: boolean;
  readonly manifest: { readonly [kind: string]: unknown } | undefined;
  /** The file's name: the one that is there, or else the one to be written. */
  readonly configuration: string;
  readonly manager: 'npm' | 'pnpm' | 'yarn';
  readonly found?: FoundConfiguration;
}

export interface FoundConfiguration {
  readonly file: string;
  /** Absent: it could not be read, and that is why. */
  readonly fault?: string;
  readonly accounts: readonly string[];
  readonly integrations: readonly string[];
  /** What a further file is to be written for, unless somebody says otherwise. */
  readonly first: Partial<Answers>;
}

const ENDINGS = ['ts', 'mts', 'cts', 'mjs', 'js', 'cjs'] as const;

export async function lookAround(folder: string): Promise<Project> {
  const has = (file: string) => existsSync(path.join(folder, file));
  const hasApp = has('cdk.json');
  const manifest = has('package.json') ? await manifestIn(folder) : undefined;
  const manager = has('pnpm-lock.yaml') ? 'pnpm' : has('yarn.lock') ? 'yarn' : 'npm';
  const there = ENDINGS.map((ending) => `paddlewheel.config.${ending}`).find(has);
  // An app of TypeScript compiles the configuration with it; ours runs as it is.
  const configuration = there ?? (hasApp && has('tsconfig.json') ? 'paddlewheel.config.ts' : 'paddlewheel.config.mjs');
  const found = there ? await read(folder, there) : undefined;
  return { folder, hasApp, manifest, configuration, manager, ...(found && { found }) };
}

async function manifestIn(folder: string): Promise<NonNullable<Project['manifest']>> {
  const text = await readFile(path.join(folder, 'package.json'), 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // Told below.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('package.json holds no object in JSON: mend it first. Nothing was written.');
  return value as NonNullable<Project['manifest']>;
}

interface Configuration {
  readonly accounts?: Readonly<Record<string, { readonly environment?: unknown }>>;
  readonly integrations?: readonly { readonly name?: unknown; readonly account?: unknown }[];
}

/** As the app does it. What cannot be read is no reason to say nothing. */
async function read(folder: string, file: string): Promise<FoundConfiguration> {
  try {
    const { default: config } = (await import(pathToFileURL(path.join(folder, file)).href)) as {
      default?: Configuration;
    };
    if (typeof config !== 'object' || config === null) throw new Error('it exports no configuration by default');
    const { accounts = {}, integrations = [] } = config;
    const [first] = integrations;
    const environment = accounts[String(first?.account)]?.environment;
    return {
      file,
      accounts: Object.keys(accounts),
      integrations: integrations.map(({ name }) => String(name)),
      first: {
        ...(first && { name: String(first.name) }),
        ...((environment === 'sandbox' || environment === 'live') && { environment }),
      },
    };
  } catch (error) {
    return { file, fault: faultOf(error), accounts: [], integrations: [], first: {} };
  }
}

function faultOf(error: unknown): string {
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing
    ? 'it imports what is not installed here. Install it first, and ask again.'
    : (message.split('\n')[0] ?? '');
}

const listed = (names: readonly string[]): string => (names.length > 0 ? names.join(', ') : 'none');

export const inWords = ({ file, fault, accounts, integrations }: FoundConfiguration): string =>
  fault === undefined
    ? `There is a configuration: ${file}. Accounts: ${listed(accounts)}. Integrations: ${listed(integrations)}.`
    : `There is a configuration: ${file}. What is in it could not be read: ${fault}`;
