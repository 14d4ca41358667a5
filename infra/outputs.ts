/** What people and scripts look up after a deploy. Ids without a hash, and with the prefix, so that two installations fit into one stack. */
import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { pascalCase } from '../lambdas/contract.ts';

export interface Described {
  readonly prefix: string;
  readonly apiId: string;
  readonly webhookBaseUrl: string;
  readonly webhookUrls: Readonly<Record<string, string>>;
  readonly webhooks: string;
  readonly seenBaseUrl: string | undefined;
  readonly ledgerTable: string;
  readonly auditTable: string;
  /** Who hears of alarms by e-mail. */
  readonly email: readonly string[];
}

export function describe(scope: Construct, described: Described): void {
  const output = (id: string, value: string, description: string) =>
    new CfnOutput(scope, id, { value, description }).overrideLogicalId(`${pascalCase(described.prefix)}${id}`);
  output('ApiId', described.apiId, 'Id of the API that receives webhooks');
  output('WebhookBaseUrl', described.webhookBaseUrl, 'Address of the API that receives webhooks');
  for (const [account, url] of Object.entries(described.webhookUrls))
    output(`WebhookUrl${pascalCase(account)}`, url, `Paddle's destination of "${account}" points here`);
  if (described.seenBaseUrl !== undefined)
    output('SeenBaseUrl', described.seenBaseUrl, "Beacons are sent here, with the integration's name behind it");
  output('LedgerTable', described.ledgerTable, 'Configuration, state and usage');
  output('AuditTable', described.auditTable, 'Every webhook event and every action');
  output('Webhooks', described.webhooks, 'How the webhooks of each account stood after the deploy');
  if (described.email.length === 0) return;
  const told = `AWS has asked ${described.email.join(', ')} to confirm; until somebody follows the link in that mail, no alarm arrives there`;
  output('ConfirmEmail', told, 'What is left to be done for alarms by e-mail');
}
