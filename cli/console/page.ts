/** The page around the widget: it does what CloudWatch's dashboard does, and asks again every few seconds. */
import { html, Markup } from '../../lambdas/domain/html.ts';

export interface Control {
  /** In the address of the request; lower-case letters. */
  readonly id: string;
  readonly text: string;
  /** What it does, for whoever points at it. */
  readonly title: string;
  /** @returns what was done, in a sentence */
  run(): Promise<string>;
}

export interface PageParts {
  readonly title: string;
  readonly nonce: string;
  readonly pollMs: number;
  readonly controls: readonly Control[];
}

const STYLE = `body{margin:0;background:#f4f6f8;color:#16191f;font:14px/1.5 system-ui,sans-serif}
header,#told,#widget{max-width:1100px;margin:0 auto}header{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;padding:12px 16px}
h1{font-size:16px;margin:0;flex:1 1 200px}header button,dialog button{font:inherit;font-weight:600;padding:4px 12px;border-radius:6px;border:1px solid #5a6472;background:#fff;color:#16191f;cursor:pointer}
:focus-visible{outline:3px solid #0057b8;outline-offset:2px}#told{padding:0 16px}#told:empty{display:none}#told>div{background:#fff;color:#16191f;border-left:4px solid #0057b8;padding:8px 12px;margin-bottom:8px;overflow-wrap:anywhere}#told ul{margin:4px 0;padding-left:20px}#told p{margin:0}
dialog{max-width:460px;border:1px solid #5a6472;border-radius:8px;background:#fff;color:#16191f}dialog div{display:flex;gap:8px;justify-content:flex-end;margin-top:14px}
@media (prefers-color-scheme:dark){body{background:#0a131e;color:#e8ebee}header button,dialog button,dialog,#told>div{background:#172739;color:#e8ebee}:focus-visible{outline-color:#6cb3ff}}`;

const SCRIPT = `
const [widget, told, dialog] = ['widget', 'told', 'ask'].map((id) => document.getElementById(id));
let parameters = {}, asked = 0, said = '';
const post = async (path, body) => {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return answer.json();
};
const typed = () => Object.fromEntries([...widget.querySelectorAll('input[name]')].map(({ name, value }) => [name, value]));
const theme = () => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
const reachable = () => [...widget.querySelectorAll('button, input, summary')];
function tell(markup) { if (markup !== said) { said = markup; told.innerHTML = markup; } }
function say(text) { const line = document.createElement('div'); line.textContent = text; tell(line.outerHTML); }
function put(markup) {
  const at = reachable().indexOf(document.activeElement);
  const open = [...widget.querySelectorAll('details[open] > summary')].map(({ textContent }) => textContent);
  widget.innerHTML = markup;
  for (const summary of widget.querySelectorAll('summary')) summary.parentElement.open = open.includes(summary.textContent);
  if (at >= 0) reachable()[at]?.focus();
}
async function show(wanted = parameters) {
  const turn = ++asked;
  const forms = typed();
  parameters = wanted.view === 'search' ? { search: forms.search ?? '', page: 1 } : wanted;
  const { html, error } = await post('call', { parameters, theme: theme(), forms }).catch(() => ({ error: 'The console has ended.' }));
  if (turn !== asked) return;
  if (html !== undefined) put(html); else say(error);
}
async function confirmed(question) {
  dialog.querySelector('p').textContent = question;
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  return dialog.returnValue === 'yes';
}
async function press(action) {
  const wanted = JSON.parse(action.textContent || '{}');
  const question = action.getAttribute('confirmation');
  if (question && !(await confirmed(question))) return;
  if (action.getAttribute('display') !== 'popup') return show(wanted);
  say('At work …');
  const { html, error } = await post('call', { endpoint: action.getAttribute('endpoint'), parameters: wanted, theme: theme(), forms: typed() });
  if (html !== undefined) tell(html); else say(error);
  await show();
}
widget.addEventListener('click', ({ target }) => {
  const action = target.closest('button')?.nextElementSibling;
  if (action?.localName === 'cwdb-action') press(action);
});
widget.addEventListener('submit', (event) => { event.preventDefault(); event.target.querySelector('button').click(); });
for (const button of document.querySelectorAll('[data-control]'))
  button.addEventListener('click', async () => {
    say('At work …');
    const { message, error } = await post('control', { id: button.dataset.control });
    say(message ?? error);
    await show();
  });
(async function live() {
  const busy = dialog.open || document.activeElement?.localName === 'input';
  if (!busy && !document.hidden) await show();
  setTimeout(live, Number(document.body.dataset.poll));
})();`;

/** Static, and of this file. */
const script = (nonce: string) => new Markup(`<script nonce="${nonce}">${SCRIPT}</script>`);

export const pageOf = ({ title, nonce, pollMs, controls }: PageParts): string =>
  html`${new Markup('<!doctype html>')}<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${new Markup(`<style>${STYLE}</style>`)}</head>
<body data-poll="${pollMs}"><header><h1>${title}</h1>${controls.map(
    ({ id, text, title: what }) => html`<button type="button" data-control="${id}" title="${what}">${text}</button>`,
  )}</header><main><div id="told" aria-live="polite"></div><div id="widget"></div></main>
<dialog id="ask" aria-label="Are you sure?"><form method="dialog"><p></p><div><button value="">Cancel</button><button value="yes">Yes, do it</button></div></form></dialog>${script(nonce)}</body></html>`.toString();
