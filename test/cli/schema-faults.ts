/** What a command prints with `--json`, against its schema. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { jsonSchemaOf, type SchemaName } from '../../cli/schemas/commands.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
const compiled = new Map<SchemaName, ValidateFunction>();

/** Empty: it fits, and has no property that the schema does not name. */
export function schemaFaults(name: SchemaName, printed: string): unknown[] {
  const check = compiled.get(name) ?? ajv.compile(jsonSchemaOf(name, { closed: true }));
  compiled.set(name, check);
  return check(JSON.parse(printed)) ? [] : [printed, check.errors];
}
