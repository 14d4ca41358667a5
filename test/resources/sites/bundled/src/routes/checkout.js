export const render = ({ price }) => `checkout: ${price} %TOKEN_lazy-route%`;
