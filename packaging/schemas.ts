/** `npm run schemas`: writes the JSON Schemas of what the command line prints; a test compares them with their source. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jsonSchemaOf, SCHEMAS, type SchemaName } from '../cli/schemas/commands.ts';
import { ROOT } from '../infra/root.ts';

const folder = path.join(ROOT, 'docs', 'schemas');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of Object.keys(SCHEMAS) as SchemaName[])
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`);
