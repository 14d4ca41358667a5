export const loader = () => ({ token: '%TOKEN_fetcher-data%' });
