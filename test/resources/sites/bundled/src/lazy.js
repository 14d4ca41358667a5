import './lazy.css';
import { shared } from './shared.js';

export async function open(element) {
  element.dataset.open = '%TOKEN_dynamic-import%';
  const nested = await import('./nested.js');
  element.dataset.price = shared().price;
  nested.finish(element);
}
