/**
 * What Node 20 lacks of what the sources use, for the parts of the package that run on the stranger's Node. Functions of our
 * own, put in the place of the calls: nothing global is changed in anybody's process.
 */

export function urlParse(text: string | URL, base?: string | URL): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

export async function arrayFromAsync<T, R = T>(
  items: AsyncIterable<T> | Iterable<T | PromiseLike<T>>,
  each: (item: T, index: number) => R | PromiseLike<R> = (item) => item as unknown as R,
): Promise<R[]> {
  const all: R[] = [];
  for await (const item of items) all.push(await each(item, all.length));
  return all;
}

export function promiseWithResolvers<T>() {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}
