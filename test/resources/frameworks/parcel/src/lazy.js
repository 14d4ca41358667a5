import { shared } from './shared.js'; import('./nested.js').then(({ nested }) => window.tokens.push(nested)); export const lazy = () => window.tokens.push('%TOKEN_dynamic-import%', shared);
