/**
 * The tour behind `npm start`: everything that Paddlewheel promises, on one machine, step by step. Each step checks
 * what it shows and throws when it is not so; nothing here is acted.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type AuditEntry, createDynamoAuditTrail } from '../../lambdas/adapters/dynamodb/audit-trail.ts';
import { NAMES } from '../../lambdas/contract.ts';
import { maskToken } from '../../lambdas/domain/mask.ts';
import { parseWebhookSecrets } from '../../lambdas/webhook/webhook-secrets.ts';
import { type LocalAws, startLocalAws } from '../aws.ts';
import type { Stage } from '../console.ts';
import { type DemoSite, startDemoSite } from '../demo-site.ts';
import { deployPaddlewheel } from '../deploy.ts';
import { Installation } from '../installation.ts';
import { connectPaddle, type PaddleSide } from './paddle-side.ts';

const INTEGRATION = 'pricing-page';
const ACCOUNT = 'sandbox';
const CONSUMER = 'marketing-site';
const PARAMETER = '/paddle/pricing-page/client-token';
const SECRET = 'paddle/pricing-page/client-token';
const API_KEY = 'paddlewheel/sandbox/api-key';
/** For anything that takes its way through a queue or a stream. */
const PATIENCE_MS = 30_000;

export type Say = (line: string) => void;

export interface Step {
  readonly title: string;
  run(say: Say): Promise<void>;
}

interface Status {
  readonly token?: { readonly id: string; readonly masked: string };
  readonly superseded: readonly { readonly id: string; readonly revokeAfter?: string; readonly held?: string }[];
  readonly message: string;
}

export class Tour {
  #aws?: LocalAws;
  #paddle?: PaddleSide;
  #site?: DemoSite;
  #installation?: Installation;
  #builds = 0;
  /** The token's value of the first build. */
  #first = '';
  #entries: readonly AuditEntry[] = [];
  readonly #tokens: string[] = [];
  readonly findings: Record<string, unknown> = {};

  get steps(): readonly Step[] {
    return [
      { title: 'Start a local AWS', run: (say) => this.#startAws(say) },
      { title: 'Start Paddle and a demo site', run: (say) => this.#startPaddle(say) },
      { title: 'Store the API key', run: (say) => this.#storeKey(say) },
      { title: "cdk bootstrap and cdk deploy, which registers Paddle's webhooks", run: (say) => this.#deploy(say) },
      { title: 'The first heartbeat mints and publishes the first token', run: (say) => this.#firstToken(say) },
      { title: 'A build takes the token and puts the site live', run: (say) => this.#buildSite(say) },
      { title: 'Rotate on request', run: (say) => this.#rotate('the tour asks for it', say) },
      { title: 'Grace is over, but the site still serves the old token: held', run: (say) => this.#held(say) },
      { title: 'The site is rebuilt: the old token is revoked', run: (say) => this.#rebuiltThenRevoked(say) },
      { title: 'Rotate once more, rebuild, revoke', run: (say) => this.#secondRotation(say) },
      { title: 'Forged, stale and unsigned webhooks are refused', run: (say) => this.#refusals(say) },
      { title: 'Every signed webhook is in the audit trail', run: (say) => this.#auditTrail(say) },
      { title: 'Paddle, the targets and the page agree', run: (say) => this.#agreement(say) },
    ];
  }

  get entries(): readonly AuditEntry[] {
    return this.#entries;
  }

  /** Addresses and commands to play with. */
  get addresses(): readonly string[] {
    const { aws, outputs } = this.#running;
    const exports = Object.entries(aws.env).map(([name, value]) => `export ${name}=${value}`);
    const invoke = (name: string, payload: object) =>
      `aws lambda invoke --function-name ${name} --cli-binary-format raw-in-base64-out --payload '${JSON.stringify(payload)}' /dev/stdout`;
    return [
      `local AWS      ${aws.url}`,
      `Paddle         ${this.#paddleSide.url}`,
      `demo site      ${this.#demo.url}`,
      `webhooks       ${this.#running.webhookUrl(ACCOUNT)} (API ${outputs.PaddlewheelApiId})`,
      '',
      ...exports,
      '',
      'npx paddlewheel status',
      `npx paddlewheel rotate ${INTEGRATION} --reason 'trying it out'`,
      `npx paddlewheel audit ${INTEGRATION}`,
      'npx paddlewheel trigger',
      '',
      invoke(NAMES.rotate, { integration: INTEGRATION, reason: 'trying it out' }),
      invoke(NAMES.status, { integration: INTEGRATION, action: 'status' }),
      invoke(NAMES.status, { integration: INTEGRATION, action: 'plan' }),
      invoke(NAMES.usage, { integration: INTEGRATION, consumer: CONSUMER, build: '42', phase: 'build' }),
      invoke(NAMES.heartbeat, {}),
      `aws ssm get-parameter --name ${PARAMETER}`,
    ];
  }

  /** What the local console lets people do. */
  get stage(): Stage {
    const [installation, { revoke }] = [this.#running, this.#paddleSide];
    return {
      installation,
      redeploy: async () => {
        let told = '';
        await this.#buildSite((line) => {
          told = line;
        });
        return told;
      },
      breakSite: async () => {
        this.#demo.deploy(this.#first, '1');
        const report = { integration: INTEGRATION, consumer: CONSUMER, build: '1', phase: 'deploy' };
        await installation.invoke(NAMES.usage, report);
        return 'The site is rolled back to build 1, and its pipeline has reported it.';
      },
      ...(revoke && {
        revoke: async () => {
          const { token } = await this.#status();
          if (!token) return 'There is no current token.';
          revoke(token.id);
          return `${token.id} is revoked at Paddle. Watch.`;
        },
      }),
    };
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.#site?.stop(), this.#paddle?.stop(), this.#aws?.stop()]);
  }

  get #running(): Installation {
    if (!this.#installation) throw new Error('the stack is not deployed');
    return this.#installation;
  }
  get #paddleSide(): PaddleSide {
    if (!this.#paddle) throw new Error('Paddle is not there');
    return this.#paddle;
  }
  get #demo(): DemoSite {
    if (!this.#site) throw new Error('there is no site');
    return this.#site;
  }

  async #startAws(say: Say): Promise<void> {
    this.#aws = await startLocalAws(say);
    say(`${this.#aws.url} (${this.#aws.kind})`);
    this.findings.aws = { url: this.#aws.url, kind: this.#aws.kind };
  }

  async #startPaddle(say: Say): Promise<void> {
    this.#paddle = await connectPaddle(process.env);
    this.#site = await startDemoSite(this.#paddle.paddleJs);
    process.env.PADDLEWHEEL_TOUR_SITE = this.#site.url;
    say(`${this.#paddle.title} ${this.#paddle.url}, site ${this.#site.url}`);
    this.findings.paddle = { url: this.#paddle.url, simulated: this.#paddle.simulated };
  }

  async #deploy(say: Say): Promise<void> {
    if (!this.#aws) throw new Error('there is no local AWS');
    const { outputs } = await deployPaddlewheel({
      aws: this.#aws,
      config: 'local/tour/tour.config.ts',
      paddleUrl: this.#paddleSide.url,
      allowShort: true,
      onLine: (line) => line.trim() && say(line.trim().slice(0, 110)),
    });
    this.#installation = new Installation(this.#aws, outputs);
    say(`webhooks of ${outputs.PaddlewheelWebhooks}`);
    this.findings.webhooks = outputs.PaddlewheelWebhooks;
  }

  /** All that a person does besides the deploy. A Paddle that cannot reach this machine needs its webhook secret, too. */
  async #storeKey(say: Say): Promise<void> {
    if (!this.#aws) throw new Error('there is no local AWS');
    const { apiKey, webhookSecret } = this.#paddleSide;
    const secrets = new Installation(this.#aws, {});
    await secrets.putSecret(API_KEY, JSON.stringify({ api_key: apiKey }));
    if (webhookSecret) await secrets.putSecret(NAMES.webhookSecret(ACCOUNT), webhookSecret);
    process.env.PADDLEWHEEL_TOUR_WEBHOOKS = webhookSecret ? 'manual' : 'managed';
    say(`in the secret ${API_KEY}`);
  }

  async #firstToken(say: Say): Promise<void> {
    await this.#running.invoke(NAMES.heartbeat, {});
    const { token } = await this.#until('the first token', async () => {
      const status = await this.#status();
      return status.token ? status : undefined;
    });
    await this.#publishedEverywhere();
    say(`${token?.id} ${token?.masked} at SSM and Secrets Manager`);
    this.#remember(token?.id);
  }

  /** What a frontend pipeline does: ask for the token, build with it, deploy, report. */
  async #buildSite(say: Say): Promise<void> {
    this.#builds += 1;
    const build = String(this.#builds);
    const report = { integration: INTEGRATION, consumer: CONSUMER, build };
    const { token } = await this.#running.invoke<{ token: { id: string; value: string } }>(NAMES.usage, {
      ...report,
      phase: 'build',
    });
    this.#first ||= token.value;
    this.#demo.deploy(token.value, build);
    await this.#running.invoke(NAMES.usage, { ...report, phase: 'deploy' });
    say(`build ${build} serves ${token.id}`);
  }

  async #rotate(reason: string, say: Say): Promise<void> {
    const answer = await this.#running.invoke<Status & { outcome: string; rotationId?: string }>(NAMES.rotate, {
      integration: INTEGRATION,
      reason,
      requestedBy: 'npm start',
    });
    mustBe(answer.outcome, 'rotated', answer.message);
    await this.#publishedEverywhere();
    this.#remember(answer.token?.id);
    say(`${answer.token?.id} is current; ${answer.superseded.map(({ id }) => id).join(', ')} superseded`);
  }

  async #held(say: Say): Promise<void> {
    const [old] = (await this.#status()).superseded;
    if (!old?.revokeAfter) throw new Error('no token is superseded');
    await sleep(Math.max(0, Date.parse(old.revokeAfter) - Date.now()) + 200);
    const held = await this.#until('the hold', async () => {
      await this.#running.invoke(NAMES.heartbeat, {});
      return (await this.#status()).superseded.find((token) => token.held);
    });
    mustBe(await this.#paddleSide.statusOf(held.id), 'active', `${held.id} must still be active`);
    say(held.held ?? '');
    this.findings.held = held.held;
  }

  async #rebuiltThenRevoked(say: Say): Promise<void> {
    const superseded = (await this.#status()).superseded.map(({ id }) => id);
    await this.#buildSite(say);
    for (const id of superseded) {
      await this.#until(`the revocation of ${id}`, async () => {
        // The report of the deployment has asked for a reconcile; a grace window that has just ended needs the heartbeat.
        await this.#running.invoke(NAMES.rotate, { integration: INTEGRATION, action: 'reconcile' }).catch(() => {});
        return (await this.#paddleSide.statusOf(id)) === 'revoked' ? true : undefined;
      });
    }
    say(`${superseded.join(', ')} revoked, with evidence`);
    const revoked = (this.findings.revoked as string[] | undefined) ?? [];
    this.findings.revoked = [...revoked, ...superseded];
  }

  async #secondRotation(say: Say): Promise<void> {
    await this.#rotate('and once more', say);
    await this.#rebuiltThenRevoked(say);
  }

  async #refusals(say: Say): Promise<void> {
    const url = this.#running.webhookUrl(ACCOUNT);
    const [secret = ''] = parseWebhookSecrets((await this.#running.secret(NAMES.webhookSecret(ACCOUNT))) ?? '');
    const body = JSON.stringify({ event_id: 'evt_x', event_type: 'client_token.revoked', occurred_at: '', data: {} });
    const now = Math.floor(Date.now() / 1000);
    const sign = (ts: number, key: string) =>
      `ts=${ts};h1=${createHmac('sha256', key).update(`${ts}:${body}`).digest('hex')}`;
    const attempts: [string, string, string | undefined, number][] = [
      ['unsigned', url, undefined, 401],
      ['forged', url, sign(now, 'pdl_ntfset_guess'), 401],
      ['a day old', url, sign(now - 86_400, secret), 401],
      ['of tomorrow', url, sign(now + 86_400, secret), 401],
      ['of an unknown account', url.replace(/[^/]+$/, 'nobody'), sign(now, secret), 404],
    ];
    for (const [what, to, signature, expected] of attempts) {
      const headers = { 'content-type': 'application/json', ...(signature && { 'paddle-signature': signature }) };
      const answer = await fetch(to, { method: 'POST', body, headers });
      await answer.body?.cancel();
      mustBe(answer.status, expected, `a webhook ${what}`);
    }
    say(`${attempts.length} of ${attempts.length} refused: ${attempts.map(([what]) => what).join(', ')}`);
    this.findings.refusedWebhooks = attempts.length;
  }

  async #auditTrail(say: Say): Promise<void> {
    const sent = await this.#paddleSide.deliverOutstanding(this.#running.webhookUrl(ACCOUNT), this.#tokens);
    const webhooks = await this.#until('all webhooks with their attribution', async () => {
      this.#entries = await this.#readTrail();
      const stored = this.#entries.filter((entry) => entry.kind === 'webhook');
      const attributed = this.#entries.filter((entry) => entry.kind === 'attribution');
      const complete = sent.every((id) => stored.some((entry) => entry.id === id));
      return complete && attributed.length >= sent.length ? stored : undefined;
    });
    const actions = this.#entries.filter((entry) => entry.kind === 'action');
    say(`${webhooks.length} webhooks and ${actions.length} actions of ours, none twice`);
    this.findings.audit = { webhooks: webhooks.length, actions: actions.length };
  }

  async #readTrail(): Promise<AuditEntry[]> {
    const trail = createDynamoAuditTrail({
      client: new DynamoDBClient(this.#running.clientSettings),
      auditTable: this.#running.auditTable,
    });
    const partitions = [trail.byIntegration(INTEGRATION, { limit: 1000 })];
    for (const id of this.#tokens) partitions.push(trail.byToken(id, { limit: 1000 }));
    return (await Promise.all(partitions)).flatMap((page) => page.entries);
  }

  async #agreement(say: Say): Promise<void> {
    const { token } = await this.#status();
    const value = await this.#publishedEverywhere();
    const page = await this.#demo.url;
    const html = await (await fetch(page)).text();
    const [, script = ''] = /src="(\/assets\/[^"]+)"/.exec(html) ?? [];
    const served = await (await fetch(new URL(script, page))).text();
    mustBe(served.includes(value), true, 'the page serves the current token');
    for (const id of this.#tokens)
      mustBe(await this.#paddleSide.statusOf(id), id === token?.id ? 'active' : 'revoked', `${id} at Paddle`);
    say(`${token?.id} is current everywhere; ${this.#tokens.length - 1} earlier tokens are revoked`);
    this.findings.current = { id: token?.id, masked: maskToken(value) };
  }

  #remember(id: string | undefined): void {
    if (!id) throw new Error('there is no current token');
    if (!this.#tokens.includes(id)) this.#tokens.push(id);
  }

  #status = () => this.#running.invoke<Status>(NAMES.status, { integration: INTEGRATION, action: 'status' });

  /** @returns the value that both targets hold */
  async #publishedEverywhere(): Promise<string> {
    const settings = this.#running.clientSettings;
    const parameter = await new SSMClient(settings).send(new GetParameterCommand({ Name: PARAMETER }));
    const secret = await new SecretsManagerClient(settings).send(new GetSecretValueCommand({ SecretId: SECRET }));
    const value = parameter.Parameter?.Value ?? '';
    mustBe(/^test_[a-z\d]{27}$/i.test(value), true, 'the parameter holds a token');
    mustBe(secret.SecretString === value, true, 'the secret holds the same token');
    return value;
  }

  async #until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (Date.now() > end) {
        const { message } = await this.#status().catch((error) => ({ message: String(error) }));
        throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s. Status: ${message}`);
      }
      await sleep(300);
    }
  }
}

function mustBe<T>(actual: T, expected: T, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(actual)}`);
}
