export const load = () => ({ pricing: '%TOKEN_route-data%' });
