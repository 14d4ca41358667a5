/** What an answer is, by its type and its first characters. */
import { FetchProblem } from './problem.ts';
import type { Reference } from './reference.ts';
import type { Body } from './visit.ts';

export const isJson = ({ contentType, url }: Body): boolean =>
  /json$/.test(contentType) || (contentType === '' && new URL(url).pathname.endsWith('.json'));

export const isScript = ({ contentType, url }: Body): boolean =>
  /(?:java|ecma)script$/.test(contentType) || /\.[mc]?js$/.test(new URL(url).pathname);

/** Is the answer a page, for somebody who asked for this? */
export function isPage(body: Body, as: Reference['as']): boolean {
  const isHtml = body.contentType === 'text/html' || body.contentType === 'application/xhtml+xml';
  const start =
    body.text
      ?.slice(0, 256)
      .replace(/^\uFEFF/, '')
      .trimStart() ?? '';
  if (as !== 'script') return isHtml || (body.contentType === '' && start.startsWith('<'));
  return (isHtml && start.startsWith('<')) || /^<(?:!doctype html|html)\b/i.test(start);
}

export const absence = (status: number): FetchProblem =>
  status === 0
    ? new FetchProblem('not-a-script', 'the server answered a page instead of a script')
    : new FetchProblem('status', `the server answered ${status}`);

export function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
