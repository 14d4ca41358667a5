/** What must hold of every template, whatever the configuration: faults as sentences, none when all is well. */
import type { Json, Template } from './resolved-template.ts';

type Rule = (id: string, resource: Json) => string[];

const FIXED_NAMES: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::SecretsManager::Secret': 'Name',
};

/** What stays behind and is found again under its fixed name keeps the next deploy from making it. */
const retainedHaveNoFixedName: Rule = (id, { Type, Properties, DeletionPolicy, UpdateReplacePolicy }) => {
  const stays = [DeletionPolicy, UpdateReplacePolicy].some((policy) => policy?.startsWith('Retain'));
  const name = FIXED_NAMES[Type] && Properties[FIXED_NAMES[Type]];
  return stays && name !== undefined ? [`${id} outlives the stack and is called ${JSON.stringify(name)}`] : [];
};

/** A service that takes on a role on anybody's behalf could be used by somebody else's account. */
const SERVICES_FOR_OTHERS = ['scheduler.amazonaws.com', 'events.amazonaws.com'];
const servicesActForThisAccount: Rule = (id, { Type, Properties }) =>
  Type !== 'AWS::IAM::Role'
    ? []
    : Properties.AssumeRolePolicyDocument.Statement.filter(
        ({ Principal, Condition }: Json) =>
          SERVICES_FOR_OTHERS.includes(Principal.Service) && !Condition?.StringEquals?.['aws:SourceAccount'],
      ).map(({ Principal }: Json) => `${id} lets ${Principal.Service} act for any account`);

/** Schedules that ask about accounts and integrations begin when those are known. */
const schedulesWaitForTheRegistration: Rule = (id, { Type, Properties, DependsOn = [] }) =>
  Type === 'AWS::Scheduler::Schedule' &&
  /^rate/.test(Properties.ScheduleExpression) &&
  !DependsOn.some((other: string) => other.startsWith('PaddlewheelRegistrationConfiguration'))
    ? [`${id} begins before the accounts are registered`]
    : [];

const RULES = [retainedHaveNoFixedName, servicesActForThisAccount, schedulesWaitForTheRegistration];

export const brokenRules = ({ Resources }: Template): string[] =>
  Object.entries(Resources).flatMap(([id, resource]) => RULES.flatMap((rule) => rule(id, resource)));

/** Fixed names of resources that do not begin as the installation's own do. */
export function foreignNames({ Resources }: Template, prefix: string, pascal: string): string[] {
  const own = new RegExp(`^(?:/aws/(?:lambda|vendedlogs)/|/)?(?:${prefix}|${pascal})(?![a-z0-9])`);
  const isName = (key: string) =>
    /^(?:\w*Name)$/.test(key) && !/^(?:Attribute|Index|Metric|Stage|Policy)Name$/.test(key);
  // An alias lives under its function's name.
  const named = Object.values(Resources).filter(({ Type }) => Type !== 'AWS::Lambda::Alias');
  return named.flatMap(({ Properties = {} }) =>
    Object.entries(Properties)
      .filter(([key, value]) => isName(key) && typeof value === 'string' && !own.test(value))
      .map(([key, value]) => `${key} ${value}`),
  );
}

/** In a template for another partition than `aws`: resources that name it all the same. */
export const inPartitionAws = ({ Resources }: Template): string[] =>
  Object.entries(Resources)
    .filter(([, resource]) => JSON.stringify(resource).includes('arn:aws:'))
    .map(([id]) => id);
