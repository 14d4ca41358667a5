export async function start(builtIn) {
  window.tokens = [builtIn, '%TOKEN_bundled-script%', await (await fetch('/api/config.json')).json(), await (await fetch('/settings')).text()];
  const { late } = await import('./late.js');
  window.tokens.push(late);
  new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}
