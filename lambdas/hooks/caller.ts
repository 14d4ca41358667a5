/** Calls one deploy hook: its credential is read, one POST is sent, and nothing of either is ever logged. */
import type { DeployHook } from '../contract.ts';
import { AlertError, AmbiguousError, RefusedError } from '../domain/errors.ts';
import type { CredentialStore } from '../paddle/api-key.ts';
import { type Transport, TransportError } from '../paddle/transport.ts';
import type { HookCaller, Publication } from './ports.ts';

/** For the whole exchange: answering "a build is queued" takes no longer anywhere. */
const DEADLINE_MS = 10_000;
/** Only the status counts; what comes beyond is cut off. */
const MOST_BYTES = 64 * 1024;
const LONGEST_ADDRESS = 2_048;

interface HookRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export function createHookCaller(parts: {
  readonly store: CredentialStore;
  readonly transport: Transport;
  /** Default 10 s. */
  readonly deadlineMs?: number;
}): HookCaller {
  const { store, transport, deadlineMs: timeoutMs = DEADLINE_MS } = parts;
  return {
    async call(hook, publication) {
      const { url, headers, body } = await httpRequestOf(hook, publication, store);
      const common = { 'content-type': 'application/json', 'user-agent': 'paddlewheel' };
      const { status } = await transport
        .send({
          ...{ method: 'POST', url, timeoutMs, maxBytes: MOST_BYTES },
          headers: { ...common, 'idempotency-key': publication.id, ...headers },
          body: JSON.stringify(body),
        })
        .catch((error) => {
          throw unanswered(error);
        });
      if (status >= 200 && status < 300) return status;
      throw refused(status);
    },
  };
}

async function httpRequestOf(hook: DeployHook, publication: Publication, store: CredentialStore): Promise<HookRequest> {
  if (hook.kind === 'webhook') {
    // `{}`, as the vendors' own examples have it: some check what they get.
    return { url: secretAddress(await store.read(hook.url)), headers: {}, body: {} };
  }
  const token = (await store.read(hook.token)).trim();
  if (!/^[\x21-\x7e]{1,512}$/.test(token))
    throw new AlertError('hook_token_invalid', 'What is stored as the token of the deploy hook is none');
  const { id, integration, tokenId, rotationId } = publication;
  return {
    url: new URL(`${hook.apiUrl}/repos/${hook.repository}/dispatches`),
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    },
    body: { event_type: hook.eventType, client_payload: { publication: id, integration, tokenId, rotationId } },
  };
}

/** The address is the operator's own and may well be a private one; but it is a credential, so it travels over TLS only. */
function secretAddress(stored: string): URL {
  const text = stored.trim();
  const url = text.length <= LONGEST_ADDRESS ? URL.parse(text) : null;
  if (url?.protocol === 'https:' && !url.username && !url.password) return url;
  throw new AlertError(
    'hook_address_invalid',
    'What is stored as the address of the deploy hook is no https:// address without user and password',
  );
}

function unanswered(error: unknown): unknown {
  if (!(error instanceof TransportError)) return error;
  // Its cause names host and port, and perhaps more: the code has to do.
  const after = error.maybeSent ? '; the build may have been started all the same' : '';
  return new AmbiguousError(error.code, `${error.message}${after}`);
}

/** Redirections too: the credential would go wherever the answer says. */
const refused = (status: number): RefusedError =>
  status >= 300 && status < 400
    ? new RefusedError('redirect_refused', `the answer was a redirection (${status}), which is never followed`)
    : new RefusedError(`http_${status}`, `the answer was ${status}`);
