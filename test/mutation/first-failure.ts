/** Runs suites until a test fails, in a process of its own: `node first-failure.ts <root> <suite> …`. Prints its id. */
import { collect } from './collect.ts';

const [root = '', ...suites] = process.argv.slice(2);
let failure = '';
for (const test of await collect(root, suites)) {
  try {
    await test.run();
  } catch {
    failure = test.id;
    break;
  }
}
process.stdout.write(failure);
process.exit(failure === '' ? 0 : 1);
