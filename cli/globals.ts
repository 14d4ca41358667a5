/** What every command takes, wherever it stands: which installation is meant, in which region, with whose credentials. */
import { DEFAULT_PREFIX } from '../lambdas/contract.ts';

type Env = Readonly<Record<string, string | undefined>>;

export const GLOBALS = {
  prefix: 'which installation is meant, where there are several (default: $PADDLEWHEEL_PREFIX, or paddlewheel)',
  region: 'the AWS region that it is in (default: $AWS_REGION, or what the profile says)',
  profile: 'the profile of the AWS configuration to use (default: $AWS_PROFILE)',
} as const;
type Global = keyof typeof GLOBALS;

export interface Globals {
  readonly prefix: string;
  /** For AWS's clients, which read them in the environment. */
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** The command, and what belongs to it. */
  readonly rest: readonly string[];
}

/** Behind `--` everything belongs to somebody else's command. */
export function globalsOf(args: readonly string[], env: Env): Globals {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const given: Partial<Record<Global, string>> = {};
  const rest: string[] = [];
  for (let at = 0; at < end; at += 1) {
    const [, name, value] = /^--(prefix|region|profile)(?:=(.*))?$/.exec(args[at] ?? '') ?? [];
    const said = value ?? args[at + 1];
    if (name === undefined) {
      rest.push(args[at] ?? '');
      continue;
    }
    const isSaid = said && (value !== undefined || (at + 1 < end && !said.startsWith('-')));
    // Alone, so that this and nothing else is complained about.
    if (!isSaid) return { prefix: DEFAULT_PREFIX, env: {}, rest: [`--${name}`] };
    given[name as Global] = said;
    if (value === undefined) at += 1;
  }
  const { prefix, region, profile } = given;
  return {
    prefix: prefix ?? (env.PADDLEWHEEL_PREFIX || DEFAULT_PREFIX),
    env: {
      ...(region && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
      ...(profile && { AWS_PROFILE: profile }),
    },
    rest: [...rest, ...args.slice(end)],
  };
}

/** As the AWS CLI reads them: an empty variable is none, and the default region counts. AWS's clients do neither. */
export function settle(env: Partial<Record<string, string>>): void {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ENDPOINT_URL', ...KEYS])
    if (env[name]?.trim() === '') delete env[name];
  if (env.AWS_REGION === undefined && env.AWS_DEFAULT_REGION !== undefined) env.AWS_REGION = env.AWS_DEFAULT_REGION;
}

/** Keys in the environment stand in the way of a profile that somebody names. */
export const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
