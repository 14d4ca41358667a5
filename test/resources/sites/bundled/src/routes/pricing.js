export const render = ({ price }) => `pricing: ${price}`;
