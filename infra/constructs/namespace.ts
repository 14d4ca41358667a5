import { Stack, Validations } from 'aws-cdk-lib';
import { ENV, type Namespace } from '../../lambdas/contract.ts';
import { allowDescribingParameters, readable } from './credentials.ts';
import type { NodeFunction } from './node-function.ts';

/** Tells the registrar what entries of the API keep to, and `status` that there may be some. */
export function openNamespace(fn: NodeFunction, namespace: Namespace): void {
  fn.env(ENV.namespace, JSON.stringify(namespace));
}

/** The API keys of accounts that no template knows. */
export const grantReadKeysIn = (fn: NodeFunction, { credentials }: Namespace): void =>
  allowIn(fn, ['secretsmanager:GetSecretValue'], [secretArn(fn, `${credentials}*`)]);

/** By convention, so that a role may read and write these and no API key. */
const webhookSecrets = (fn: NodeFunction, { credentials }: Namespace): string[] =>
  ['', '-??????'].map((end) => secretArn(fn, `${credentials}*/webhook-secret${end}`));

/** The webhook secrets of accounts that no template knows. */
export const grantReadWebhookSecretsIn = (fn: NodeFunction, namespace: Namespace): void =>
  allowIn(fn, ['secretsmanager:GetSecretValue'], webhookSecrets(fn, namespace));

/** Creates, reads and overwrites them, and never deletes. */
export const grantKeepWebhookSecretsIn = (fn: NodeFunction, namespace: Namespace): void =>
  allowIn(
    fn,
    // Read with the API keys, which lie in the same folder.
    ['secretsmanager:CreateSecret', 'secretsmanager:PutSecretValue'],
    webhookSecrets(fn, namespace),
  );

/** Writes and reads tokens in the folders that are open for them. It may create, and never delete. */
export function grantPublishIn(fn: NodeFunction, { targets }: Namespace): void {
  const parameters = targets.filter((folder) => folder.startsWith('/'));
  const secrets = targets.filter((folder) => !folder.startsWith('/'));
  if (parameters.length > 0) {
    allowIn(
      fn,
      ['ssm:GetParameter', 'ssm:PutParameter'],
      parameters.map((folder) => parameterArn(fn, `${folder}*`)),
    );
    allowDescribingParameters(fn);
  }
  const actions = ['CreateSecret', 'DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
  allowIn(
    fn,
    actions.map((action) => `secretsmanager:${action}`),
    secrets.map((folder) => secretArn(fn, `${folder}*`)),
  );
}

function allowIn(fn: NodeFunction, actions: string[], arns: readonly string[]): void {
  if (arns.length === 0) return;
  fn.allow(actions, [...arns]);
  for (const arn of arns.map((each) => readable(Stack.of(fn).resolve(each))))
    Validations.of(fn.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arn}]`,
      reason:
        'The configuration opens this folder for sellers who are registered at run time, whose names no template knows. Nothing beside it is allowed.',
    });
}

const secretArn = (fn: NodeFunction, name: string): string =>
  Stack.of(fn).formatArn({ service: 'secretsmanager', resource: `secret:${name}` });

const parameterArn = (fn: NodeFunction, name: string): string =>
  Stack.of(fn).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
