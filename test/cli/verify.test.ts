import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TrailRecord } from '../../lambdas/domain/audit-chain.ts';
import { DAY, later } from '../../lambdas/domain/time.ts';
import { START } from '../builders/integration.ts';
import { installation } from './world.ts';

/** Two rotations, observed and chained, a day ago. */
async function observed() {
  const world = await installation();
  await world.command('rotate pricing-page');
  const items = world.stored() as TrailRecord[];
  world.harness.clock.set(later(START, 2 * DAY));
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  return { ...world, items, heads: path.join(folder, 'heads.json') };
}
const spot = (items: readonly TrailRecord[], type: string) => items.findIndex((item) => item.type === type);

describe('paddlewheel verify', () => {
  test('finds nothing in an honest trail', async () => {
    const { command, harness } = await observed();
    const { exit, out } = await command('verify --all');
    expect([exit, out]).toEqual([0, expect.stringContaining(`${harness.ledger.records.length} records in`)]);
    expect((await command('verify --integration pricing-page')).exit).toBe(0);
    expect((await command(`verify --token ${harness.current?.id}`)).out).toMatch(
      /^[1-9]\d* records in 1 partitions, 0 faults/,
    );
  });

  test('says which record was changed, and which removed', async () => {
    const { command, items } = await observed();
    const at = spot(items, 'token.published');
    items[at] = { ...(items[at] as TrailRecord), requestedBy: 'nobody' };
    items.splice(spot(items, 'token.superseded'), 1);
    const { exit, out } = await command('verify --all --json');
    expect([exit, JSON.parse(out)]).toMatchObject([
      1,
      { ok: false, faults: [{ kind: expect.stringMatching(/changed|removed/) }, {}] },
    ]);
    expect((await command('verify --integration pricing-page')).out).toMatch(
      /CHANGED[\s\S]*REMOVED|REMOVED[\s\S]*CHANGED/,
    );
  });

  test('finds a partition that is gone with its chain, by the head that was kept', async () => {
    const { command, items, heads, harness } = await observed();
    expect((await command(`verify --all --save ${heads}`)).exit).toBe(0);
    expect((await command(`verify --all --heads ${heads}`)).exit).toBe(0);
    const gone = harness.current?.id ?? '';
    for (let at = items.length - 1; at >= 0; at -= 1) if (items[at]?.pk.endsWith(gone)) items.splice(at, 1);
    expect((await command('verify --all')).exit).toBe(0);
    expect(await command(`verify --all --heads ${heads}`)).toMatchObject({
      exit: 1,
      out: expect.stringContaining('REWRITTEN'),
    });
  });

  test('does not keep the heads of a chain with faults', async () => {
    const { command, items, heads } = await observed();
    items.splice(spot(items, 'token.published'), 1);
    expect(await command(`verify --all --save ${heads}`)).toMatchObject({
      exit: 1,
      err: expect.stringContaining('not saved'),
    });
    await expect(readFile(heads)).rejects.toThrow('ENOENT');
  });

  test('refuses to verify nothing, and heads that are none', async () => {
    const { command, heads } = await observed();
    expect((await command('verify')).exit).toBe(2);
    expect((await command(`verify --all --heads ${heads}`)).exit).toBe(2);
    await writeFile(heads, '{"heads":{"TOKEN#x":{"seq":-1}}}');
    expect((await command(`verify --all --heads ${heads}`)).exit).toBe(2);
  });
});
