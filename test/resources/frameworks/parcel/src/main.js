import settings from './settings.json';
import { shared } from './shared.js';

window.tokens = ['%TOKEN_entry%', settings.token, shared];
const data = new URL('./plans.json', import.meta.url);
fetch(data).then((answer) => answer.json()).then((plans) => window.tokens.push(plans));
import('./lazy.js').then(({ lazy }) => lazy());
import('./other.js').then(({ other }) => other());
document.addEventListener('paddle:buy', () => import('./checkout.js').then(({ buy }) => buy()));
new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
navigator.serviceWorker.register(new URL('./sw.js', import.meta.url), { type: 'module' });
