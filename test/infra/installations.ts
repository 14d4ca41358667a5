/** Installations from ten integrations to ten thousand, and what of their templates is beyond AWS's limits. */
import { ConfigError, parseConfig } from '../../infra/config.ts';
import { beyondLimits } from './limits.ts';
import type { Template } from './resolved-template.ts';
import { synthesize } from './synth.ts';

export const NAMING = {
  'a folder for each': (index: number) => [`/paddle/shop-${index}/client-token`, `paddle/shop-${index}/client-token`],
  'no folder': (index: number) => [`shop-${index}-client-token`, `shop-${index}-client-token`],
  'folders of regions': (index: number) => [
    `/paddle/eu/${index % 7}/shop-${index}`,
    `paddle/eu/${index % 7}/shop-${index}`,
  ],
} as const;
export type Naming = keyof typeof NAMING;
export const COUNTS = [10, 41, 100, 130, 260, 1_000, 10_000] as const;
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const BUILDER = 'arn:aws:iam::123456789012:role/builder';
const EVERYTHING = {
  accessPolicies: true,
  usageFromCloudTrail: true,
  archive: { keepFor: '365 days' },
  alarms: { email: ['oncall@example.com'] },
  platform: { tags: { team: 'payments' } },
};

export function configured(count: number, naming: Naming, everything: boolean) {
  const integrations = Array.from({ length: count }, (_, index) => {
    const [ssmParameter = '', secret = ''] = NAMING[naming](index);
    const hook = {
      kind: 'webhook',
      url: index % 2 ? { secret: `hooks/${secret}` } : { ssmParameter: `/hooks/${index}/url` },
    };
    const former = [{ ssmParameter: `${ssmParameter}-of-old` }, { secret: `${secret}-of-old` }];
    const headers = {
      authorization: { secret: `${secret}-preview` },
      'x-preview': { ssmParameter: `${ssmParameter}-x` },
    };
    return {
      name: `shop-${index}`,
      account: 'main',
      rotate: { every: '30 days' },
      publishTo: [{ ssmParameter }, everything ? { secret, kmsKey: KEY } : { secret }],
      ...(everything ? { deployHooks: [hook], formerTargets: former } : {}),
      ...(everything ? { sites: [{ url: `https://shop-${index}.example.com/`, headers }] } : {}),
      // A stack has room for so many aliases.
      ...(everything && index < 50 ? { consumers: [{ name: `site-${index}`, role: BUILDER }] } : {}),
    };
  });
  const accounts = {
    main: {
      environment: 'live',
      apiKey: { secret: 'paddlewheel/main/api-key' },
      ...(everything ? { seen: true } : {}),
    },
  };
  return parseConfig({ accounts, integrations, ...(everything ? EVERYTHING : {}) }, {});
}

export interface Installation {
  readonly count: number;
  readonly naming: Naming;
  readonly everything: boolean;
}

interface Verdict {
  readonly beyond?: readonly string[];
  readonly refused?: string;
}

/** @returns for each what is beyond the limits, or the fault for which its configuration is refused */
export const judged = (all: readonly Installation[]): readonly Verdict[] => all.map(verdictOn);

function verdictOn({ count, naming, everything }: Installation): Verdict {
  let configuration: ReturnType<typeof configured>;
  try {
    configuration = configured(count, naming, everything);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { refused: error.message };
  }
  return { beyond: beyondLimits(synthesize({ configuration }).template.toJSON() as Template) };
}
