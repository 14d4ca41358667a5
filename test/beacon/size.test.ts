/** The beacon as it is published: small, and of nobody's code but ours. */
import { buildBeacon } from '../../packaging/beacon.ts';
import { counted } from '../counts.ts';

/** Bytes, minified and not compressed. */
const LESS_THAN = 1_000;

test('both shapes of the beacon are under 1 KB, and depend on nothing', async () => {
  const { module, script, metafiles } = await buildBeacon();
  for (const text of [module, script]) expect(Buffer.byteLength(text)).toBeLessThan(LESS_THAN);
  counted('bytes of the beacon as a module', Buffer.byteLength(module));
  counted('bytes of the beacon as a script', Buffer.byteLength(script));
  expect(metafiles.map(({ inputs }) => Object.keys(inputs).sort())).toEqual([
    ['beacon/index.ts'],
    ['beacon/index.ts', 'beacon/script.ts'],
  ]);
});

test('it keeps nothing about a visitor, and asks for nothing', async () => {
  const { module, script } = await buildBeacon();
  expect(`${module}${script}`).not.toMatch(
    /cookie|localStorage|sessionStorage|indexedDB|fetch\(|XMLHttpRequest|import\(/,
  );
});
