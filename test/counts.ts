/** How much the large suites did: `npm test` prints the sums, so that nobody makes it quicker by doing less. */
import { appendFileSync } from 'node:fs';

/** @param what in plural, such as `random histories` */
export function counted(what: string, times: number): void {
  const file = process.env.PADDLEWHEEL_TEST_COUNTS;
  if (file) appendFileSync(file, `${JSON.stringify({ what, times })}\n`);
}
