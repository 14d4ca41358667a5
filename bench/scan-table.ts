/**
 * `npm run bench:scan-table`: builds every site of the tests, searches for the token of every place, and prints a table.
 * Exit code 1 when a token that is served was missed, or one that is not was "found".
 */
import { createSiteScanner } from '../lambdas/evidence/sites/scanner.ts';
import { folders, serve } from '../test/fakes/site-server.ts';
import { buildSite, NEXT_RECIPE, RECIPES, removeBuilds, tokenFor } from '../test/sites/site-builds.ts';

interface Row {
  readonly site: string;
  readonly scripts: number;
  readonly place: string;
  readonly verdict: string;
  readonly how: string;
  readonly ok: boolean;
}

const only = process.argv[2];
const rows: Row[] = [];
for (const recipe of [
  ...RECIPES,
  NEXT_RECIPE,
  { ...NEXT_RECIPE, name: 'Next.js, webpack', settings: { names: 'webpack' } },
]) {
  if (only && !recipe.name.toLowerCase().includes(only.toLowerCase())) continue;
  const build = await buildSite(recipe);
  const server = await serve(folders([build.folder], { gzip: true }));
  const scanner = createSiteScanner({ allowPrivateHosts: [server.host], stopWhenFound: false });
  const [control = ''] = Object.values(build.tokens);
  const scan = (superseded: string, current: string) =>
    scanner.scan({ url: server.origin + build.page, extraOrigins: [] }, { superseded, current });
  const clean = await scan(tokenFor('nobody serves this one'), control);
  const answers = (clean.details?.answers as number) ?? 0;
  rows.push({
    site: recipe.name,
    scripts: answers,
    place: '(nowhere)',
    verdict: clean.verdict,
    how: clean.verdict === 'current' ? '' : clean.message,
    ok: clean.verdict === 'current',
  });
  for (const [place, token] of Object.entries(build.tokens)) {
    const finding = await scan(token, tokenFor('never served'));
    const found = finding.message.match(/\((exact|tolerant: \w+)\)/)?.[1] ?? finding.message;
    rows.push({
      site: recipe.name,
      scripts: answers,
      place,
      verdict: finding.verdict,
      how: found,
      ok: finding.verdict === 'superseded',
    });
  }
  await server.close();
}
await removeBuilds();

console.log('| site | answers | token sits in | verdict | how | |\n|---|---:|---|---|---|---|');
for (const { site, scripts, place, verdict, how, ok } of rows) {
  console.log(`| ${site} | ${scripts} | ${place} | ${verdict} | ${how} | ${ok ? 'right' : '**WRONG**'} |`);
}
const missed = rows.filter(({ ok, place }) => !ok && place !== '(nowhere)').length;
const alarms = rows.filter(({ ok, place }) => !ok && place === '(nowhere)').length;
console.log(`\n${rows.length} scans: ${missed} missed, ${alarms} false alarms.`);
if (missed + alarms > 0) process.exitCode = 1;
