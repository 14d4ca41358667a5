/**
 * What `cdk bootstrap` leaves in an account of the local AWS, for suites that have something else to show: the same template,
 * without three seconds of CDK. `test/e2e/local-aws.test.ts` holds the two against each other.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type LocalAws, REGION } from '../../local/aws.ts';
import { PROJECT } from '../../local/python.ts';
import { eventually } from './eventually.ts';

const STACK = 'CDKToolkit';
const TEMPLATE = path.join(PROJECT, 'node_modules', 'aws-cdk', 'lib', 'api', 'bootstrap', 'bootstrap-template.yaml');
/** What the command says when it is told nothing. */
const PARAMETERS = {
  FileAssetsBucketKmsKeyId: 'AWS_MANAGED_KEY',
  CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/AdministratorAccess',
  PublicAccessBlockConfiguration: 'true',
};

type Where = Pick<LocalAws, 'url'>;

/** @param account the local AWS tells accounts apart by the access key */
export async function bootstrap(aws: Where, account = 'test'): Promise<void> {
  const parameters = Object.entries(PARAMETERS).flatMap(([key, value], index) => [
    [`Parameters.member.${index + 1}.ParameterKey`, key],
    [`Parameters.member.${index + 1}.ParameterValue`, value],
  ]);
  await cloudFormation(aws, account, {
    Action: 'CreateStack',
    TemplateBody: await readFile(TEMPLATE, 'utf8'),
    'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
    ...Object.fromEntries(parameters),
  }).catch((error) => {
    if (!String(error).includes('AlreadyExistsException')) throw error;
  });
  const status = await eventually(`the end of ${STACK}`, async () => {
    const [now] = valuesOf('StackStatus', await cloudFormation(aws, account, { Action: 'DescribeStacks' }));
    return now !== 'CREATE_IN_PROGRESS' && now;
  });
  if (status !== 'CREATE_COMPLETE') throw new Error(`${STACK} ended with ${status}`);
}

/** Name and type of each, and the version that the deploy asks for, in order. */
export async function bootstrapped(aws: Where, account = 'test'): Promise<readonly string[]> {
  const resources = await cloudFormation(aws, account, { Action: 'DescribeStackResources' });
  const types = valuesOf('ResourceType', resources);
  const outputs = valuesOf('OutputValue', await cloudFormation(aws, account, { Action: 'DescribeStacks' }));
  const names = valuesOf('LogicalResourceId', resources).map((id, index) => `${id} ${types[index]}`);
  return [...names, ...outputs].sort();
}

/** There is no CloudFormation client among our dependencies. @returns XML */
async function cloudFormation({ url }: Where, account: string, parameters: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ Version: '2010-05-15', StackName: STACK, ...parameters });
  const credential = `${account}/20260101/${REGION}/cloudformation/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`;
  const answer = await fetch(url, { method: 'POST', body, headers: { authorization } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${parameters.Action}: ${answer.status} ${text}`);
  return text;
}

const valuesOf = (name: string, xml: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => String(value));
