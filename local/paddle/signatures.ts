import { createHmac } from 'node:crypto';
import type { Destination } from './state.ts';

/** `h1` of one secret: hex HMAC-SHA256 over `<ts>:<body>`; the key is the whole `endpoint_secret_key`. */
export const h1 = (secret: string, ts: number, body: string): string =>
  createHmac('sha256', secret).update(`${ts}:${body}`).digest('hex');

/** `Paddle-Signature` of a delivery. While the destination's secret is being rotated it holds two `h1`. */
export function signatureHeader(
  destination: Pick<Destination, 'secret' | 'rotation'>,
  ts: number,
  body: string,
): string {
  const { secret, rotation } = destination;
  const secrets = rotation
    ? rotation.order === 'new-first'
      ? [secret, rotation.previousSecret]
      : [rotation.previousSecret, secret]
    : [secret];
  return [`ts=${ts}`, ...secrets.map((each) => `h1=${h1(each, ts, body)}`)].join(';');
}
