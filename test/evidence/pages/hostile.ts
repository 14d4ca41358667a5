import { html, NEW, type PageCase, page } from './page-case.ts';

/** Pages that ask for retry: a verdict within its time, with the reason, never `current`. */
export const hostile: readonly PageCase[] = [
  {
    name: 'a click on what is not there',
    wants: 'doubtful',
    clicks: ['#no-such-button'],
    site: () => ({ '/pricing': page('') }),
  },
  {
    name: 'a page that asks for a login',
    wants: 'doubtful',
    site: () => ({
      '/pricing': { status: 302, body: '', headers: { location: '/login?next=/pricing' } },
      '/login': page('', '<form method="post"><input name="user"><input type="password" name="word"></form>'),
    }),
  },
  {
    name: 'a page behind basic authentication',
    wants: 'doubtful',
    site: () => ({
      '/pricing': { status: 401, body: page(''), headers: { 'www-authenticate': 'Basic realm="preview"' } },
    }),
  },
  {
    name: 'a loop of redirects',
    wants: 'doubtful',
    site: () => ({ '/pricing': { status: 302, body: '', headers: { location: '/pricing?again' } } }),
  },
  {
    name: 'a page that loads itself again and again',
    wants: 'doubtful',
    site: () => ({ '/pricing': page('<script>setTimeout(()=>location.reload(),20)</script>') }),
  },
  {
    name: 'a page that never lets go of the processor',
    wants: 'doubtful',
    site: () => ({ '/pricing': page('', '<script>for(;;);</script>') }),
  },
  {
    name: 'a page that asks for without end',
    wants: 'doubtful',
    site: () => ({
      '/pricing': page(
        '',
        '<script>let i=0;const go=()=>{for(let n=0;n<50;n+=1)fetch("/x?"+i++);setTimeout(go,1)};go()</script>',
      ),
      '/x': html('x'),
    }),
  },
  {
    name: 'a script as a data: URL of many megabytes',
    wants: 'not current',
    site: () => ({
      '/pricing': page('', `<script src="data:text/javascript,var t='${NEW}';/*${'a'.repeat(3_000_000)}*/"></script>`),
    }),
  },
];
