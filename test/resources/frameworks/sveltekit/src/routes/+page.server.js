export const load = () => ({
  page: '%TOKEN_page-data%',
  later: new Promise((resolve) => setTimeout(() => resolve('%TOKEN_streamed-data%'), 50)),
});
