/** Who imports whom, in several trees and one process: `node cruise.ts <tree> …` prints what dependency-cruiser finds, as JSON. */
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const ROOT = path.resolve(import.meta.dirname, '../..');
const options = await extractOptions(path.join(ROOT, '.dependency-cruiser.cjs'));
const answers: { arrows: string[][]; violations: string[] }[] = [];
for (const tree of process.argv.slice(2)) {
  process.chdir(tree);
  const rooms = tree === ROOT ? ['lambdas', 'infra', 'cli', 'local'] : ['lambdas'];
  const { modules, summary } = (await cruise(rooms, { ...options, validate: true })).output as ICruiseResult;
  answers.push({
    arrows: modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => [source, resolved])),
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  });
}
console.log(JSON.stringify(answers));
