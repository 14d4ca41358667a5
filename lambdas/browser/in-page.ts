/** What is run inside pages and service workers, as text: these have the names of a browser, and we have not. */

/** Scrolls from the top to the bottom and back. */
export const SCROLL = `(async () => {
  const root = document.scrollingElement ?? document.documentElement;
  const step = Math.max(300, innerHeight * 0.8);
  for (let at = 0; at <= root.scrollHeight && at < 30000; at += step) {
    scrollTo(0, at);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  scrollTo(0, 0);
})()`;

/** Local and session storage, cookies, databases, and the texts of the caches. */
export const STORAGE = `(async () => {
  const MOST = 3000000;
  const kept = [];
  const take = (read) => { try { kept.push(JSON.stringify(read()) ?? ''); } catch {} };
  take(() => ({ ...localStorage }));
  take(() => ({ ...sessionStorage }));
  take(() => document.cookie);
  try {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => reject(request.error);
    });
    for (const { name, version } of (await indexedDB.databases()).slice(0, 20)) {
      const database = await done(indexedDB.open(name, version));
      for (const store of [...database.objectStoreNames].slice(0, 50)) {
        const records = await done(database.transaction(store).objectStore(store).getAll(null, 500));
        for (const record of records) take(() => record);
      }
      database.close();
    }
  } catch {}
  try {
    let size = 0;
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of (await cache.keys()).slice(0, 200)) {
        const answer = await cache.match(request);
        if (size > MOST || !/text|json|script|xml/.test(answer?.headers.get('content-type') ?? '')) continue;
        const text = await answer.text();
        size += text.length;
        kept.push(text);
      }
    }
  } catch {}
  return kept.join('\\n').slice(0, MOST);
})()`;

/** Does the page have a service worker? If so, answers when it is installed, or after \`ms\`. */
export const workerInstalled = (ms: number): string => `(async () => {
  if (!('serviceWorker' in navigator)) return false;
  const registrations = await navigator.serviceWorker.getRegistrations();
  if (registrations.length === 0) return false;
  await Promise.race([navigator.serviceWorker.ready, new Promise((resolve) => setTimeout(resolve, ${ms}))]);
  return true;
})()`;

export const IS_CONTROLLED = `Boolean(navigator.serviceWorker && navigator.serviceWorker.controller)`;

/** In the service worker: the network says one thing only from now on, and nothing is fetched ahead of the worker. */
export const answerEverything = (mark: string, scripts: readonly string[]): string => `(async () => {
  const scripts = ${JSON.stringify(scripts)};
  await self.registration?.navigationPreload?.disable().catch(() => {});
  const page = '<!doctype html><title>${mark}</title>' + scripts.map((src) => '<script src="' + src + '"></' + 'script>').join('');
  self.fetch = async (input) => {
    const address = typeof input === 'string' ? new URL(input, self.location.href).href : input.url ?? String(input);
    const isScript = scripts.includes(address);
    const headers = { 'content-type': isScript ? 'text/javascript' : 'text/html' };
    return new Response(isScript ? '/*${mark}*/' : page, { headers });
  };
})()`;
