/** Does CloudWatch find the metrics in a line of the log? By AWS's own JSON schema, and by what its specification says besides. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

const schema = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../resources/emf-schema.json'), 'utf8'));
let validator: ValidateFunction | undefined;
/** Compiled when the first metric comes: most suites write none. */
const compiled = (): ValidateFunction => {
  validator ??= new Ajv({ allErrors: true }).compile(schema);
  return validator;
};

interface Directive {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/** @returns what is wrong with a line that is meant as a metric; nothing for any other line */
export function emfFaults(line: string): string[] {
  if (!line.includes('"_aws"')) return [];
  let document: Record<string, unknown> & { _aws: { CloudWatchMetrics: readonly Directive[] } };
  try {
    document = JSON.parse(line);
  } catch {
    return ['is not JSON'];
  }
  const validate = compiled();
  if (!validate(document))
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return document._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Metrics.filter(({ Name }) => ![document[Name]].flat().every((value) => typeof value === 'number')).map(
      ({ Name }) => `${Name} is not a number at the root`,
    ),
    ...Dimensions.flat()
      .filter((name) => typeof document[name] !== 'string')
      .map((name) => `the dimension ${name} is not a text at the root`),
  ]);
}

/** @throws Error for the first line that is meant as a metric, and that CloudWatch would pass over */
export function assertMetrics(lines: readonly string[]): void {
  for (const line of lines) {
    const faults = emfFaults(line);
    if (faults.length > 0) throw new Error(`CloudWatch finds no metric in ${line}: ${faults.join('; ')}`);
  }
}
