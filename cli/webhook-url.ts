/** The address before `/webhooks/paddle`, as somebody names it. */
import { UsageError } from './io.ts';

/** Elsewhere somebody on the way could read a signature, and send it again. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** @throws UsageError which does not repeat it: there may be a password in it */
export function checkWebhookUrl(text: string): string {
  const url = URL.parse(text);
  const isClear = url?.protocol === 'http:' && LOOPBACK.test(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isClear))
    throw new UsageError('--webhook-url begins with https:// (http:// only on this machine)');
  if (url.username || url.password || url.search || url.hash)
    throw new UsageError('--webhook-url has no password and no query: it is the address before /webhooks/paddle');
  return text;
}
