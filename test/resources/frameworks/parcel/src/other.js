export const other = () => window.tokens.push('%TOKEN_second-dynamic-import%');
