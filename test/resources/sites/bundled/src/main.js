import './style.css';
import { shared } from './shared.js';

const app = document.querySelector('#app');
const routes = {
  home: () => import('./routes/home.js'),
  pricing: () => import('./routes/pricing.js'),
  checkout: () => import('./routes/checkout.js'),
};

async function show(name) {
  const route = await routes[name]();
  app.textContent = route.render(shared());
}

app.dataset.entry = '%TOKEN_entry%';
app.addEventListener('click', async () => {
  const lazy = await import('./lazy.js');
  lazy.open(app);
});
window.addEventListener('hashchange', () => show(location.hash.slice(1)));
if ('serviceWorker' in navigator) navigator.serviceWorker.register('%BASE%sw.js');
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.postMessage('start');
show('home');
