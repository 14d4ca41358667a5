/** Runs the suites until a test fails, in a process of its own: `node first-failure.ts <root>`. Prints its id. */
import { collect } from './collect.ts';
import { SUITES } from './suites.ts';

const [root = ''] = process.argv.slice(2);
let failure = '';
for (const test of await collect(root, SUITES)) {
  try {
    await test.run();
  } catch {
    failure = test.id;
    break;
  }
}
process.stdout.write(failure);
process.exit(failure === '' ? 0 : 1);
