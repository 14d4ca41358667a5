import type { SQSEvent } from 'aws-lambda';
import type { DeployHook } from '../../lambdas/contract.ts';
import { AlertError } from '../../lambdas/domain/errors.ts';
import type { HookCall } from '../../lambdas/domain/model.ts';
import { createCallHooks } from '../../lambdas/hooks/call-hooks.ts';
import { createHookCaller } from '../../lambdas/hooks/caller.ts';
import type { HookRecord, HookTrail, Publication } from '../../lambdas/hooks/ports.ts';
import { createTransport, type Transport } from '../../lambdas/paddle/transport.ts';
import { certificateFor } from '../fakes/certificate.ts';
import { RecordingLog, StillClock } from '../fakes/runtime.ts';
import { ScriptedHttp } from '../fakes/scripted-http.ts';

export const publication = {
  id: 'act_01JKB92MPL7V4RFG8X3Q5WZ7BP',
  type: 'token.published',
  at: '2026-11-22T02:58:00.000Z',
  account: 'live',
  integration: 'pricing-page',
  tokenId: 'ctkn_new',
  rotationId: '01JKB92MPL7V4RFG8X3Q5WZ7BN',
} as const;

export const netlify: DeployHook = { kind: 'webhook', url: { secret: 'hooks/netlify' } };
export const github: DeployHook = {
  kind: 'github',
  repository: 'acme/shop',
  token: { ssmParameter: '/hooks/github' },
  eventType: 'client-token-published',
  apiUrl: 'https://localhost',
};
export const GITHUB_TOKEN = 'github_pat_11AAAA';

/** Lines by their id; one that is there stays. `failing`: the next so many additions do not get through. */
class FakeHookTrail implements HookTrail {
  readonly lines = new Map<string, HookRecord>();
  failing = 0;
  async has(_: Publication, id: string) {
    return this.lines.has(id);
  }
  async append(_: Publication, record: HookRecord) {
    this.failing -= 1;
    if (this.failing >= 0) throw new Error('the trail is away');
    if (this.lines.has(record.id)) return 'duplicate' as const;
    this.lines.set(record.id, record);
    return 'stored' as const;
  }
  get types() {
    return [...this.lines.values()].map(({ type }) => type);
  }
}

/**
 * The function with its world; whoever is called is a real https server on this machine.
 * @param deadlineMs for a call; short only where no answer comes, for a busy machine is slow to give one
 */
export async function hooking(hooks: readonly DeployHook[] = [netlify], deadlineMs = 20_000) {
  const certificate = certificateFor('localhost');
  const receiver = await new ScriptedHttp(certificate).open();
  const clock = new StillClock();
  const transport: Transport = createTransport(clock, { ca: certificate.cert });
  const secrets = new Map([
    ['hooks/netlify', `${receiver.url}/build_hooks/5c23?trigger=paddlewheel\n`],
    ['/hooks/github', GITHUB_TOKEN],
  ]);
  const store = {
    async read(source: { secret: string } | { ssmParameter: string }) {
      const text = secrets.get('secret' in source ? source.secret : source.ssmParameter);
      if (text === undefined) throw new AlertError('ResourceNotFoundException', 'there is nothing under this name');
      return text;
    },
  };
  const [trail, log] = [new FakeHookTrail(), new RecordingLog()];
  const here = hooks.map((hook) => (hook.kind === 'github' ? { ...hook, apiUrl: receiver.url } : hook));
  const calls: HookCall[] = [];
  const ledger = {
    hooks: async (integration: string) => (integration === 'pricing-page' ? here : []),
    accepted: async (accepted: HookCall) => void calls.push(accepted),
  };
  const caller = createHookCaller({ store, transport, deadlineMs });
  const call = createCallHooks({ ledger, trail, caller, clock, log });
  let receives = 0;
  /** One message, as the queue hands it over; each time it says how often it has. @returns whether it comes again */
  const deliver = async (detail: object = publication): Promise<boolean> => {
    receives += 1;
    const attributes = { ApproximateReceiveCount: String(receives) };
    const event = { Records: [{ messageId: 'm1', attributes, body: JSON.stringify({ detail }) }] };
    const { batchItemFailures } = await call(event as unknown as SQSEvent);
    return batchItemFailures.length > 0;
  };
  const close = async () => {
    transport.close();
    await receiver.close();
  };
  return { receiver, secrets, trail, log, calls, deliver, close };
}
