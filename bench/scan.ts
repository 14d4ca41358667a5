/**
 * `npm run bench:scan`: what a site scan costs. Each case runs in a process of its own, against a server in this one,
 * and prints scans and bytes per second, requests per scan, and the peak of its memory. Absolute figures hold on no
 * other machine; that the peak does not grow with the site does.
 */
import { spawn } from 'node:child_process';
import { createSiteScanner } from '../lambdas/evidence/sites/scanner.ts';
import { files, serve } from '../test/fakes/site-server.ts';
import { tokenFor } from '../test/sites/site-builds.ts';

const MEGABYTE = 1024 * 1024;
const current = tokenFor('current');
const superseded = tokenFor('superseded');

interface Measured {
  readonly verdict: string;
  readonly scans: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly requests: number;
  readonly peakMegabytes: number;
}

/** Code that looks like a bundle's: modules of many small functions, names, strings, numbers. */
function code(bytes: number, seed: number): string {
  const one = (i: number) =>
    `function f${i % 40}(e,t){const n=e.length+${i * seed};if(n>t)return{id:"item-${i}",ok:!0,list:[n,t,"${(i * 7919) % 9973}"]};` +
    `return Promise.all([e,t].map(r=>r&&r.then(o=>o.value??"none-${i}"))).catch(()=>null)}\n`;
  const parts: string[] = ['(()=>{var m={0:(e,t,n)=>{'];
  for (let i = 1, size = 0; size < bytes; i += 1) {
    const text = one(i) + (i % 40 === 0 ? `},${i}:(e,t,n)=>{` : '');
    parts.push(text);
    size += text.length;
  }
  return `${parts.join('')}}};})();`;
}

async function measure(url: string, scans: number): Promise<Measured> {
  const scanner = createSiteScanner({ allowPrivateHosts: [new URL(url).host], limits: { scanTimeoutMs: 300_000 } });
  const begun = performance.now();
  let last: Awaited<ReturnType<typeof scanner.scan>> | undefined;
  for (let i = 0; i < scans; i += 1) last = await scanner.scan({ url, extraOrigins: [] }, { superseded, current });
  return {
    verdict: last?.verdict !== 'current' ? (last?.message ?? '') : (last?.verdict ?? ''),
    scans,
    seconds: (performance.now() - begun) / 1000,
    bytes: (last?.details?.bytes as number) ?? 0,
    requests: (last?.details?.requests as number) ?? 0,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

async function inChild(url: string, scans: number): Promise<Measured> {
  // The heap of a small Lambda; without a bound V8 takes what there is before it cleans up.
  const child = spawn(process.execPath, ['--max-old-space-size=256', import.meta.filename, url, String(scans)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(out) as Measured;
}

async function compare(): Promise<void> {
  const many = (count: number, bytes: number) => Array.from({ length: count }, (_, i) => code(bytes, i + 1));
  const cases: Record<string, [scripts: readonly string[], scans: number]> = {
    'nothing but a page': [[], 50],
    '5 scripts of 100 KB': [many(5, 0.1 * MEGABYTE), 10],
    '100 scripts of 20 KB': [many(100, 0.02 * MEGABYTE), 5],
    '10 scripts of 1 MB': [many(10, MEGABYTE), 1],
    '50 scripts of 1 MB': [many(50, MEGABYTE), 1],
    '25 scripts of 2 MB': [many(25, 1.99 * MEGABYTE), 1],
    '10 scripts of 5 MB': [many(10, 5 * MEGABYTE), 1],
    '1 script of 50 MB': [many(1, 50 * MEGABYTE), 1],
  };
  console.log('| site | verdict | scans/s | MB/s | requests per scan | peak RSS, MB |\n|---|---|---:|---:|---:|---:|');
  for (const [name, [scripts, scans]] of Object.entries(cases)) {
    const names = scripts.map((_, i) => `/part-${i}.0123abcd.js`);
    const page = `<!doctype html><p>${current}${names.map((src) => `<script src="${src}"></script>`).join('')}`;
    const server = await serve(
      files({ '/': page, ...Object.fromEntries(names.map((path, i) => [path, scripts[i] ?? ''])) }),
    );
    const { verdict, seconds, bytes, requests, peakMegabytes } = await inChild(`${server.origin}/`, scans);
    const figures = [
      (scans / seconds).toFixed(2),
      ((bytes * scans) / seconds / MEGABYTE).toFixed(1),
      requests,
      peakMegabytes.toFixed(0),
    ];
    console.log(`| ${name} | ${verdict} | ${figures.join(' | ')} |`);
    await server.close();
  }
}

const [url, scans] = process.argv.slice(2);
if (url) console.log(JSON.stringify(await measure(url, Number(scans))));
else await compare();
