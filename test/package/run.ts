/** `npm run test:package`: see HELP. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { askedOf, misused } from '../../local/asked.ts';
import { LOCAL } from '../../local/python.ts';
import { type Kind, Stranger } from './stranger.ts';
import { type Manager, type NodeMajor, pack } from './tools.ts';
import { checkTypes } from './types.ts';

const HELP = `npm run test:package [-- options]

Packs, installs into empty projects, synthesizes, deploys to a local AWS and rotates. Prints what was typed and how long it
took. Without options: everything.

  --node 20,22,24      on these
  --manager npm,pnpm   with these
  --kind esm,cjs       as these
  --synth              deploy nothing
  --help               this text
`;

const { values } = askedOf(HELP, {
  options: {
    node: { type: 'string', default: '20,22,24' },
    manager: { type: 'string', default: 'npm,pnpm' },
    kind: { type: 'string', default: 'esm,cjs' },
    synth: { type: 'boolean', default: false },
  },
});
const listOf = <T extends string>(text: string, known: readonly T[]): readonly T[] => {
  const list = text.split(',');
  const unknown = list.filter((each) => !known.includes(each as T));
  if (unknown.length > 0) misused(HELP, `${unknown.join(', ')}: one of ${known.join(', ')}`);
  return list as T[];
};
const nodes = listOf<NodeMajor>(values.node, ['20', '22', '24']);
const managers = listOf<Manager>(values.manager, ['npm', 'pnpm']);
const kinds = listOf<Kind>(values.kind, ['esm', 'cjs']);

const told = (line: string) => console.log(line);
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Chromium comes along where a site is to be looked at; where packages are linked, too. */
async function browserIsThere(stranger: Stranger, node: NodeMajor): Promise<void> {
  await stranger.cdk('synth', ['synth', '--quiet', '--output', 'cdk.out.site', '--app', 'node site.cjs'], node);
  const assets = (await readdir(path.join(stranger.folder, 'cdk.out.site'))).filter((name) =>
    name.startsWith('asset.'),
  );
  const holding = assets.filter((name) =>
    existsSync(path.join(stranger.folder, 'cdk.out.site', name, 'node_modules/@sparticuz/chromium/bin/chromium.br')),
  );
  if (holding.length !== 1) throw new Error(`Chromium is in ${holding.length} assets of ${assets.length}`);
  told('            Chromium lies beside its function');
}

const begun = Date.now();
const tarball = await pack(path.join(LOCAL, `packed-${process.pid}`));
told(`packed in ${seconds(begun)}`);
let first = true;
for (const manager of managers) {
  const stranger = await Stranger.arrives(manager, told);
  try {
    const since = Date.now();
    told(`\n${manager}, an empty folder`);
    const [newest = '24'] = [...nodes].reverse();
    await stranger.installs(tarball, newest);
    for (const node of nodes) {
      for (const kind of kinds) {
        told(`\n${manager}, Node ${node}, ${kind === 'esm' ? 'ES modules' : 'CommonJS'}`);
        if (values.synth) {
          await stranger.synthesizes(kind, node);
          continue;
        }
        await stranger.rotates(kind, node, first);
        if (first) told(`  from the empty folder to a rotated token: ${seconds(since)}, ${stranger.commands} commands`);
        first = false;
      }
    }
    await browserIsThere(stranger, newest);
    if (manager === 'npm') await checkTypes(stranger.folder, told);
  } finally {
    await stranger.leaves();
  }
}
told(`\nall of it: ${seconds(begun)}`);
