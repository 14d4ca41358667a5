/** Runs in every frame before the page's own scripts: tells with which token and environment Paddle.js is initialised. */

/** What the hook tells. */
export type PaddleCall =
  | { readonly call: 'environment'; readonly value: string }
  | { readonly call: 'initialize'; readonly token: string };

/** Handed over as source text, so it may use nothing from outside. @param name of the function that hears of calls */
export function hookPaddle(name: string): void {
  interface Api {
    [key: string]: unknown;
  }
  const scope = globalThis as unknown as Record<string, unknown>;
  const tell = scope[name] as ((call: unknown) => void) | undefined;
  const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
  const told = (call: unknown) => {
    try {
      void tell?.(call);
    } catch {}
  };
  const initialise = (real: Api, method: (...values: unknown[]) => unknown) =>
    function hooked(...values: unknown[]) {
      const options = (values[0] ?? {}) as { token?: unknown };
      told({ call: 'initialize', token: text(options.token) });
      return method.apply(real, values);
    };
  const environment = (real: Api) =>
    new Proxy(real, {
      get(target, key) {
        const value = target[key as string];
        if (key !== 'set' || typeof value !== 'function') return value;
        return (...values: unknown[]) => {
          told({ call: 'environment', value: text(values[0]) });
          return value.apply(target, values);
        };
      },
    });
  const wrap = (real: unknown): unknown => {
    if (typeof real !== 'object' || real === null) return real;
    const seen = new Map<unknown, unknown>();
    return new Proxy(real as Api, {
      get(target, key) {
        const value = target[key as string];
        const known = seen.get(value);
        if (known) return known;
        const isHooked = key === 'Initialize' || key === 'Setup';
        let given = value;
        if (isHooked && typeof value === 'function')
          given = initialise(target, value as (...all: unknown[]) => unknown);
        else if (key === 'Environment' && typeof value === 'object' && value !== null)
          given = environment(value as Api);
        else if (typeof value === 'function') given = value.bind(target);
        if (given !== value) seen.set(value, given);
        const own = Object.getOwnPropertyDescriptor(target, key);
        return own && !own.configurable && own.writable === false ? value : given;
      },
    });
  };
  let paddle: unknown;
  try {
    Object.defineProperty(scope, 'Paddle', {
      configurable: true,
      enumerable: true,
      get: () => paddle,
      set: (value: unknown) => {
        paddle = wrap(value);
      },
    });
  } catch {}
}
