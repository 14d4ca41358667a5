export default () => ({ token: '%TOKEN_fetched-without-a-telling-name%' });
