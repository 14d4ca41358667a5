export function finish(element) {
  element.dataset.finished = '%TOKEN_nested-dynamic-import%';
  import('./deepest.js').then(({ end }) => end(element));
}
