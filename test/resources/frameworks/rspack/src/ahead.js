export const ahead = () => window.tokens.push('%TOKEN_prefetched-chunk%');
