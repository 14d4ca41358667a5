import { CustomWidget, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ENV, OPERATE_ALIAS } from '../../lambdas/contract.ts';
import { namesOf } from '../naming.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Ledger } from './ledger.ts';
import type { NodeFunction } from './node-function.ts';

export interface ConsoleProps {
  readonly fn: NodeFunction;
  readonly rotate: NodeFunction;
  readonly ledger: Ledger;
  readonly auditTrail: AuditTrail;
}

/**
 * A CloudWatch dashboard whose only widget is the function's answer. The function reads, and has no right to change anything:
 * what buttons do is done by the alias of `rotate` for operators, which whoever presses them must be allowed to invoke.
 */
export class Console extends Construct {
  constructor(scope: Construct, id: string, { fn, rotate, ledger, auditTrail }: ConsoleProps) {
    super(scope, id);
    ledger.grantShow(fn);
    auditTrail.grantShow(fn);
    fn.env(ENV.rotateFunction, `${rotate.lambda.functionArn}:${OPERATE_ALIAS}`);
    const widget = new CustomWidget({
      functionArn: fn.lambda.functionArn,
      title: namesOf(this).metrics,
      width: 24,
      height: 24,
      updateOnResize: false,
      updateOnTimeRangeChange: false,
    });
    new Dashboard(this, 'Dashboard', { dashboardName: namesOf(this).dashboard, widgets: [[widget]] });
  }
}
