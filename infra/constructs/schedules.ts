import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { AccountSpec, ChainRequest, Names, Namespace } from '../../lambdas/contract.ts';
import type { NodeFunction } from './node-function.ts';
import { Heartbeat } from './rotation.ts';

export interface Ticking {
  readonly heartbeat: NodeFunction;
  readonly registrar: NodeFunction;
  readonly backfill: NodeFunction;
  readonly observe: NodeFunction;
  readonly failures: IQueue;
}

/** Everything that happens by itself: one tick a minute, three an hour. */
export function schedules(
  scope: Construct,
  names: Names,
  {
    accounts,
    namespace,
  }: { readonly accounts: readonly Pick<AccountSpec, 'name' | 'webhooks'>[]; readonly namespace?: Namespace },
  { heartbeat, registrar, backfill, observe, failures }: Ticking,
): readonly Heartbeat[] {
  const managed = accounts.filter(({ webhooks }) => webhooks === 'managed');
  const ofSellers = namespace
    ? [
        // A slice of those whose destination is owed, and each of the others once a day.
        new Heartbeat(scope, 'SellerMaintenance', {
          name: names.sellerMaintenance,
          description: 'Maintains the notification destinations of accounts that the API has registered',
          every: 'rate(5 minutes)',
          ...{ fn: registrar, failures },
          input: { action: 'maintain-sellers' },
        }),
      ]
    : [];
  return [
    ...ofSellers,
    new Heartbeat(scope, 'Schedule', {
      name: names.heartbeat,
      description: 'Asks once a minute which integrations are due',
      every: 'rate(1 minute)',
      ...{ fn: heartbeat, failures },
    }),
    // What was pending is tried again, an overlap of two secrets is ended, and a secret that is a year old is replaced.
    new Heartbeat(scope, 'WebhookMaintenance', {
      name: names.webhookMaintenance,
      description: "Maintains the accounts' notification destinations",
      every: 'rate(1 hour)',
      ...{ fn: registrar, failures },
      input: { action: 'maintain-webhooks', accounts: managed.map(({ name }) => name) },
    }),
    new Heartbeat(scope, 'BackfillSchedule', {
      name: names.backfill,
      description: 'Fills in what webhooks missed',
      every: 'rate(1 hour)',
      ...{ fn: backfill, failures },
      input: { accounts: accounts.map(({ name }) => name), ...(namespace ? { sellers: true } : {}) },
    }),
    new Heartbeat(scope, 'ChainsSchedule', {
      name: names.chains,
      description: 'Chains records of the audit trail that the stream gave up',
      every: 'rate(1 hour)',
      ...{ fn: observe, failures },
      input: { action: 'chain-missing' } satisfies ChainRequest,
    }),
  ];
}
