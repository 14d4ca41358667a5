const MAX_KEPT_BODY = 1024;

export interface PostResult {
  /** 0: no answer. */
  readonly status: number;
  readonly contentType: string | null;
  /** The beginning of the answer; without an answer, why there was none. */
  readonly body: string;
}

/** One attempt at one destination. Redirects are not followed. Resolves in any case, within `timeoutMs`. */
export async function postWebhook(request: {
  readonly url: string;
  readonly body: string;
  readonly signature: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<PostResult> {
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Paddle',
        'Paddle-Signature': request.signature,
        // One delivery, one connection: nothing is left open when the simulator stops.
        Connection: 'close',
      },
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]),
    });
    const contentType = response.headers.get('content-type');
    return { status: response.status, contentType, body: await beginning(response) };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return { status: 0, contentType: null, body: timedOut ? 'no answer in time' : 'no connection' };
  }
}

async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  while (text.length < MAX_KEPT_BODY) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, MAX_KEPT_BODY);
}
