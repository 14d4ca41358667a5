/** What every command prints with `--json` is what its schema says, and the published schemas are those. */
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { init } from '../../cli/init.ts';
import type { CliIo } from '../../cli/io.ts';
import { jsonSchemaOf, SCHEMAS, type SchemaName } from '../../cli/schemas/commands.ts';
import { ROOT } from '../../infra/root.ts';
import { schemaFaults } from './schema-faults.ts';
import { chained, entryOf, installation } from './world.ts';

const NAMES = Object.keys(SCHEMAS) as SchemaName[];
const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
const judge = (name: SchemaName, closed: boolean) => ajv.compile(jsonSchemaOf(name, { closed }));
test('the published schemas are made of their source: npm run schemas', () => {
  const folder = path.join(ROOT, 'docs/schemas');
  expect(readdirSync(folder).sort()).toEqual(NAMES.map((name) => `${name}.json`).sort());
  for (const name of NAMES)
    expect(JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(jsonSchemaOf(name))),
    );
});

test('every command that takes --json has one, and no other', async () => {
  const { command } = await installation();
  const helps = (await command('--help')).out.split('Commands:')[1] ?? '';
  const names = [...helps.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => String(name));
  const takes: string[] = [];
  for (const name of names) {
    const line = name === 'inspect' ? 'inspect build' : name;
    if ((await command(`${line} --help`)).out.includes('--json')) takes.push(line.replace(' ', '-'));
  }
  expect(takes.sort()).toEqual([...NAMES].sort());
});

test('a schema is open for what a later version adds, and closed in these tests', () => {
  const more = { url: 'http://127.0.0.1:1', later: true };
  expect(judge('console', false)(more)).toBe(true);
  expect(judge('console', true)(more)).toBe(false);
  expect(judge('console', true)({})).toBe(false);
});

/** An integration with a past: rotated twice, one token held, one reported, and seen by nobody. */
async function lived() {
  const world = await installation();
  const { command, harness } = world;
  const first = harness.current?.id;
  await command('env pricing-page --consumer site --build 1');
  await command('deployed pricing-page --consumer site --build 1 --stage production');
  await command('rotate pricing-page --reason spring');
  await command(`hold pricing-page --token ${first} --reason 'an old app'`);
  return { ...world, first };
}

/** In this order, in one life: `FIRST` is a superseded token, `DIST` a folder with the current one, and of `BROKEN` not all can be read. */
const LINES: readonly (readonly [SchemaName, string, exit?: number])[] = [
  ['status', 'status'],
  ['status', 'status pricing-page'],
  ['status', 'status nowhere', 1],
  ['why', 'why pricing-page'],
  ['why', 'why nowhere', 1],
  ['usage', 'usage pricing-page'],
  ['usage', 'usage nowhere', 1],
  ['plan', 'plan pricing-page'],
  ['plan', 'plan nowhere', 1],
  ['rotate', 'rotate pricing-page --dry-run'],
  ['rotate', 'rotate pricing-page --emergency --reason leaked --dry-run'],
  ['rotate', 'rotate nowhere', 1],
  ['adopt', 'adopt pricing-page --token ctkn_1', 1],
  ['env', 'env pricing-page --consumer site --build 2'],
  ['verify-build', 'verify-build DIST --integration pricing-page --consumer site'],
  ['verify-build', 'verify-build EMPTY --integration pricing-page --consumer site', 1],
  ['verify-build', 'verify-build BROKEN --integration pricing-page --consumer site', 1],
  ['inspect-build', 'inspect build DIST'],
  ['inspect-build', 'inspect build BROKEN', 1],
  ['deployed', 'deployed pricing-page --consumer site --build 2'],
  ['deployed', 'deployed pricing-page --consumer site --build nobody', 1],
  ['can-roll-back', 'can-roll-back pricing-page --build 1'],
  ['can-roll-back', 'can-roll-back pricing-page --build nobody', 1],
  ['pause', 'pause pricing-page --until 2027-01-01T00:00:00Z --reason launch'],
  ['status', 'status pricing-page'],
  ['resume', 'resume pricing-page'],
  ['release', 'release pricing-page --token FIRST'],
  ['revoke', 'revoke pricing-page --token FIRST --reason leaked --dry-run'],
  ['hold', 'hold pricing-page --token FIRST --reason again'],
  ['revoke', 'revoke pricing-page --token FIRST --reason leaked --dry-run', 1],
  ['release', 'release pricing-page --token FIRST'],
  ['reconcile', 'reconcile pricing-page'],
  ['rollback', 'rollback pricing-page --token FIRST --reason broken'],
  ['rotate', 'rotate pricing-page'],
  ['revoke', 'revoke pricing-page --token FIRST --reason leaked --yes'],
  ['verify', 'verify --all'],
  ['doctor', 'doctor', 1],
  ['trigger', 'trigger --webhook-url http://127.0.0.1:1', 1],
];

test('a life: what is printed fits', async () => {
  const { command, first, harness } = await lived();
  const folderOf = (text: string) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-json-'));
    writeFileSync(path.join(folder, 'a.js'), text);
    return folder;
  };
  const [dist, empty, broken] = [folderOf(`t="${harness.current?.value}"`), folderOf('1'), folderOf('1')];
  symlinkSync('nowhere', path.join(broken, 'b.js'));
  for (const [name, line, exit = 0] of LINES) {
    const asked = line
      .replace('FIRST', String(first))
      .replace('DIST', dist)
      .replace('EMPTY', empty)
      .replace('BROKEN', broken);
    const printed = await command(`${asked} --json`);
    expect([line, printed.exit]).toEqual([line, exit]);
    // Of `trigger`, whose address nobody answers, nothing is printed.
    if (name !== 'trigger') expect([line, schemaFaults(name, printed.out)]).toEqual([line, []]);
  }
  for (const line of (await command('audit --since 2026-01-01 --json')).out.trim().split('\n'))
    expect(schemaFaults('audit', line)).toEqual([]);
});

test('a trail that somebody tampered with', async () => {
  const { command, aws, harness } = await lived();
  const items = chained(harness.ledger.records.map(entryOf)).map((item) =>
    'message' in item ? { ...item, message: 'changed' } : item,
  );
  aws.trailItems = async (pk) => items.filter((item) => item.pk === pk);
  const { out } = await command('verify --all --json');
  expect(JSON.parse(out).faults.length).toBeGreaterThan(0);
  expect(schemaFaults('verify', out)).toEqual([]);
});

test('init, at first and again', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-json-'));
  for (const options of [{ yes: true }, {}, { name: 'another', yes: true }]) {
    let printed = '';
    const io = { env: {}, out: (text: string) => (printed += text) } as unknown as CliIo;
    expect(await init({ ...options, json: true }, io, folder)).toBe(0);
    expect(schemaFaults('init', printed)).toEqual([]);
  }
});

test('console, which prints where it is and ends with Ctrl-C', async () => {
  const { command } = await installation();
  const ended = new AbortController();
  let printed = '';
  const io = {
    interrupted: () => ended.signal,
    out: (text: string) => {
      printed += text;
      ended.abort();
    },
  };
  const { exit, err } = await command('console --json', { io });
  expect([exit, schemaFaults('console', printed)]).toEqual([0, []]);
  expect(err).toContain('It ends with Ctrl-C');
});
