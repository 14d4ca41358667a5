/** After a test that failed: the audit trail of every integration that it was about, as a person reads it. */
import { forgetTouched, trailsOfTouched } from '../stack.ts';

beforeEach(() => forgetTouched());

afterEach(async () => {
  if ((globalThis as { testHasFailed?: boolean }).testHasFailed) console.log(await trailsOfTouched());
});
