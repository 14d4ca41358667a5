/** One style for CloudWatch and the local page, light and dark. Every name begins with `pw-`: dashboards have other widgets. */
import { html, Markup } from '../domain/html.ts';

const LIGHT = `--bg:#fff;--text:#16191f;--muted:#5a6472;--line:#dde1e6;--soft:#f4f6f8;--accent:#0057b8;
--green:#0a6b2f;--green-bg:#e6f6ea;--amber:#7a5200;--amber-bg:#fff3d6;--red:#b3141d;--red-bg:#fdeaea;--blue:#0b52ad;--blue-bg:#e8f1fd;--grey:#4a5461;--grey-bg:#eceff2;
--c-minted:#a5afba;--c-current:#2b9a4b;--c-grace:#5b93e6;--c-due:#8f6fd6;--c-held:#e39a1b;--c-orphan:#c3c9d0;--c-down:#d6303a;--mark:#3c4653;--webhook:#8033b8;--scan:#0b7285;--report:#0057b8;--hook:#b4530a`;
const DARK = `--bg:#0f1b2a;--text:#e8ebee;--muted:#a3b0bf;--line:#2b3b4d;--soft:#172739;--accent:#6cb3ff;
--green:#7ddf9a;--green-bg:#12331f;--amber:#ffcf70;--amber-bg:#3a2b0c;--red:#ff9c9c;--red-bg:#451a1e;--blue:#9cc7ff;--blue-bg:#16304f;--grey:#c3ccd6;--grey-bg:#26364a;
--c-minted:#77838f;--c-current:#35b35b;--c-grace:#5b93e6;--c-due:#a48ae6;--c-held:#f0ad33;--c-orphan:#566372;--c-down:#ff6b70;--mark:#c9d2dc;--webhook:#cf9cff;--scan:#5fd0e3;--report:#7bbcff;--hook:#ffab66`;

const CSS = `
.pw{${LIGHT};background:var(--bg);color:var(--text);font:14px/1.5 "Amazon Ember",system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;padding:16px;box-sizing:border-box;text-align:left}
.pw.pw-dark{${DARK};color-scheme:dark}
.pw *{box-sizing:border-box}
.pw h2,.pw h3,.pw p,.pw ul,.pw ol,.pw dl,.pw dd,.pw form{margin:0;padding:0;color:inherit;font-weight:inherit}
.pw ul,.pw ol{list-style:none}
.pw code{font:12.5px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:none;color:inherit;padding:0;border:0;overflow-wrap:anywhere}
.pw .pw-muted{color:var(--muted)}
.pw cwdb-action{display:none}
.pw .pw-verdict{display:flex;gap:10px;align-items:baseline;font-size:18px;line-height:1.35;font-weight:650;padding:12px 14px;border-radius:8px;background:var(--green-bg);color:var(--green)}
.pw .pw-verdict.pw-v-stake{background:var(--red-bg);color:var(--red)}
.pw-counts{display:flex;flex-wrap:wrap;gap:6px 8px;padding:10px 0 0!important}
.pw-chip{display:inline-block;font-size:12px;line-height:18px;font-weight:600;padding:1px 9px;border-radius:10px;white-space:nowrap;background:var(--grey-bg);color:var(--grey)}
.pw-chip.pw-stake{background:var(--red);color:var(--bg)}
.pw-chip.pw-attention{background:var(--red-bg);color:var(--red)}
.pw-chip.pw-held{background:var(--amber-bg);color:var(--amber)}
.pw-chip.pw-busy,.pw-chip.pw-grace{background:var(--blue-bg);color:var(--blue)}
.pw-chip.pw-healthy{background:var(--green-bg);color:var(--green)}
.pw .pw-search{display:flex;flex-wrap:wrap;gap:8px;align-items:center;padding:14px 0}
.pw-search label{display:flex;gap:8px;align-items:center;flex:1 1 220px;color:var(--muted)}
.pw-search input{flex:1;min-width:0;font:inherit;color:var(--text);background:var(--bg);border:1px solid var(--muted);border-radius:6px;padding:5px 10px}
.pw .pw-button{font:inherit;font-size:13px;font-weight:600;line-height:20px;color:var(--accent);background:var(--bg);border:1px solid var(--accent);border-radius:6px;padding:4px 12px;cursor:pointer;text-decoration:none}
.pw .pw-button.btn-primary{background:var(--accent);color:var(--bg)}
.pw .pw-button:hover{box-shadow:inset 0 0 0 1px var(--accent)}
.pw :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.pw-rows>li{display:grid;grid-template-columns:148px minmax(0,1fr) auto;gap:2px 14px;align-items:start;padding:12px 0;border-top:1px solid var(--line)}
.pw .pw-rows h2{font-size:15px;font-weight:650;overflow-wrap:anywhere}
.pw-rows p{overflow-wrap:anywhere}
.pw-rows .pw-strip{display:block;margin-top:6px}
.pw-pages{display:flex;gap:10px;align-items:center;justify-content:space-between;padding-top:12px;border-top:1px solid var(--line)}
.pw-head{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:center;padding:14px 0 10px}
.pw-head h2{font-size:20px;font-weight:650;overflow-wrap:anywhere}
.pw-why{display:grid;gap:8px;padding:0 0 12px!important}
.pw-why li{border-left:4px solid var(--blue);background:var(--soft);border-radius:0 6px 6px 0;padding:8px 12px;overflow-wrap:anywhere}
.pw-why li.pw-stake,.pw-why li.pw-attention{border-color:var(--red)}
.pw-why li.pw-held{border-color:var(--c-held)}
.pw-facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 16px}
.pw-facts dt{color:var(--muted)}
.pw-facts dd{overflow-wrap:anywhere}
.pw-section{font-size:15px!important;font-weight:650!important;padding:18px 0 6px!important}
.pw-actions{display:flex;flex-wrap:wrap;gap:8px;padding:12px 0 0}
.pw-lane{padding:8px 0 0}
.pw-lane-head{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:center;min-height:30px}
.pw-lane-head .pw-name{color:var(--muted);flex:1 1 90px;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.pw .pw-lane-head .pw-button{padding:1px 10px;font-weight:500}
.pw-line,.pw-axis{display:block;overflow:visible}
.pw-grid{stroke:var(--line);stroke-width:1}.pw-now{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:3 3}
.pw-axis{border-top:1px solid var(--line)}
.pw-axis text{font-size:11px;fill:var(--muted)}.pw-axis .pw-now-text{font-weight:650;fill:var(--text)}
.pw-minted{fill:var(--c-minted)}.pw-current{fill:var(--c-current)}.pw-grace{fill:var(--c-grace)}.pw-due{fill:var(--c-due)}.pw-held{fill:var(--c-held)}.pw-orphan{fill:var(--c-orphan)}
.pw-ahead{fill:none;stroke:var(--c-grace);stroke-width:1.5;stroke-dasharray:4 3}
.pw-revoked circle{fill:var(--mark)}.pw-lost circle{fill:var(--red)}
.pw-revoked path,.pw-lost path{stroke:var(--bg);stroke-width:2;fill:none;stroke-linecap:round}
.pw-down{fill:var(--c-down)}
.pw-m-action{fill:var(--mark)}.pw-m-webhook{fill:var(--webhook)}.pw-m-scan{fill:var(--scan)}.pw-m-report{fill:var(--report)}.pw-m-hook{fill:var(--hook)}.pw-m-several{fill:var(--grey)}
.pw-m-count text{font-size:10.5px;font-weight:700;fill:var(--bg)}
.pw-legend{display:flex;flex-wrap:wrap;gap:4px 16px;padding:8px 0 0!important;font-size:12px;color:var(--muted)}
.pw-legend li{display:flex;gap:6px;align-items:center}
.pw-table{width:100%;border-collapse:collapse}
.pw-table th,.pw-table td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-top:1px solid var(--line);overflow-wrap:break-word;color:inherit;background:none}.pw-table td:first-child{overflow-wrap:anywhere}
.pw-table th{font-weight:600;color:var(--muted);border-top:0;white-space:nowrap}
.pw-events li{display:grid;grid-template-columns:14px 118px minmax(0,1fr);gap:0 8px;padding:4px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.pw-events svg{margin-top:5px}
.pw details{padding-top:14px}.pw summary{cursor:pointer;font-weight:650;font-size:15px}
@media (max-width:640px){.pw{padding:12px}.pw .pw-verdict{font-size:16px}.pw-rows>li{grid-template-columns:minmax(0,1fr) auto}.pw-rows>li>.pw-body{grid-column:1/-1;grid-row:2}.pw-facts{grid-template-columns:minmax(0,1fr)}.pw-facts dd{padding-bottom:6px}.pw-events li{grid-template-columns:14px minmax(0,1fr)}.pw-events li>:last-child{grid-column:2}}
`;

/** Static, and of this file: the only markup besides `html` that is taken as it is. */
const STYLE = new Markup(`<style>${CSS.replace(/\n/g, '')}</style>`);

/** CloudWatch adds its own look unless an element says otherwise. */
export const framed = (theme: 'light' | 'dark', content: Markup): string =>
  html`<div class="cwdb-no-default-styles"></div>${STYLE}<div class="pw${theme === 'dark' && ' pw-dark'}">${content}</div>`.toString();
