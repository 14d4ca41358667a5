/** What others have written of what is in the package: their names, versions and licences, from esbuild's account of what went in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { ROOT } from '../infra/root.ts';

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** The text of the licence, as it came. */
  readonly text: string;
}

const LICENCE = /^(?:licen[cs]e|copying|notice)(?:\.|-|$)/i;

/** Sorted by name and version, each once. @throws Error for a package that says nothing of its licence */
export function componentsOf(metafiles: readonly Metafile[]): readonly Component[] {
  // What went into the output, which is less than what was read.
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs: used }) => Object.keys(used)),
  );
  const folders = new Set(inputs.flatMap((input) => folderOf(input) ?? []));
  const components = [...folders].map(componentIn);
  const once = new Map(components.map((component) => [`${component.name}@${component.version}`, component]));
  return [...once.keys()].sort().map((key) => once.get(key) as Component);
}

/** `node_modules/a/node_modules/@b/c/dist/x.js` -> `node_modules/a/node_modules/@b/c` */
const folderOf = (input: string): string | undefined =>
  /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll(path.sep, '/'))?.[1];

function componentIn(folder: string): Component {
  const at = path.join(ROOT, folder);
  const { name, version, license } = JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  if (!license) throw new Error(`${name}@${version} does not say under which licence it is`);
  const files = existsSync(at)
    ? readdirSync(at)
        .filter((file) => LICENCE.test(file))
        .sort()
    : [];
  const text = files.map((file) => readFileSync(path.join(at, file), 'utf8').trim()).join('\n\n');
  return { name, version, licence: license, text };
}

/** Licences that ask for their text to go along, each text once. */
export function notices(components: readonly Component[]): string {
  const byText = new Map<string, Component[]>();
  for (const component of components) byText.set(component.text, [...(byText.get(component.text) ?? []), component]);
  const parts = [...byText].map(([text, those]) => {
    const names = those.map(({ name, version, licence }) => `${name}@${version} (${licence})`).join('\n');
    return `${names}\n\n${text || 'The package has no licence text beside the name of its licence.'}\n`;
  });
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return `This package holds code of these others.${rule}${parts.join(rule)}`;
}

/** A bill of materials, CycloneDX 1.6. The same contents give the same text. */
export function billOfMaterials(itself: { name: string; version: string }, components: readonly Component[]): string {
  const purl = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const entry = (type: 'application' | 'library', { name, version }: { name: string; version: string }) => ({
    ...{ type, name, version, purl: purl(name, version), 'bom-ref': purl(name, version) },
  });
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: entry('application', itself) },
    components: components.map((component) => ({
      ...entry('library', component),
      licenses: [{ expression: component.licence }],
    })),
    dependencies: [
      {
        ref: purl(itself.name, itself.version),
        dependsOn: components.map(({ name, version }) => purl(name, version)),
      },
    ],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}
