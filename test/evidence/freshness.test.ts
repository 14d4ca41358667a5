import { freshnessOf } from '../../lambdas/evidence/sites/freshness.ts';

const date = 'Wed, 25 Nov 2026 12:00:00 GMT';
const cases: Record<string, [headers: Record<string, string>, seconds: number | 'for ever' | undefined]> = {
  'nothing at all': [{}, undefined],
  'no-store': [{ 'cache-control': 'no-store, max-age=60' }, undefined],
  'no-cache': [{ 'cache-control': 'no-cache, max-age=60' }, undefined],
  'max-age': [{ 'cache-control': 'public, max-age=60' }, 60],
  'max-age, in quotes and capitals': [{ 'cache-control': 'Max-Age="60"' }, 60],
  'max-age that is no number': [{ 'cache-control': 'max-age=soon' }, undefined],
  'max-age below zero': [{ 'cache-control': 'max-age=-1' }, undefined],
  's-maxage beside max-age': [{ 'cache-control': 'max-age=0, s-maxage=600' }, 600],
  's-maxage of a private answer': [{ 'cache-control': 'private, max-age=5, s-maxage=600' }, 5],
  'stale-while-revalidate': [{ 'cache-control': 'max-age=10, stale-while-revalidate=90' }, 100],
  'immutable alone': [{ 'cache-control': 'immutable' }, 'for ever'],
  'max-age before Expires': [{ 'cache-control': 'max-age=5', expires: 'Wed, 25 Nov 2026 13:00:00 GMT' }, 5],
  Expires: [{ date, expires: 'Wed, 25 Nov 2026 13:00:00 GMT' }, 3600],
  'Expires in the past': [{ date, expires: '0' }, undefined],
  'last changed ten days ago': [{ date, 'last-modified': 'Sun, 15 Nov 2026 12:00:00 GMT' }, 86_400],
  'Surrogate-Control': [{ 'cache-control': 'no-cache', 'surrogate-control': 'max-age=3600' }, 3600],
  'CDN-Cache-Control': [{ 'cache-control': 'max-age=60', 'cdn-cache-control': 'max-age=3600' }, 3600],
};

test.each(Object.entries(cases))('an answer with %s may be kept', (_name, [headers, seconds]) => {
  const kept = freshnessOf(headers);
  expect(kept ? (kept.seconds ?? 'for ever') : undefined).toBe(seconds);
});
