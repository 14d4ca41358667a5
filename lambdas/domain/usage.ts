/** What a report of usage says, and of what: production, a preview, or nobody knows. Pure. */
import type { ConsumerSpec } from '../contract.ts';
import type { Instant, Reporter, Usage } from './model.ts';

/** Begins the name of a consumer that CloudTrail saw reading a target. Whoever reports for himself may not be called so. */
export const OBSERVED_PREFIX = 'cloudtrail:';

/** Where a build or a deployment says that it comes from, and where it goes. */
export interface Where {
  readonly branch?: string;
  readonly stage?: string;
}

/**
 * `production` counts for a revocation and against it. `unclear` counts against it only: nobody has said that it is
 * production, and nobody that it is not. `preview` does neither: nobody buys there.
 */
export type Place = 'production' | 'preview' | 'unclear';
type Said = Place | 'unsaid';

const PRODUCTION_STAGE = /^(?:production|prod|live)$/i;
const PREVIEW_STAGE =
  /^(?:previews?|pull-?request|pr|mr|review|staging|stage|dev|development|test|testing|qa|uat|ci|local|pre-?prod(?:uction)?)(?:$|[-_./]|\d)/i;
const MAIN_BRANCH = /^(?:refs\/heads\/)?(?:main|master|trunk|production|prod|live)$/;
const PREVIEW_BRANCH =
  /^(?:refs\/)?(?:pull|pull-requests|merge-requests)\/|^(?:refs\/heads\/)?(?:dependabot|renovate)\//;

/** What a consumer has written down is the rule; without that, only the usual names say anything. */
function said(value: string | undefined, rule: readonly string[] | undefined, yes: RegExp, no: RegExp): Said {
  if (rule) return value === undefined ? 'unclear' : rule.includes(value) ? 'production' : 'preview';
  if (value === undefined) return 'unsaid';
  return yes.test(value) ? 'production' : no.test(value) ? 'preview' : 'unclear';
}

/** The stage says more than the branch: one branch may be deployed to several stages. */
export function placeOf({ branch, stage }: Where, rules: Pick<ConsumerSpec, 'branches' | 'stages'> = {}): Place {
  const byStage = said(stage, rules.stages, PRODUCTION_STAGE, PREVIEW_STAGE);
  const byBranch = said(branch?.replace(/^refs\/heads\//, ''), rules.branches, MAIN_BRANCH, PREVIEW_BRANCH);
  if (byStage === 'preview' || byStage === 'unclear') return byStage;
  if (byStage === 'production') return !rules.branches || byBranch === 'production' ? 'production' : 'unclear';
  return byBranch === 'unsaid' ? 'production' : byBranch;
}

export const consumerOf = (consumer: string | ConsumerSpec): ConsumerSpec =>
  typeof consumer === 'string' ? { name: consumer } : consumer;

export const rulesFor = (consumers: readonly (string | ConsumerSpec)[], name: string): ConsumerSpec =>
  consumers.map(consumerOf).find((each) => each.name === name) ?? { name };

/** A consumer's last word in one place. */
export interface Word extends Where {
  readonly consumer: string;
  readonly place: Place;
  readonly tokenId: string;
  readonly build?: string;
  readonly at: Instant;
  /** Somebody says that it is live; else it was only built. */
  readonly isDeployed: boolean;
  /** Nobody said so: CloudTrail saw a value being read. */
  readonly isObserved: boolean;
  readonly lastSeen: Instant;
  readonly by?: Reporter;
}

/** A deployment outweighs a later build, unless every build of this consumer goes live. */
export function wordOf(usage: Usage, consumers: readonly (string | ConsumerSpec)[]): Word {
  const { consumer, deployed } = usage;
  const rules = rulesFor(consumers, consumer);
  const isObserved = consumer.startsWith(OBSERVED_PREFIX);
  const isLatest = !deployed || (rules.everyBuildDeploys === true && usage.at > deployed.at);
  const { tokenId, build, at, branch, stage, by } = isLatest ? usage : deployed;
  return {
    ...{ consumer, tokenId, build, at, isObserved },
    ...(branch === undefined ? {} : { branch }),
    ...(stage === undefined ? {} : { stage }),
    ...(by === undefined ? {} : { by }),
    place: placeOf({ branch, stage }, rules),
    isDeployed: !isObserved && (!isLatest || usage.phase === 'deploy' || rules.everyBuildDeploys === true),
    lastSeen: deployed && deployed.at > usage.at ? deployed.at : usage.at,
  };
}

/** ` (build 41, branch main, stage production)`, as far as it was said. */
export function described({ build, branch, stage }: Pick<Word, 'build' | 'branch' | 'stage'>): string {
  const parts = Object.entries({ build, branch, stage }).flatMap(([name, value]) =>
    value ? [`${name} ${value}`] : [],
  );
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}
