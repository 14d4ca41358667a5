export const load = async ({ data, fetch }) => ({
  ...data,
  fetched: await (await fetch('/api/config')).json(),
});
