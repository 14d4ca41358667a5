import * as commands from '../../lambdas/rotation/commands.ts';
import { DAY, HOUR, later, MINUTE } from '../../lambdas/rotation/time.ts';
import { RefusedError } from '../../lambdas/shared/errors.ts';
import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { auditItem } from '../../lambdas/adapters/dynamo-audit-trail.ts';
import { stateItem } from '../../lambdas/adapters/dynamo-ledger.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';
import { quietViolations, violations } from './invariants.ts';

async function withToken(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const h = new Harness(options);
  await h.until(later(START, MINUTE));
  return h;
}
const size = (o: unknown) => JSON.stringify(o).length;

test('1 pause is bypassed', async () => {
  const h = await withToken();
  const x = h.current!.id;
  await h.look({ command: commands.rotate({ requestId: 'a' }) });
  const target = h.config.targets[0]!;
  h.targets.failNext('write', target, 'before', new RefusedError('AccessDenied', 'no'));
  await h.look({ command: commands.rotate({ requestId: 'b' }) }); // Z minted, not published
  expect(h.state.rotation?.phase).toBe('minted');
  const y = h.current!.id;
  await h.look({ command: commands.pause({ reason: 'freeze' }) });
  h.paddle.failNext('revoke', 'before', { error: new RefusedError('forbidden', 'no') });
  h.clock.advance(2 * MINUTE);
  await h.look({ command: commands.forceRevoke(x, { reason: 'leak' }) });
  console.log('paused', h.state.pause, 'current changed under pause:', y !== h.current?.id, h.recordTypes().slice(-6));
  expect(h.current?.id).toBe(y);
});

test('2 seenLive with the real scanner', async () => {
  const t = `test_${'a'.repeat(27)}`;
  const f = await createSiteScanner().scan({ url: 'https://example.com/', extraOrigins: [] }, { superseded: t, current: t });
  console.log(f);
  expect(f.verdict).not.toBe('error');
});

test('3 verify 404 leaves a minted token for ever', async () => {
  const h = await withToken();
  const target = h.config.targets[0]!;
  h.targets.failNext('write', target, 'before');
  await h.look({ command: commands.rotate({}) });
  const m = h.state.rotation!.tokenId!;
  const get = h.paddle.get.bind(h.paddle);
  let once = true;
  h.paddle.get = async (id) => (once && id === m ? ((once = false), undefined) : get(id));
  await h.until(later(h.clock.iso(), 20 * DAY));
  console.log(h.state.tokens.map((t) => [t.id, t.status]), h.active.length);
  expect(quietViolations(h)).toEqual([]);
});

test('4 a stale read brings a revoked token back', async () => {
  const h = await withToken();
  const x = h.current!.id;
  await h.look({ command: commands.rotate({ requestId: 'a' }) });
  const get = h.paddle.get.bind(h.paddle);
  // rollback whose verify fails once, so that it waits
  h.paddle.failNext('get', 'before');
  await h.look({ command: commands.rollback(x, {}) });
  expect(h.state.rotation?.source).toMatchObject({ kind: 'rollback' });
  h.paddle.revokeOutside(x);
  await h.look({ suspects: [x] }); // webhook: marks it lost
  expect(h.token(x).status).toBe('revoked');
  const stale = { ...(await get(x))!, status: 'active' as const };
  h.paddle.get = async (id) => (id === x ? stale : get(id)); // one replica lags
  h.clock.advance(5 * MINUTE);
  await h.look();
  console.log(h.current?.id === x, h.targets.current(h.config.targets[0]!), h.token(x));
  expect(h.current?.id).not.toBe(x);
});

test('6 cleanScans grow without bound', async () => {
  const url = 'https://example.com/';
  const h = await withToken({ config: { sites: [{ url, extraOrigins: [] }], consumers: ['gone'] } });
  h.configure({ schedule: { every: 365 * DAY }, scheduleSince: h.clock.iso() });
  await h.look({ command: commands.rotate({}) });
  h.sites.deploy(url, h.current!.value);
  for (let d = 0; d < 60; d += 1) await h.until(later(h.clock.iso(), 10 * DAY / 10));
  const held = h.state.tokens.find((t) => t.status === 'superseded')!;
  console.log(held.hold?.reason, held.cleanScans?.length, size(held.cleanScans));
  expect(held.cleanScans!.length).toBeLessThan(100);
});

test('8 grace from a deployment that was long ago', async () => {
  const h = await withToken({ config: { graceFrom: 'deployed' } });
  const x = h.current!.id;
  await h.look({ command: commands.rotate({ requestId: 'a' }) });
  const y = h.current!.id;
  const at = h.clock.iso();

  (h.world.ledger as any).usage = async () => [{ consumer: 'c2', tokenId: y, phase: 'deploy', at, deployed: { tokenId: y, at } }];
  h.clock.advance(1000);
  await h.look({ news: true });
  await h.look({ command: commands.rollback(x, {}) });
  h.clock.advance(1 * DAY);
  await h.look({ command: commands.rollback(y, {}) });
  h.clock.advance(1.5 * DAY);
  const t = await h.look({ command: commands.rollback(x, {}) });
  h.clock.advance(MINUTE);
  await h.look({ command: commands.rollback(y, { requestId: 'z' }) });
  h.clock.advance(MINUTE);
  await h.look({ news: true });
  console.log(h.current?.id === y, h.token(x), h.active.map((a) => a.id), h.clock.iso());
  expect(h.token(x).status).toBe('superseded');
});

test('9 an old hold stops an emergency', async () => {
  const h = await withToken();
  const x = h.current!.id;
  await h.look({ command: commands.rotate({ requestId: 'a' }) });
  await h.look({ command: commands.hold(x, { reason: 'old page' }) });
  await h.look({ command: commands.rollback(x, {}) });
  const r = await h.look({ command: commands.emergency({ reason: 'leaked' }) });
  console.log(r.outcome, h.token(x));
  expect(h.token(x).status).toBe('revoked');
});
