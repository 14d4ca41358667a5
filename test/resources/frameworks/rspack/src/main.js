import { shared } from './shared.js';
import plans from './plans.json';

window.tokens = ['%TOKEN_entry%', shared, process.env.TOKEN];
fetch(plans).then((answer) => answer.json()).then((value) => window.tokens.push(value));
import('./lazy.js').then(({ lazy }) => lazy());
import(/* webpackPrefetch: true, webpackChunkName: "ahead" */ './ahead.js').then(({ ahead }) => ahead());
for (const part of ['a', 'b']) import(`./parts/${part}.js`).then((each) => window.tokens.push(each.part));
import('checkout/Buy').then(({ buy }) => buy());
import('classic/Buy').then(({ buy }) => buy());
new Worker(new URL('./worker.js', import.meta.url));
