/**
 * Tells Paddlewheel which client-side token a page uses: by a fingerprint (SHA-256, cut off), never the token. No cookie, no
 * answer, nothing about the visitor. What fails, fails in silence: a page must never suffer from it.
 */

/** Of a browser, as far as it is needed. */
declare const document: {
  readonly visibilityState: string;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
};
declare const navigator: { sendBeacon(url: string, text: string): boolean };

export interface BeaconOptions {
  /** The stack's output `SeenBaseUrl` with the integration's name behind it. */
  readonly url: string;
  /** What the page hands to `Paddle.Initialize`. */
  readonly token: string;
  /** Of so many loads and returns one in `1 / sample` is told; an opened checkout always is. Default 1: all. */
  readonly sample?: number;
}

/** For `eventCallback` of `Paddle.Initialize`: tells that a checkout was opened. */
export type PaddleEventCallback = (event?: { readonly name?: string }) => void;

/**
 * Tells at once, on every return to the tab, and when a checkout opens. Without a secure context (`https:` or `localhost`) there is
 * no SHA-256, and nothing is ever sent.
 */
export function beacon({ url, token, sample = 1 }: BeaconOptions): PaddleEventCallback {
  const fingerprint = globalThis.crypto?.subtle
    ?.digest('SHA-256', new TextEncoder().encode(token))
    .then((bytes) => [...new Uint8Array(bytes, 0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  const send = () => {
    fingerprint?.then((text) => navigator.sendBeacon(url, text)).catch(() => {});
  };
  const sometimes = () => {
    // What is no number is no reason to be silent.
    if (!(Math.random() >= sample)) send();
  };
  sometimes();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') sometimes();
  });
  return (event) => {
    if (event?.name === 'checkout.loaded') send();
  };
}
