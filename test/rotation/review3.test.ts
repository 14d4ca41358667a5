import { createSiteScanner } from '../../lambdas/evidence/sites/scanner.ts';
import { createServer } from 'node:http';
test('14 skipped origins are not bounded', async () => {
  const body = `<html>${Array.from({ length: 30000 }, (_, i) => `<script src="https://h${i}.example.net/a.js"></script>`).join('')}</html>`;
  const s = createServer((_q, r) => { r.setHeader('content-type', 'text/html'); r.end(body); }).listen(0);
  const port = (s.address() as any).port;
  const f = await createSiteScanner({ allowPrivateHosts: [`127.0.0.1:${port}`] }).scan({ url: `http://127.0.0.1:${port}/`, extraOrigins: [] }, { superseded: `test_${'a'.repeat(27)}`, current: `test_${'b'.repeat(27)}` });
  s.close();
  console.log(f.verdict, f.message.length, JSON.stringify(f).length);
  expect(f.message.length).toBeLessThan(2000);
});
