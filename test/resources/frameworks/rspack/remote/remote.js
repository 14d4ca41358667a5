export const buy = () => import('./inner.js').then(({ inner }) => window.tokens.push('%TOKEN_federated-module%', inner));
