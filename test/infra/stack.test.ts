import { synthesize } from './synth.ts';

test('synth', () => {
  expect(Object.keys(synthesize().resources).length).toBeGreaterThan(40);
});
