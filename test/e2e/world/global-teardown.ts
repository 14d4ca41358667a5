/** After the last suite: nothing is left running. */
export default async function tearDown(): Promise<void> {
  const { stopPaddlewheelE2e: stop } = globalThis as { stopPaddlewheelE2e?: () => Promise<[number | null]> };
  const [code] = (await stop?.()) ?? [0];
  if (code !== 0) throw new Error('what the functions sent, heard or logged is not as AWS has it: see above');
}
