export default () => ({ token: '%TOKEN_fetched-on-client%' });
