/**
 * Buttons of a CloudWatch dashboard call `rotate` itself, with the permissions of whoever presses them. CloudWatch adds a
 * `widgetContext` to the request, and shows what comes back to a person: so it is answered in HTML.
 */
import { type Content, html } from '../domain/html.ts';
import type { Answer } from './answer.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @param handle answers a request without a widget around it, and the messages of the queue */
export const answeringWidgets =
  <R extends object>(handle: (event: unknown, invocationId: string, alias?: string) => Promise<R>) =>
  async (event: unknown, invocationId: string, alias?: string): Promise<R | string> => {
    if (typeof event !== 'object' || event === null || !('widgetContext' in event))
      return handle(event, invocationId, alias);
    const { widgetContext, ...request } = event as Fields;
    return shown((await handle(request, invocationId, alias)) as unknown as Answer);
  };

function shown({ outcome, message, faults, records }: Answer): string {
  const happened = (records ?? []) as readonly { readonly message: string }[];
  const list = (lines: readonly Content[]) => html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return html`<div role="status"><p><strong>${outcome}</strong>: ${faults ? 'nothing was changed.' : message}</p>${list(
    faults ?? happened.map((record) => record.message),
  )}</div>`.toString();
}
