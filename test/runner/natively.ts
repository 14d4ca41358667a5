/**
 * The functions of a module, each call in a thread of its own, as Node runs it. In the context that jest gives to a suite every
 * `Date` and every `Object` costs several times as much, which is most of the time of what lives through thousands of worlds.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What goes in and comes out is copied, so it is data. */
type Called<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

/** @param M the module's type: `typeof import('./lives.ts')` */
export const natively = <M extends object>(module: URL): Called<M> =>
  new Proxy({} as Called<M>, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        called({ module: module.href, name: String(name), args }),
  });

export interface Call {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

async function called(call: Call): Promise<unknown> {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: call });
  try {
    // Rejects with what the function throws.
    const [answer] = await once(thread, 'message');
    return answer;
  } finally {
    await thread.terminate();
  }
}
