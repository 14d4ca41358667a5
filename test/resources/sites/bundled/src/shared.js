const format = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });
export const shared = () => ({ price: format.format(12), token: '%TOKEN_static-import%' });
