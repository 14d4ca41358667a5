/** Files with a page's data that frameworks name by a rule instead of writing the name down. */
import type { Reference } from './reference.ts';

const MOST = 30;

/** @param text of a page, or of a data file that names others */
export function frameworkData(text: string, url: string): Reference[] {
  const { pathname, origin } = new URL(url);
  const folder = pathname.replace(/\/(?:index\.html)?$/, '').replace(/\.html$/, '');
  const paths = [
    ...gatsby(text, pathname),
    ...(text.includes('__sveltekit') ? [`${folder}/__data.json`] : []),
    ...(text.includes('__NUXT') ? [`${folder}/_payload.json`] : []),
    ...(text.includes('id="___gatsby"')
      ? [`/page-data${folder || '/index'}/page-data.json`, '/page-data/app-data.json']
      : []),
    ...next(text, folder),
    ...(/__reactRouterContext|__remixContext/.test(text) ? [`${folder || '/_root'}.data`] : []),
    ...(text.includes('q:container') ? [`${folder}/q-data.json`] : []),
  ];
  return paths.slice(0, MOST).map((path) => ({
    ...{ target: origin + path, via: 'data', base: 'document', certainty: 'hint', as: 'any' },
  }));
}

/** `{"staticQueryHashes":["3649515864"]}` in a page's data names further files. */
function gatsby(text: string, pathname: string): string[] {
  const [prefix, rest] = pathname.split('/page-data/', 2);
  const hashes = rest === undefined ? undefined : /"staticQueryHashes"\s*:\s*\[([^\]]{0,2000})\]/.exec(text)?.[1];
  return [...(hashes ?? '').matchAll(/"(\w{1,40})"/g)].map(([, hash]) => `${prefix}/page-data/sq/d/${hash}.json`);
}

function next(text: string, folder: string): string[] {
  // An exported page keeps what the server sends to its router beside it.
  if (text.includes('__next_f')) return [`${folder || '/index'}.txt`];
  if (!text.includes('__NEXT_DATA__')) return [];
  const build = /"buildId"\s*:\s*"([\w-]{1,100})"/.exec(text)?.[1];
  return build ? [`/_next/data/${build}${folder || '/index'}.json`] : [];
}
