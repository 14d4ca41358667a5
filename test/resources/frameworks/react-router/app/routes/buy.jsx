export const loader = () => ({ price: '%TOKEN_prefetched-data%' });
export default ({ loaderData }) => <button data-token="%TOKEN_prefetched-route%">{loaderData.price}</button>;
