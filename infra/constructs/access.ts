/** What people and pipelines may do, by what they are for. Exactly these functions, and never their versions or aliases. */
import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DAY_INDEX, DUE_INDEX } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Ledger } from './ledger.ts';
import type { NodeFunction } from './node-function.ts';

const give = (grantee: IGrantable, actions: string[], resourceArns: string[]): Grant =>
  Grant.addToPrincipal({ grantee, actions, resourceArns });
const arnsOf = (functions: readonly NodeFunction[]) => functions.map(({ lambda }) => lambda.functionArn);

/** Not CDK's `grantInvoke`, which would also allow every version and alias. */
export const grantInvoke = (grantee: IGrantable, functions: readonly NodeFunction[]): Grant =>
  give(grantee, ['lambda:InvokeFunction'], arnsOf(functions));

export interface Visible {
  readonly ledger: Ledger;
  readonly auditTrail: AuditTrail;
  readonly functions: readonly NodeFunction[];
}

/** Reads the ledger, the trail and how the functions are; writes nothing, and invokes nothing. */
export function grantRead(scope: Construct, grantee: IGrantable, { ledger, auditTrail, functions }: Visible): Grant {
  const names = namesOf(scope);
  const parameters = [names.ledgerTableParameter, names.auditTableParameter].map((name) =>
    Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') }),
  );
  const [state, trail] = [ledger.table.tableArn, auditTrail.table.tableArn];
  return give(grantee, ['ssm:GetParameter'], parameters)
    .combine(
      give(
        grantee,
        ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:DescribeTable'],
        [state, `${state}/index/${DUE_INDEX.name}`],
      ),
    )
    .combine(
      give(
        grantee,
        ['dynamodb:Query', 'dynamodb:Scan', 'dynamodb:DescribeTable'],
        [trail, `${trail}/index/${DAY_INDEX.name}`],
      ),
    )
    .combine(give(grantee, ['lambda:GetFunctionConfiguration', 'lambda:GetPolicy'], arnsOf(functions)));
}
