export const buy = () => window.tokens.push('%TOKEN_federated-by-remote-entry%');
