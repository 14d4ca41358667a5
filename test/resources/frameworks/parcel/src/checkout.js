export const buy = () => window.tokens.push('%TOKEN_on-event%');
