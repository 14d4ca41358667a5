export const render = ({ price }) => `home: ${price}`;
