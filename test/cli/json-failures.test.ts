/** `--json` when it goes wrong: one document on standard output, whatever went wrong, and the same exit code as without. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SchemaName } from '../../cli/schemas/commands.ts';
import { schemaFaults } from './schema-faults.ts';
import { installation } from './world.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'paddlewheel-json-'));

test.each<[SchemaName, string, number, string]>([
  ['status', 'status --watch --timeout 0', 2, 'misused'],
  ['status', 'status --nope', 2, 'misused'],
  ['plan', 'plan', 2, 'misused'],
  ['rotate', 'rotate pricing-page --emergency --reason leaked', 2, 'misused'],
  ['env', 'env nowhere --consumer site', 1, 'rejected'],
  ['env', 'env pricing-page --consumer site --expect ctkn_1 --timeout 1', 1, 'failed'],
  ['env', 'env nowhere --consumer site --expect ctkn_1', 1, 'rejected'],
  ['env', 'env pricing-page', 2, 'misused'],
  ['verify-build', 'verify-build /nowhere --integration pricing-page --consumer site', 2, 'misused'],
  ['deployed', 'deployed pricing-page --consumer site --artifact /nowhere', 2, 'misused'],
  ['inspect-build', 'inspect build /nowhere', 2, 'misused'],
  ['inspect-build', `inspect build ${folder}`, 2, 'misused'],
  ['audit', 'audit --day yesterday', 2, 'misused'],
  ['verify', 'verify', 2, 'misused'],
  ['scan', 'scan https://shop.example', 2, 'misused'],
  ['trigger', 'trigger --account nobody', 2, 'misused'],
  ['trigger', 'trigger --webhook-url http://127.0.0.1:1', 1, 'failed'],
  ['console', 'console --port x', 2, 'misused'],
  ['register', 'register -f /nowhere.json', 2, 'misused'],
])('%s: %s', async (name, line, exit, outcome) => {
  const { command } = await installation();
  const plain = await command(line);
  const { exit: code, out, err } = await command(`${line} --json`);
  expect([code, plain.exit]).toEqual([exit, exit]);
  expect(JSON.parse(out)).toMatchObject({ outcome, message: expect.stringMatching(/\S/) });
  expect(schemaFaults(name, out)).toEqual([]);
  // A person reads it where it was.
  if (outcome !== 'rejected') expect(err).toBe(plain.err);
});

test('a line of its own behind what was printed already', async () => {
  const { command, aws } = await installation();
  const open = aws.trail;
  let pages = 0;
  aws.trail = async () => {
    const trail = await open();
    return {
      ...trail,
      byDay: (day, page) => {
        pages += 1;
        return pages > 1 ? Promise.reject(new Error('throttled')) : trail.byDay(day, page);
      },
    };
  };
  const { exit, out } = await command('audit --since 2026-01-01 --until 2027-01-01 --json');
  expect(exit).toBe(1);
  const lines = out.trimEnd().split('\n');
  expect(JSON.parse(String(lines.pop()))).toEqual({ outcome: 'failed', message: 'throttled' });
  for (const line of lines) expect(schemaFaults('audit', line)).toEqual([]);
});

test("somebody else's --json behind -- is theirs", async () => {
  const { command } = await installation();
  expect((await command('exec nowhere --consumer site -- true --json')).out).toBe('');
});
