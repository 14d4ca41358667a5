import * as commands from '../../lambdas/rotation/commands.ts';
import { DAY, later, MINUTE } from '../../lambdas/rotation/time.ts';
import { ThrottledError, RefusedError } from '../../lambdas/shared/errors.ts';
import { auditItem } from '../../lambdas/adapters/dynamo-audit-trail.ts';
import { START } from '../builders/integration.ts';
import { Harness } from './harness.ts';

test('7 evidence record size', async () => {
  const n = Number(process.env.SITES ?? 20);
  const sites = Array.from({ length: n }, (_, i) => ({ url: `https://shop.example.com/${i}/pricing`, extraOrigins: [] }));
  const h = new Harness({ config: { sites, scans: { count: 1, overMs: 0 } } });
  await h.until(later(START, MINUTE));
  await h.look({ command: commands.rotate({}) });
  const resources = Array.from({ length: 100 }, (_, i) => ({
    url: `https://shop.example.com/_next/static/chunks/app/pricing/page-${String(i).padStart(16, '0')}.js`,
    via: 'chunk-table', status: 200, sha256: 'a'.repeat(64), bytes: 123456, found: [],
  }));
  h.sites.scan = async ({ url }) => ({ url, verdict: 'current', message: 'ok', details: { requests: 150, bytes: 1e6, answers: 150, resources, problems: [], skippedOrigins: [], unresolvedImports: 0 } });
  await h.until(later(h.clock.iso(), 3 * DAY));
  const r = h.ledger.records.find((x) => x.type === 'token.revoking')!;
  const bytes = (v: any): number => v.S !== undefined ? Buffer.byteLength(v.S) : v.N !== undefined ? Math.ceil(v.N.length / 2) + 1 : v.BOOL !== undefined ? 1 : v.L ? 3 + v.L.reduce((a: number, x: any) => a + 1 + bytes(x), 0) : v.M ? 3 + Object.entries(v.M).reduce((a, [k, x]) => a + 1 + k.length + bytes(x), 0) : 1;
  const total = Object.entries(auditItem(r as any)).reduce((a, [k, x]) => a + k.length + bytes(x), 0);
  console.log('sites', n, 'DynamoDB bytes', total, 'JSON', JSON.stringify(r).length);
  expect(total).toBeLessThan(400 * 1024);
});

test('10 config.adopt of a token that another integration owns', async () => {
  const h = new Harness();
  const t = h.paddle.make('dashboard');
  h.ledger.owners.set(t.id, { tokenId: t.id, integration: 'other', rotationId: 'r' });
  h.configure({ adopt: t.id } as never);
  const out: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    await h.look().then((r) => out.push(r.outcome), (e) => out.push(e.name));
    h.clock.advance(10 * MINUTE);
  }
  console.log(out, h.state.rotation?.phase, h.state.trouble, h.recordTypes());
  expect(out).not.toContain('TokenTakenError');
});

test('11 a revocation that waits cannot be held', async () => {
  const h = new Harness();
  await h.until(later(START, MINUTE));
  const x = h.current!.id;
  await h.look({ command: commands.rotate({}) });
  h.paddle.failNext('revoke', 'before', { error: new ThrottledError(Date.parse(START) + 2 * DAY + 20 * MINUTE, 'wait') });
  await h.until(later(START, 2 * DAY + 5 * MINUTE));
  const r = await h.look({ command: commands.hold(x, { reason: 'page still serves it' }) });
  console.log(h.token(x).status, r.outcome, (r as any).faults, h.state.lease, h.dueAt);
  expect(r.outcome).not.toBe('rejected');
});

test('12 reconcile with many held tokens', async () => {
  const h = new Harness({ config: { consumers: ['gone'], schedule: { every: DAY } } });
  const errors = new Map<string, number>();
  for (let d = 1; d <= 62; d += 1) await h.until(later(START, d * DAY)).catch(() => h.clock.set(later(START, d * DAY)));
  const n = h.state.tokens.filter((t) => t.status !== 'revoked').length;
  const r = await h.look({ suspects: h.state.tokens.map((t) => t.id), news: true }).then((x) => x.outcome, (e) => e.message);
  console.log(n, r);
  expect(r).toBe('settled');
});

test('13 a fight that lasts: lost tokens are never forgotten', async () => {
  const h = new Harness();
  await h.until(later(START, MINUTE));
  for (let i = 0; i < 72; i += 1) {
    if (h.current) { h.paddle.revokeOutside(h.current.id); await h.look({ suspects: [h.current.id] }); }
    await h.until(later(h.clock.iso(), 20 * MINUTE));
  }
  console.log(h.state.tokens.length, JSON.stringify(h.state).length);
  expect(h.state.tokens.length).toBeLessThan(30);
});
