export const load = () => ({ layout: '%TOKEN_layout-data%' });
