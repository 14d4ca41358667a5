import { lazy, Suspense, useEffect } from 'react';
import { Await, Link, useFetcher } from 'react-router';

const Lazy = lazy(() => import('../lazy.jsx'));
export const loader = () => ({
  now: '%TOKEN_loader%',
  later: new Promise((resolve) => setTimeout(() => resolve({ later: '%TOKEN_deferred-data%' }), 50)),
});
export async function clientLoader({ serverLoader }) {
  return { ...(await serverLoader()), client: '%TOKEN_client-loader%' };
}
clientLoader.hydrate = true;

export default function Home({ loaderData }) {
  const fetcher = useFetcher();
  useEffect(() => {
    window.tokens = [loaderData, import.meta.env.VITE_BUILT_IN];
    fetcher.load('/api/settings');
    fetch('/api/plain');
    fetch('/settings.json');
    new Worker(new URL('../worker.js', import.meta.url), { type: 'module' });
  }, []);
  return (
    <>
      <Link to="/buy" prefetch="render">Buy</Link>
      <Link to="/about">About</Link>
      <Suspense fallback="…"><Lazy /></Suspense>
      <Suspense fallback="…"><Await resolve={loaderData.later}>{(value) => <p data-later={value.later} />}</Await></Suspense>
    </>
  );
}
